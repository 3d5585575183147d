using System.Diagnostics.Metrics;
using Orchestrator.Metrics.Tests.Exposition;

namespace Orchestrator.Metrics.Tests.Meters;

public class InstrumentTests
{
    [Test]
    public async Task Readings_of_the_golden_families_equal_the_samples_of_the_golden_exposition()
    {
        await using var host = await MeterHost.StartGoldenAsync();

        var samples = await host.ReadFirstAsync();

        var golden = System.Text.Encoding.UTF8.GetString(GoldenRows.Exposition) + "# EOF\n";
        Assert.That(samples.ToComparable(), Is.EqualTo(ReadSampleExtensions.ParseSamples(golden).ToComparable()));
        Assert.That(samples, Has.Length.GreaterThan(10));
    }

    [Test]
    public async Task Readings_of_every_metric_type_equal_the_samples_of_the_exposition()
    {
        var snapshot = AllTypes.CreateSnapshot();
        await using var host = await MeterHost.StartAsync(FakeCollector.Returning([.. snapshot.Families]));

        var samples = await host.ReadFirstAsync();

        Assert.That(
            samples.ToComparable(),
            Is.EqualTo(ReadSampleExtensions.ParseSamples(
                snapshot.ToText(ExpositionFormat.OpenMetrics.WithEscaping(EscapingScheme.AllowUtf8))).ToComparable()));
    }

    [Test]
    public async Task Every_metric_type_has_the_approved_instruments()
    {
        await using var host = await MeterHost.StartAsync(
            FakeCollector.Returning([.. AllTypes.CreateSnapshot().Families]));
        await host.ReadFirstAsync();

        Snapshot.AssertMatches(string.Concat(host.Meter.Instruments.Select(instrument =>
            $"{instrument.GetType().Name[..^2]} {instrument.Name}, unit {instrument.Unit ?? "none"}, " +
            $"{instrument.Description?.ReplaceLineEndings("\\n") ?? "no description"}\n")));
    }

    [Test]
    public async Task Instruments_report_nothing_until_all_of_them_exist()
    {
        var readings = 0;
        using var early = new MeterListener();
        early.SetMeasurementEventCallback<double>((_, _, _, _) => readings++);
        early.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name != "Orchestrator.Metrics")
                return;
            listener.EnableMeasurementEvents(instrument);
            listener.RecordObservableInstruments();
        };
        early.Start();
        await using var host = await MeterHost.StartAsync(
            FakeCollector.Returning([.. AllTypes.CreateSnapshot().Families]));
        await host.ReadFirstAsync();

        Assert.That(readings, Is.Zero);
    }

    [TestCase("seconds", "s")]
    [TestCase("bytes", "By")]
    [TestCase("ratio", "1")]
    [TestCase("celsius", "Cel")]
    [TestCase("meters", "m")]
    [TestCase("volts", "V")]
    [TestCase("amperes", "A")]
    [TestCase("joules", "J")]
    [TestCase("grams", "g")]
    [TestCase("count", "{count}")]
    [TestCase("s", "{s}")]
    [TestCase("", null)]
    public async Task Unit_is_translated_to_OpenTelemetry_if_the_name_ends_in_the_unit(string unit, string? expected)
    {
        var gauge = MetricFamily.Create(MetricType.Gauge, "a", "", unit: unit);
        var counter = MetricFamily.Create(MetricType.Counter, "b", "", unit: unit);
        gauge.Add(1);
        counter.Add(1);
        await using var host = await MeterHost.StartAsync(FakeCollector.Returning(gauge, counter));
        await host.ReadUntilAsync(samples => samples.Length == 2);

        Assert.That(
            host.Meter.Instruments.Select(instrument => instrument.Unit), Is.EqualTo(new[] { expected, null }));
    }

    [Test]
    public async Task Label_values_are_exported_unchanged()
    {
        string[] values = ["", " ", "\0", "a\"b\\c\nd\re", "\uD83D", "😀", "# EOF", new string('x', 100_000)];
        var family = MetricFamily.Gauge("x", "", "value");
        for (var i = 0; i < values.Length; i++)
            family.Add(i, values[i]);
        await using var host = await MeterHost.StartAsync(FakeCollector.Returning(family));

        var samples = await host.ReadFirstAsync();

        Assert.That(samples.Select(sample => sample["value"]), Is.EqualTo(values));
    }

    [Test]
    public async Task Ten_thousand_series_are_exported()
    {
        var family = MetricFamily.Gauge("x", "", "a", "b", "c");
        for (var i = 0; i < 10_000; i++)
            family.Add(i, $"a{i}", "b", $"c{i}");
        await using var host = await MeterHost.StartAsync(FakeCollector.Returning(family));

        var samples = await host.ReadFirstAsync();

        Assert.That(samples, Has.Length.EqualTo(10_000));
        for (var i = 0; i < 10_000; i++)
        {
            var sample = samples[i];
            if (sample.Value != i || sample["a"] != $"a{i}" || sample["b"] != "b" || sample["c"] != $"c{i}")
                Assert.Fail($"Sample {i} is {sample}. Expected the value {i} and the labels of series {i}.");
        }
    }

    [Test]
    public async Task Instrument_whose_name_OpenTelemetry_ignores_is_logged_once()
    {
        string[] fine = ["A", "a.b-c/d_1", new string('x', 255)];
        string[] ignored = ["_a", "a:b", "über", "2z", "a b", new string('y', 256)];
        var families = fine.Concat(ignored).Select(CreateGauge).ToArray();
        var runs = new Queue<IReadOnlyList<MetricFamily>>([families, [.. families, CreateGauge("second")]]);
        await using var host = await MeterHost.StartAsync(new FakeCollector(_ => Task.FromResult(runs.Dequeue())));
        await host.ReadUntilAsync(samples => samples.Length == fine.Length + ignored.Length);
        host.AdvanceInterval();
        await host.ReadUntilAsync("second", 1);
        await host.StopAsync();

        Assert.That(
            host.Metrics.Log.Entries.Select(entry => entry.Message),
            Is.EqualTo(ignored.Select(name =>
                $"OpenTelemetry ignores the instrument {name}: a name must start with an ASCII letter, contain only " +
                "ASCII letters, ASCII digits, '_', '.', '-' and '/', and have at most 255 characters. Rename the " +
                "family.")));

        static MetricFamily CreateGauge(string name)
        {
            var family = MetricFamily.Create(
                MetricType.Gauge, name, "", nameValidation: NameValidationScheme.Utf8);
            family.Add(1);
            return family;
        }
    }

    [Test]
    public async Task Family_that_reappears_uses_the_same_instrument()
    {
        var families = new Queue<IReadOnlyList<MetricFamily>>(
            [FakeCollector.CreateGauge("x", 1), FakeCollector.CreateGauge("other", 2), FakeCollector.CreateGauge("x", 3)]);
        await using var host = await MeterHost.StartAsync(
            new FakeCollector(_ => Task.FromResult(families.Dequeue())));

        await host.ReadUntilAsync("x", 1);
        host.AdvanceInterval();
        var without = await host.ReadUntilAsync("other", 2);
        host.AdvanceInterval();
        var back = await host.ReadUntilAsync("x", 3);

        Assert.That(without.Select(sample => sample.Name), Is.EqualTo(new[] { "other" }));
        Assert.That(back.Select(sample => sample.Name), Is.EqualTo(new[] { "x" }));
        Assert.That(
            host.Meter.Instruments.Select(instrument => instrument.Name), Is.EqualTo(new[] { "x", "other" }));
    }

    [Test]
    public async Task Series_that_disappears_is_not_reported()
    {
        var run = 0;
        await using var host = await MeterHost.StartAsync(new FakeCollector(_ =>
        {
            var family = MetricFamily.Gauge("x", "", "a");
            for (var i = ++run; i <= 2; i++)
                family.Add(i, $"{i}");
            return Task.FromResult<IReadOnlyList<MetricFamily>>([family]);
        }));

        await host.ReadUntilAsync(samples => samples.Length == 2);
        host.AdvanceInterval();
        var left = await host.ReadUntilAsync(samples => samples.Length == 1);

        Assert.That(left.Single()["a"], Is.EqualTo("2"));
    }

    [Test]
    public async Task Sample_name_that_changes_between_gauge_and_counter_has_two_instruments()
    {
        var counter = MetricFamily.Counter("x", "");
        counter.Add(2);
        var families = new Queue<IReadOnlyList<MetricFamily>>(
            [FakeCollector.CreateGauge("x_total", 1), [counter], FakeCollector.CreateGauge("x_total", 3)]);
        await using var host = await MeterHost.StartAsync(
            new FakeCollector(_ => Task.FromResult(families.Dequeue())));

        await host.ReadUntilAsync("x_total", 1);
        host.AdvanceInterval();
        var counted = await host.ReadUntilAsync("x_total", 2);
        host.AdvanceInterval();
        var gauged = await host.ReadUntilAsync("x_total", 3);

        Assert.That((counted.Length, gauged.Length), Is.EqualTo((1, 1)));
        Assert.That(
            host.Meter.Instruments.Select(instrument => instrument.GetType()),
            Is.EqualTo(new[] { typeof(ObservableGauge<double>), typeof(ObservableCounter<double>) }));
    }

    [Test]
    public async Task Gauge_whose_type_becomes_unknown_keeps_its_instrument()
    {
        var unknown = MetricFamily.Unknown("x", "");
        unknown.Add(2);
        var families = new Queue<IReadOnlyList<MetricFamily>>([FakeCollector.CreateGauge("x", 1), [unknown]]);
        await using var host = await MeterHost.StartAsync(
            new FakeCollector(_ => Task.FromResult(families.Dequeue())));

        await host.ReadUntilAsync("x", 1);
        host.AdvanceInterval();
        await host.ReadUntilAsync("x", 2);

        Assert.That(host.Meter.Instruments, Has.Count.EqualTo(1));
    }
}
