using System.Globalization;
using System.Text;

namespace Orchestrator.Metrics.Tests.Exposition;

public class ExpositionWriterTests
{
    private const int BufferSize = ExpositionWriter.BufferSize;

    internal static readonly ExpositionFormat[] Formats =
    [
        ExpositionFormat.PrometheusText, ExpositionFormat.PrometheusTextV1.WithEscaping(EscapingScheme.Values),
        ExpositionFormat.OpenMetrics, ExpositionFormat.OpenMetrics.WithEscaping(EscapingScheme.AllowUtf8),
    ];

    [TestCaseSource(nameof(Formats))]
    public void Output_does_not_depend_on_the_block_sizes_of_the_buffer(ExpositionFormat format)
    {
        var random = new Random(7);
        MetricsSnapshot[] snapshots =
            [AllTypes.CreateSnapshot(), ManySamples.CreateGauges(3_000), CreateLongValues(20_000)];
        foreach (var snapshot in snapshots)
        {
            var expected = snapshot.ToText(format);
            foreach (var extra in (Func<int, int>[])[_ => 0, _ => 1, _ => random.Next(100), _ => 70_000])
                Assert.That(Encoding.UTF8.GetString(Write(snapshot, format, extra).Written), Is.EqualTo(expected));
        }
    }

    [TestCaseSource(nameof(Formats))]
    public void Every_line_fits_the_memory_requested_for_it(ExpositionFormat format)
    {
        MetricsSnapshot[] snapshots = [AllTypes.CreateSnapshot(), CreateWidestNames(), CreateLongValues(100)];
        foreach (var snapshot in snapshots)
        {
            var memory = new HostileBufferWriter(_ => 0);
            var output = new Utf8Output(memory, blockSize: 1);
            foreach (var section in snapshot.Families.SelectMany(
                family => ExpositionSection.Split(family, SampleSuffix.All, format.IsOpenMetrics)))
            {
                section.WriteHeader(ref output, format);
                var lines = new SampleWriter(section, format);
                foreach (var chunk in section.Family.Store.Chunks)
                {
                    for (var i = 0; i < chunk.Count; i++)
                        lines.Write(ref output, chunk, i);
                }
            }

            output.Flush();
            var end = format.IsOpenMetrics ? "# EOF\n" : "";
            Assert.That(Encoding.UTF8.GetString(memory.Written) + end, Is.EqualTo(snapshot.ToText(format)));
        }
    }

    [Test]
    public void Blocks_end_at_the_end_of_a_line()
    {
        var writer = ExpositionWriter.Create(ManySamples.CreateGauges(20_000), ExpositionFormat.OpenMetrics);
        for (var more = true; more;)
        {
            var output = new HostileBufferWriter(_ => 0);
            more = writer.WriteBlock(output);
            Assert.That(output.Written[^1], Is.EqualTo((byte)'\n'));
        }
    }

    [Test]
    public void Blocks_fill_most_of_the_requested_memory_even_if_the_buffer_returns_more(
        [Values(0, 4096, 1 << 20, 8 << 20)] int extra)
    {
        var writer = ExpositionWriter.Create(ManySamples.CreateGauges(100_000), ExpositionFormat.PrometheusText);
        var sizes = new List<int>();
        for (var more = true; more;)
        {
            var output = new HostileBufferWriter(_ => extra);
            more = writer.WriteBlock(output);
            sizes.Add(output.Length);
        }

        Assert.Multiple(() =>
        {
            Assert.That(sizes.Count, Is.GreaterThan(20), "number of blocks");
            Assert.That(sizes.Max(), Is.LessThanOrEqualTo(BufferSize));
            Assert.That(
                sizes.SkipLast(1), Has.All.GreaterThan(BufferSize * 7 / 8), "only the last block is much smaller");
        });
    }

    [Test]
    public void Label_value_of_a_million_characters_is_written_completely()
    {
        var value = string.Concat(Enumerable.Repeat("é\n\"\\😀x", 150_000));
        var family = MetricFamily.Gauge("acme", "", "text");
        family.Add(1, value);
        family.Add(2, "short");
        var escaped = value.Replace("\\", "\\\\").Replace("\n", "\\n").Replace("\"", "\\\"");

        Assert.That(
            Encoding.UTF8.GetString(
                Write(new MetricsSnapshot([family]), ExpositionFormat.PrometheusText, _ => 0).Written),
            Is.EqualTo(
                $"# HELP acme \n# TYPE acme gauge\nacme{{text=\"{escaped}\"}} 1.0\nacme{{text=\"short\"}} 2.0\n"));
    }

    [Test]
    public void Hundred_thousand_samples_are_written_once_and_in_order()
    {
        var lines = ManySamples.CreateGauges(100_000).ToText(ExpositionFormat.PrometheusText).Split('\n');

        Assert.That(lines, Has.Length.EqualTo(100_003));
        for (var i = 0; i < 100_000; i++)
        {
            var expected = string.Create(
                CultureInfo.InvariantCulture, $"acme{{n=\"{i}\",zone=\"north\"}} {NumberFormat.FormatGo(i)}");
            if (lines[i + 2] != expected)
                Assert.Fail($"Line {i + 2} is '{lines[i + 2]}' instead of '{expected}'.");
        }
    }

    [Test]
    public void Thousands_of_families_are_written_block_by_block()
    {
        var families = Enumerable.Range(0, 5_000)
            .Select(i => MetricFamily.Gauge("acme_" + i.ToString(CultureInfo.InvariantCulture), "No samples at all."))
            .ToArray();
        var snapshot = new MetricsSnapshot(families);
        var writer = ExpositionWriter.Create(snapshot, ExpositionFormat.OpenMetrics);
        var first = new HostileBufferWriter(_ => 0);

        Assert.Multiple(() =>
        {
            Assert.That(writer.WriteBlock(first), Is.True);
            Assert.That(first.Length, Is.LessThan(2 * BufferSize));
            Assert.That(snapshot.ToText(ExpositionFormat.OpenMetrics).Split('\n'), Has.Length.EqualTo(10_002));
        });
    }

    private static HostileBufferWriter Write(MetricsSnapshot snapshot, ExpositionFormat format, Func<int, int> extra)
    {
        var output = new HostileBufferWriter(extra);
        snapshot.Write(output, format);
        return output;
    }

    // Names that grow the most when escaped, and the longest numbers.
    private static MetricsSnapshot CreateWidestNames()
    {
        var name = "\U0010FFFF" + new string('\uFFFF', 500);
        var time = new DateTimeOffset(9999, 12, 31, 23, 59, 59, 999, TimeSpan.Zero);
        var labels = new KeyValuePair<string, string>[] { new(name, ""), new(name + "2", "\n\"\\") };
        var info = MetricFamily.Create(MetricType.Info, name, "", [], "", NameValidationScheme.Utf8);
        info.Add(MetricPoint.Info(labels, time));
        info.Add(MetricPoint.Info([]));
        var counter = MetricFamily.Create(
            MetricType.Counter, name + "c", "", [name, name + "2"], "", NameValidationScheme.Utf8);
        var exemplar = new Exemplar(-2.2250738585072014e-308, labels, -1.2345678901234567e-300);
        counter.Add(MetricPoint.Counter(2.2250738585072014e-308, time, exemplar, time), name, "é");
        return new MetricsSnapshot([info, counter]);
    }

    private static MetricsSnapshot CreateLongValues(int length)
    {
        var family = MetricFamily.Gauge("acme", new string('h', length), "text");
        for (var i = 0; i < 20; i++)
            family.Add(i, new string('"', length + i) + "\uD83D");
        return new MetricsSnapshot([family]);
    }
}
