using System.Globalization;
using System.Text.Json;

namespace Orchestrator.Metrics.Tests.Exposition;

/// <summary>Builds the families that a vector describes, through the public API.</summary>
internal static class VectorFamilies
{
    public static MetricsSnapshot BuildSnapshot(JsonElement vector) =>
        new(vector.GetProperty("families").EnumerateArray().Select(BuildFamily));

    private static MetricFamily BuildFamily(JsonElement data)
    {
        var family = MetricFamily.Create(
            Enum.Parse<MetricType>(ReadText(data, "type"), ignoreCase: true),
            ReadText(data, "name"),
            ReadText(data, "help"),
            ReadStrings(data.GetProperty("labelNames")),
            ReadText(data, "unit"));
        foreach (var sample in data.GetProperty("samples").EnumerateArray())
            family.Add(BuildPoint(family.Type, sample), ReadStrings(sample.GetProperty("labelValues")));
        return family;
    }

    private static MetricPoint BuildPoint(MetricType type, JsonElement sample)
    {
        var timestamp = ReadTime(sample, "timestamp");
        return type switch
        {
            MetricType.Gauge => MetricPoint.Gauge(ReadNumber(sample, "value"), timestamp),
            MetricType.Unknown => MetricPoint.Unknown(ReadNumber(sample, "value"), timestamp),
            MetricType.Counter => MetricPoint.Counter(
                ReadNumber(sample, "value"), ReadTime(sample, "created"), ReadExemplar(sample), timestamp),
            MetricType.Summary => MetricPoint.Summary(
                ReadCount(sample), ReadNumber(sample, "sum"), timestamp: timestamp),
            MetricType.Histogram => MetricPoint.Histogram(ReadBuckets(sample), ReadSum(sample), timestamp: timestamp),
            MetricType.GaugeHistogram => MetricPoint.GaugeHistogram(ReadBuckets(sample), ReadSum(sample), timestamp),
            MetricType.Info => MetricPoint.Info(
                GetMembers(sample, "info").Select(label => KeyValuePair.Create(label.Name, label.Value.GetString()!)),
                timestamp),
            MetricType.StateSet => MetricPoint.StateSet(
                GetMembers(sample, "states").Select(state => KeyValuePair.Create(state.Name, state.Value.GetBoolean())),
                timestamp),
            _ => throw new ArgumentOutOfRangeException(nameof(type)),
        };
    }

    private static HistogramBucket[] ReadBuckets(JsonElement sample) =>
    [
        .. sample.GetProperty("buckets").EnumerateArray().Select(bucket =>
            new HistogramBucket(ReadNumber(bucket, "le"), ReadCount(bucket), ReadExemplar(bucket))),
    ];

    private static Exemplar? ReadExemplar(JsonElement owner)
    {
        var data = owner.GetProperty("exemplar");
        return data.ValueKind == JsonValueKind.Null
            ? null
            : new Exemplar(
                ReadNumber(data, "value"),
                GetMembers(data, "labels").Select(label => KeyValuePair.Create(label.Name, label.Value.GetString()!)),
                ReadTime(data, "timestamp"));
    }

    private static double? ReadSum(JsonElement sample) =>
        sample.GetProperty("sum").ValueKind == JsonValueKind.Null ? null : ReadNumber(sample, "sum");

    private static long ReadCount(JsonElement owner) => checked((long)ReadNumber(owner, "count"));

    private static double ReadNumber(JsonElement owner, string name) => ReadText(owner, name) switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        var text => double.Parse(text, CultureInfo.InvariantCulture),
    };

    private static DateTimeOffset? ReadTime(JsonElement owner, string name)
    {
        var time = owner.GetProperty(name);
        return time.ValueKind == JsonValueKind.Null
            ? null
            : DateTimeOffset.UnixEpoch.AddTicks((long)Math.Round(time.GetDouble() * TimeSpan.TicksPerSecond));
    }

    private static JsonElement.ObjectEnumerator GetMembers(JsonElement owner, string name) =>
        owner.GetProperty(name).EnumerateObject();

    private static string ReadText(JsonElement owner, string name) => owner.GetProperty(name).GetString()!;

    private static string[] ReadStrings(JsonElement array) =>
        [.. array.EnumerateArray().Select(element => element.GetString()!)];
}
