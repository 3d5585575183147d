using System.Globalization;
using System.Text.Json;

namespace Orchestrator.Metrics.Tests.Exposition;

/// <summary>Builds the families that a vector describes, through the public API.</summary>
internal static class VectorFamilies
{
    public static MetricsSnapshot Snapshot(JsonElement vector) =>
        new(vector.GetProperty("families").EnumerateArray().Select(Family));

    private static MetricFamily Family(JsonElement data)
    {
        var family = MetricFamily.Create(
            Enum.Parse<MetricType>(Text(data, "type"), ignoreCase: true),
            Text(data, "name"),
            Text(data, "help"),
            Strings(data.GetProperty("labelNames")),
            Text(data, "unit"));
        foreach (var sample in data.GetProperty("samples").EnumerateArray())
            family.Add(Point(family.Type, sample), Strings(sample.GetProperty("labelValues")));
        return family;
    }

    private static MetricPoint Point(MetricType type, JsonElement sample)
    {
        var timestamp = Time(sample, "timestamp");
        return type switch
        {
            MetricType.Gauge => MetricPoint.Gauge(Number(sample, "value"), timestamp),
            MetricType.Unknown => MetricPoint.Unknown(Number(sample, "value"), timestamp),
            MetricType.Counter => MetricPoint.Counter(
                Number(sample, "value"), Time(sample, "created"), Exemplar(sample), timestamp),
            MetricType.Summary => MetricPoint.Summary(
                Count(sample), Number(sample, "sum"), timestamp: timestamp),
            MetricType.Histogram => MetricPoint.Histogram(Buckets(sample), Sum(sample), timestamp: timestamp),
            MetricType.GaugeHistogram => MetricPoint.GaugeHistogram(Buckets(sample), Sum(sample), timestamp),
            MetricType.Info => MetricPoint.Info(
                Members(sample, "info").Select(label => KeyValuePair.Create(label.Name, label.Value.GetString()!)),
                timestamp),
            MetricType.StateSet => MetricPoint.StateSet(
                Members(sample, "states").Select(state => KeyValuePair.Create(state.Name, state.Value.GetBoolean())),
                timestamp),
            _ => throw new ArgumentOutOfRangeException(nameof(type)),
        };
    }

    private static HistogramBucket[] Buckets(JsonElement sample) =>
    [
        .. sample.GetProperty("buckets").EnumerateArray().Select(bucket =>
            new HistogramBucket(Number(bucket, "le"), Count(bucket), Exemplar(bucket))),
    ];

    private static Exemplar? Exemplar(JsonElement owner)
    {
        var data = owner.GetProperty("exemplar");
        return data.ValueKind == JsonValueKind.Null
            ? null
            : new Exemplar(
                Number(data, "value"),
                Members(data, "labels").Select(label => KeyValuePair.Create(label.Name, label.Value.GetString()!)),
                Time(data, "timestamp"));
    }

    private static double? Sum(JsonElement sample) =>
        sample.GetProperty("sum").ValueKind == JsonValueKind.Null ? null : Number(sample, "sum");

    private static long Count(JsonElement owner) => checked((long)Number(owner, "count"));

    private static double Number(JsonElement owner, string name) => Text(owner, name) switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        var text => double.Parse(text, CultureInfo.InvariantCulture),
    };

    private static DateTimeOffset? Time(JsonElement owner, string name)
    {
        var time = owner.GetProperty(name);
        return time.ValueKind == JsonValueKind.Null
            ? null
            : DateTimeOffset.UnixEpoch.AddTicks((long)Math.Round(time.GetDouble() * TimeSpan.TicksPerSecond));
    }

    private static JsonElement.ObjectEnumerator Members(JsonElement owner, string name) =>
        owner.GetProperty(name).EnumerateObject();

    private static string Text(JsonElement owner, string name) => owner.GetProperty(name).GetString()!;

    private static string[] Strings(JsonElement array) =>
        [.. array.EnumerateArray().Select(element => element.GetString()!)];
}
