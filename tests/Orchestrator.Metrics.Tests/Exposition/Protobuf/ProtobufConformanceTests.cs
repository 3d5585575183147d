using System.Text.Json;
using CsCheck;
using Google.Protobuf;
using Orchestrator.Metrics.Tests.Messages;

namespace Orchestrator.Metrics.Tests.Exposition.Protobuf;

public class ProtobufConformanceTests
{
    [TestCaseSource(typeof(ConformanceTests), nameof(ConformanceTests.ReadVectors))]
    public void Protobuf_has_the_samples_of_prometheus_client(JsonElement vector)
    {
        var expected = MetricsSnapshot.Parse(vector.GetProperty("openmetrics").GetString()!).Families.Select(
            family => ProtobufFamily.ConvertToProtobuf(new ReadFamily(
                family.Name, family.Type.ToString().ToLowerInvariant(), family.Help, family.Unit,
                [.. family.Samples.Select(ReadSample.Create)])));

        AssertEqual([.. VectorFamilies.BuildSnapshot(vector).Families], expected);
    }

    [Test]
    public void Written_protobuf_is_read_as_the_same_families() => GeneratedFamily.Several.Sample(
        families => WriteAndDescribe([.. families.Select(family => family.Family)])
            == DescribeExpected(families.Select(family => ProtobufFamily.ConvertToProtobuf(family.Expected))),
        iter: 2_000);

    [Test]
    public void Protobuf_of_all_types_is_approved(
        [Values(EscapingScheme.Underscores, EscapingScheme.AllowUtf8)] EscapingScheme escaping)
    {
        var exposition = ProtobufFamily.Write(
            ExpositionFormat.Protobuf.WithEscaping(escaping), [.. AllTypes.CreateSnapshot().Families]);
        var json = new JsonFormatter(JsonFormatter.Settings.Default.WithIndentation());
        Snapshot.AssertMatches(
            string.Concat(ProtobufMessages.Read(exposition).Select(family => json.Format(family) + "\n")),
            suffix: escaping.ToString());
    }

    [Test]
    public void Labels_of_every_length_are_read_back()
    {
        foreach (var length in (int[])[0, 1, .. Enumerable.Range(115, 15), 16_383, 70_000])
        {
            foreach (var text in (string[])[new('x', length), new('é', length), new('\uD83D', length)])
            {
                var name = "n" + new string('_', Math.Min(length, 300));
                var family = MetricFamily.Gauge("acme", text, name, "b");
                family.Add(1, text, "");
                family.Add(MetricPoint.Gauge(2, DateTimeOffset.UnixEpoch.AddDays(-1)), "", "z" + text);
                var counter = MetricFamily.Counter("acme_jobs", text, name);
                counter.Add(MetricPoint.Counter(1, exemplar: new Exemplar(5, [])), text);

                var withoutTimestamp = MetricFamily.Gauge("acme_now", text, name);
                withoutTimestamp.Add(3, text);

                AssertEqualToText(family, counter, withoutTimestamp);
            }
        }
    }

    [Test]
    public void Label_with_a_special_character_at_any_position_is_read_back()
    {
        var family = MetricFamily.Gauge("acme", "", "text");
        for (var length = 1; length <= 40; length++)
        {
            var text = new string('x', length);
            family.Add(1, text);
            for (var i = 0; i < length; i++)
            {
                foreach (var character in "\u0080\u0100\u8000\uFFFF\"\\\n")
                    family.Add(2, text[..i] + character + text[(i + 1)..]);
            }
        }

        AssertEqualToText(family);
    }

    [Test]
    public void Family_of_many_blocks_is_one_message()
    {
        var gauge = MetricFamily.Gauge("acme_a", "", "n", "customer");
        var histogram = MetricFamily.Histogram("acme_b", "", "n");
        for (var i = 0; i < 20_000; i++)
        {
            gauge.Add(i, i.ToString(System.Globalization.CultureInfo.InvariantCulture), i % 100 == 0 ? "日本" : "acme");
            if (i < 2_000)
                histogram.Add(MetricPoint.Histogram([new(1, i), new(double.PositiveInfinity, 2 * i)], i),
                    i.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        var exposition = ProtobufFamily.Write(ExpositionFormat.Protobuf, gauge, histogram);
        Assert.That(ProtobufMessages.Read(exposition), Has.Count.EqualTo(2));
        AssertEqualToText(gauge, histogram);
    }

    [Test]
    public void Restricted_snapshot_has_whole_metrics()
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        var snapshot = AllTypes.CreateSnapshot();
        snapshot.Restrict(["acme_size_bytes_count", "acme_cpu_seconds_created"]).Write(buffer, ExpositionFormat.Protobuf);

        var whole = ProtobufMessages.Read(ProtobufFamily.Write(ExpositionFormat.Protobuf, [.. snapshot.Families]));
        Assert.That(
            ProtobufMessages.Read(buffer.WrittenSpan.ToArray()),
            Is.EqualTo(whole.Where(family => family.Name is "acme_cpu_seconds_total" or "acme_size_bytes")));
    }

    [Test]
    public void Snapshot_without_samples_is_empty() => Assert.Multiple(() =>
    {
        Assert.That(ProtobufFamily.Write(ExpositionFormat.Protobuf), Is.Empty);
        Assert.That(ProtobufFamily.Write(ExpositionFormat.Protobuf, MetricFamily.Gauge("acme", "Help.")), Is.Empty);
    });

    private static void AssertEqualToText(params MetricFamily[] families) => AssertEqual(
        families,
        ReadFamily.Parse(ExpositionText.Of(ExpositionFormat.OpenMetrics, families))
            .Select(ProtobufFamily.ConvertToProtobuf));

    private static void AssertEqual(MetricFamily[] families, IEnumerable<ReadFamily> expected) =>
        Assert.That(WriteAndDescribe(families), Is.EqualTo(DescribeExpected(expected)));

    private static string WriteAndDescribe(MetricFamily[] families) =>
        ProtobufFamily.Describe(ProtobufFamily.Read(ProtobufFamily.Write(ExpositionFormat.Protobuf, families)));

    private static string DescribeExpected(IEnumerable<ReadFamily> families) =>
        ProtobufFamily.Describe(families.Where(family => family.Samples.Count > 0));
}
