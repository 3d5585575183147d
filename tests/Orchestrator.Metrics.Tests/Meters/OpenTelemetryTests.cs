using OpenTelemetry;
using OpenTelemetry.Metrics;
using Orchestrator.Metrics.Tests.Collection;
using Orchestrator.Metrics.Tests.Exposition;
using SdkType = OpenTelemetry.Metrics.MetricType;

namespace Orchestrator.Metrics.Tests.Meters;

public class OpenTelemetryTests
{
    [Test]
    public async Task Exported_points_of_the_golden_families_equal_their_exposition()
    {
        using var sdk = new InMemorySdk();
        await using var host = await MeterHost.StartGoldenAsync();
        await host.ReadFirstAsync();

        var golden = System.Text.Encoding.UTF8.GetString(GoldenRows.Exposition) + "# EOF\n";
        Assert.That(
            sdk.ExportPoints().ToComparable(), Is.EqualTo(ReadSampleExtensions.ParseSamples(golden).ToComparable()));
        Assert.That(
            sdk.Metrics.Select(metric => (metric.Name, metric.MetricType, metric.Unit)),
            Is.EqualTo(new[]
            {
                ("wfo_subscriptions_count", SdkType.DoubleGauge, "{count}"),
                ("wfo_process_count", SdkType.DoubleGauge, "{count}"),
                ("wfo_process_seconds_total_count", SdkType.DoubleGauge, "{count}"),
                ("wfo_engine_status", SdkType.DoubleGauge, ""),
                ("wfo_active_process_count", SdkType.DoubleGauge, "{count}"),
            }));
    }

    [Test]
    public async Task Every_metric_type_is_exported_except_for_the_ignored_names_in_the_log()
    {
        using var sdk = new InMemorySdk();
        await using var host = await MeterHost.StartAsync(
            FakeCollector.Returning([.. AllTypes.CreateSnapshot().Families]));
        var samples = await host.ReadFirstAsync();

        Assert.That(
            sdk.ExportPoints().ToComparable(),
            Is.EqualTo(samples.Where(sample => sample.Name != "acme:raw").ToComparable()));
        Assert.That(host.Metrics.Log.Entries.Single().Message, Does.Contain("acme:raw"));
        Assert.That(
            sdk.Metrics.Where(metric => metric.MetricType == SdkType.DoubleSum).Select(metric => metric.Name),
            Is.EquivalentTo(new[]
            {
                "acme_cpu_seconds_total", "http.requests_total", "acme_latency_count", "acme_latency_sum",
                "acme_size_bytes_bucket", "acme_size_bytes_count", "acme_size_bytes_sum",
                "http.server.duration_seconds_bucket", "http.server.duration_seconds_count",
                "http.server.duration_seconds_sum", "acme_delta_bucket",
            }));
    }

    [Test]
    public async Task Series_that_disappear_or_fail_are_not_exported()
    {
        var collector = new GatedCollector("x");
        using var sdk = new InMemorySdk();
        await using var host = await MeterHost.StartAsync(collector);
        (await collector.WaitForRunAsync()).Return(1);
        await host.ReadUntilAsync("x", 1);
        Assert.That(sdk.ExportPoints().Single().Value, Is.EqualTo(1));

        host.AdvanceInterval();
        (await collector.WaitForRunAsync()).Fail(new InvalidOperationException());
        await host.ReadUntilAsync(samples => samples.Length == 0);
        Assert.That(sdk.ExportPoints(), Is.Empty);

        host.AdvanceInterval();
        (await collector.WaitForRunAsync()).Return(3);
        await host.ReadUntilAsync("x", 3);
        Assert.That(sdk.ExportPoints().Single().Value, Is.EqualTo(3));
    }

    [Test]
    public async Task Counter_is_exported_as_its_total()
    {
        var total = 0;
        using var sdk = new InMemorySdk();
        await using var host = await MeterHost.StartAsync(new FakeCollector(_ =>
        {
            var family = MetricFamily.Counter("x", "");
            family.Add(total += 10);
            return Task.FromResult<IReadOnlyList<MetricFamily>>([family]);
        }));

        await host.ReadUntilAsync("x_total", 10);
        Assert.That(sdk.ExportPoints().Single().Value, Is.EqualTo(10));
        host.AdvanceInterval();
        await host.ReadUntilAsync("x_total", 20);
        Assert.That(sdk.ExportPoints().Single().Value, Is.EqualTo(20));
    }

    [Test]
    public async Task SDK_merges_series_above_two_thousand_unless_a_view_raises_the_limit()
    {
        var family = MetricFamily.Gauge("wfo_x", "", "i");
        for (var i = 0; i < 10_000; i++)
            family.Add(i, $"{i}");
        using var plain = new InMemorySdk();
        using var raised = new InMemorySdk(metrics => metrics.AddView(
            "wfo_*", new MetricStreamConfiguration { CardinalityLimit = 10_000 }));
        await using var host = await MeterHost.StartAsync(FakeCollector.Returning(family));
        var samples = await host.ReadFirstAsync();

        var merged = plain.ExportPoints();
        Assert.That(merged, Has.Length.EqualTo(2001));
        Assert.That(merged.Count(point => point["otel.metric.overflow"] == "True"), Is.EqualTo(1));
        Assert.That(raised.ExportPoints().ToComparable(), Is.EqualTo(samples.ToComparable()));
    }

    private sealed class InMemorySdk : IDisposable
    {
        private readonly List<Metric> _metrics = [];
        private readonly MeterProvider _provider;

        public InMemorySdk(Action<MeterProviderBuilder>? configure = null)
        {
            var builder = Sdk.CreateMeterProviderBuilder()
                .AddMeter("Orchestrator.Metrics")
                .AddInMemoryExporter(_metrics);
            configure?.Invoke(builder);
            _provider = builder.Build();
        }

        public IReadOnlyList<Metric> Metrics => _metrics;

        public ReadSample[] ExportPoints()
        {
            _metrics.Clear();
            _provider.ForceFlush();
            var points = new List<ReadSample>();
            foreach (var metric in _metrics)
            {
                foreach (ref readonly var point in metric.GetMetricPoints())
                {
                    var labels = new List<KeyValuePair<string, string>>();
                    foreach (var tag in point.Tags)
                        labels.Add(new(tag.Key, tag.Value!.ToString()!));
                    var value = metric.MetricType == SdkType.DoubleGauge
                        ? point.GetGaugeLastValueDouble()
                        : point.GetSumDouble();
                    points.Add(new ReadSample(metric.Name, [.. labels], value, Timestamp: null));
                }
            }

            return [.. points];
        }

        public void Dispose() => _provider.Dispose();
    }
}
