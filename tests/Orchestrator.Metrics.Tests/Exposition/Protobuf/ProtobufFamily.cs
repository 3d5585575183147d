using Google.Protobuf.WellKnownTypes;
using Orchestrator.Metrics.Tests.Messages;

namespace Orchestrator.Metrics.Tests.Exposition.Protobuf;

/// <summary>Writes families as protobuf, and reads protobuf into the same records as OpenMetrics.</summary>
internal static class ProtobufFamily
{
    public static byte[] Write(ExpositionFormat format, params MetricFamily[] families)
    {
        using var stream = new MemoryStream();
        new MetricsSnapshot(families).WriteAsync(stream, format).GetAwaiter().GetResult();
        return stream.ToArray();
    }

    public static IEnumerable<ReadFamily> Read(byte[] exposition) =>
        ProtobufMessages.Read(exposition).Select(family => new ReadFamily(
            family.Name, GetTypeName(family.Type), family.Help, family.Unit,
            [.. family.Metric.SelectMany(metric => ReadSamples(family, metric))]));

    public static ReadFamily ConvertToProtobuf(ReadFamily family) => family with
    {
        Name = family.Type switch
        {
            "counter" => family.Name + "_total",
            "info" => family.Name + "_info",
            _ => family.Name,
        },
        Type = family.Type switch
        {
            "info" or "stateset" => "gauge",
            "gaugehistogram" => "histogram",
            _ => family.Type,
        },
        Samples =
        [
            .. family.Samples.Select(sample => sample with
            {
                Name = family.Type == "gaugehistogram" && !sample.Name.EndsWith("_bucket", StringComparison.Ordinal)
                    ? family.Name + sample.Name[family.Name.Length..].Replace("_g", "_", StringComparison.Ordinal)
                    : sample.Name,
                Timestamp = sample.Timestamp is { } seconds ? Math.Truncate(seconds * 1000) / 1000 : null,
            }),
        ],
    };

    public static string Describe(IEnumerable<ReadFamily> families) => string.Concat(families.Select(family =>
        $"{family.Type} {family.Name} [{family.Unit}] {family.Help}\n" +
        string.Concat(family.Samples.Select(sample => $"  {sample}\n"))));

    private static string GetTypeName(Messages.MetricType type) => type switch
    {
        Messages.MetricType.Untyped => "unknown",
        _ => type.ToString().ToLowerInvariant(),
    };

    private static IEnumerable<ReadSample> ReadSamples(Messages.MetricFamily family, Metric metric)
    {
        var labels = metric.Label.Select(label => KeyValuePair.Create(label.Name, label.Value)).ToArray();
        return family.Type switch
        {
            Messages.MetricType.Counter => ReadCounter(metric.Counter),
            Messages.MetricType.Summary => ReadSummary(metric.Summary),
            Messages.MetricType.Histogram => ReadHistogram(metric.Histogram),
            Messages.MetricType.Untyped => [CreateSample("", metric.Untyped.Value)],
            _ => [CreateSample("", metric.Gauge.Value)],
        };

        IEnumerable<ReadSample> ReadCounter(Counter counter) =>
        [
            CreateSample("", counter.Value) with { Exemplar = ReadExemplar(counter.Exemplar) },
            .. ReadCreated(counter.CreatedTimestamp),
        ];

        IEnumerable<ReadSample> ReadSummary(Summary summary) =>
        [
            .. summary.Quantile.Select(quantile => CreateSample("", quantile.Value, ("quantile", quantile.Quantile_))),
            .. CreateOptional(summary.HasSampleCount, "_count", summary.SampleCount),
            .. CreateOptional(summary.HasSampleSum, "_sum", summary.SampleSum),
            .. ReadCreated(summary.CreatedTimestamp),
        ];

        // Protobuf always has a count. OpenMetrics has a count only together with a sum.
        IEnumerable<ReadSample> ReadHistogram(Histogram histogram) =>
        [
            .. histogram.Bucket.Select(bucket => CreateSample(
                "_bucket", bucket.HasCumulativeCountFloat ? bucket.CumulativeCountFloat : bucket.CumulativeCount,
                ("le", bucket.UpperBound)) with { Exemplar = ReadExemplar(bucket.Exemplar) }),
            .. CreateOptional(
                histogram.HasSampleSum, "_count",
                histogram.HasSampleCountFloat ? histogram.SampleCountFloat : histogram.SampleCount),
            .. CreateOptional(histogram.HasSampleSum, "_sum", histogram.SampleSum),
            .. ReadCreated(histogram.CreatedTimestamp),
        ];

        IEnumerable<ReadSample> ReadCreated(Timestamp? created) =>
            created is null ? [] : [CreateSample("_created", ToSeconds(created)!.Value)];

        IEnumerable<ReadSample> CreateOptional(bool present, string suffix, double value) =>
            present ? [CreateSample(suffix, value)] : [];

        ReadSample CreateSample(string suffix, double value, params (string Name, double Value)[] own)
        {
            var name = family.Type == Messages.MetricType.Counter && suffix == "_created"
                ? family.Name[..^"_total".Length]
                : family.Name;
            return new(
                name + suffix,
                [
                    .. labels.Concat(own.Select(label => KeyValuePair.Create(
                        label.Name, PythonNumbers.FloatToGoString(label.Value))))
                    .OrderBy(label => label.Key, CodePointComparer.Instance),
                ],
                value, metric.HasTimestampMs ? metric.TimestampMs / 1000.0 : null);
        }
    }

    private static ReadSample? ReadExemplar(Messages.Exemplar? exemplar) => exemplar is null
        ? null
        : new("", [.. exemplar.Label.Select(label => KeyValuePair.Create(label.Name, label.Value))], exemplar.Value,
            ToSeconds(exemplar.Timestamp));

    private static double? ToSeconds(Timestamp? time) => time is null ? null : time.Seconds + time.Nanos / 1e9;
}
