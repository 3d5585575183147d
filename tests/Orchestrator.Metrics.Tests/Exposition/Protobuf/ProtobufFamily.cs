using Google.Protobuf.WellKnownTypes;
using Orchestrator.Metrics.Tests.Messages;

namespace Orchestrator.Metrics.Tests.Exposition.Protobuf;

/// <summary>Reads protobuf into the same form as OpenMetrics, for comparison.</summary>
internal static class ProtobufFamily
{
    public static byte[] Bytes(ExpositionFormat format, params MetricFamily[] families)
    {
        using var stream = new MemoryStream();
        new MetricsSnapshot(families).WriteAsync(stream, format).GetAwaiter().GetResult();
        return stream.ToArray();
    }

    public static IEnumerable<ReadFamily> Read(byte[] exposition) =>
        ProtobufMessages.Read(exposition).Select(family => new ReadFamily(
            family.Name, TypeName(family.Type), family.Help, family.Unit,
            [.. family.Metric.SelectMany(metric => Samples(family, metric))]));

    /// <summary>Returns a family that was read from OpenMetrics as protobuf represents it.</summary>
    public static ReadFamily Expected(ReadFamily family) => family with
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

    private static string TypeName(Messages.MetricType type) => type switch
    {
        Messages.MetricType.Untyped => "unknown",
        _ => type.ToString().ToLowerInvariant(),
    };

    private static IEnumerable<ReadSample> Samples(Messages.MetricFamily family, Metric metric)
    {
        var labels = metric.Label.Select(label => KeyValuePair.Create(label.Name, label.Value)).ToArray();
        return family.Type switch
        {
            Messages.MetricType.Counter => Counter(metric.Counter),
            Messages.MetricType.Summary => Summary(metric.Summary),
            Messages.MetricType.Histogram => Histogram(metric.Histogram),
            Messages.MetricType.Untyped => [Sample("", metric.Untyped.Value)],
            _ => [Sample("", metric.Gauge.Value)],
        };

        IEnumerable<ReadSample> Counter(Counter counter) =>
            [Sample("", counter.Value) with { Exemplar = Exemplar(counter.Exemplar) }, .. Created(counter.CreatedTimestamp)];

        IEnumerable<ReadSample> Summary(Summary summary) =>
        [
            .. summary.Quantile.Select(quantile => Sample("", quantile.Value, ("quantile", quantile.Quantile_))),
            .. Optional(summary.HasSampleCount, "_count", summary.SampleCount),
            .. Optional(summary.HasSampleSum, "_sum", summary.SampleSum),
            .. Created(summary.CreatedTimestamp),
        ];

        // A histogram without a sum has the count of its last bucket.
        IEnumerable<ReadSample> Histogram(Histogram histogram) =>
        [
            .. histogram.Bucket.Select(bucket => Sample(
                "_bucket", bucket.HasCumulativeCountFloat ? bucket.CumulativeCountFloat : bucket.CumulativeCount,
                ("le", bucket.UpperBound)) with { Exemplar = Exemplar(bucket.Exemplar) }),
            .. Optional(
                histogram.HasSampleSum, "_count",
                histogram.HasSampleCountFloat ? histogram.SampleCountFloat : histogram.SampleCount),
            .. Optional(histogram.HasSampleSum, "_sum", histogram.SampleSum),
            .. Created(histogram.CreatedTimestamp),
        ];

        IEnumerable<ReadSample> Created(Timestamp? created) =>
            created is null ? [] : [Sample("_created", Seconds(created)!.Value)];

        IEnumerable<ReadSample> Optional(bool present, string suffix, double value) =>
            present ? [Sample(suffix, value)] : [];

        ReadSample Sample(string suffix, double value, params (string Name, double Value)[] own)
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

    private static ReadSample? Exemplar(Messages.Exemplar? exemplar) => exemplar is null
        ? null
        : new("", [.. exemplar.Label.Select(label => KeyValuePair.Create(label.Name, label.Value))], exemplar.Value,
            Seconds(exemplar.Timestamp));

    private static double? Seconds(Timestamp? time) => time is null ? null : time.Seconds + time.Nanos / 1e9;
}
