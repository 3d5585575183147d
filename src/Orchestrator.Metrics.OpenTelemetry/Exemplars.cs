using System.Diagnostics;
using OpenTelemetry.Metrics;
using SdkExemplar = OpenTelemetry.Metrics.Exemplar;

namespace Orchestrator.Metrics.OpenTelemetry;

// Source: https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#exemplar-conversion.
internal static class Exemplars
{
    private const int MaxCharacters = 128;

    public static Exemplar? FindLatest(ReadOnlyExemplarCollection exemplars, bool isLong)
    {
        SdkExemplar? latest = null;
        foreach (ref readonly var exemplar in exemplars)
        {
            if (!(exemplar.Timestamp < latest?.Timestamp))
                latest = exemplar;
        }

        return latest is { } found ? Convert(found, isLong ? found.LongValue : found.DoubleValue) : null;
    }

    public static Exemplar? FindLatestInBucket(ReadOnlyExemplarCollection exemplars, double above, double atMost)
    {
        SdkExemplar? latest = null;
        foreach (ref readonly var exemplar in exemplars)
        {
            if (exemplar.DoubleValue <= atMost && (exemplar.DoubleValue > above || double.IsNegativeInfinity(above))
                && !(exemplar.Timestamp < latest?.Timestamp))
                latest = exemplar;
        }

        return latest is { } found ? Convert(found, found.DoubleValue) : null;
    }

    public static IEnumerable<Exemplar> ConvertAll(ReadOnlyExemplarCollection exemplars)
    {
        var all = new List<Exemplar>();
        foreach (ref readonly var exemplar in exemplars)
            all.Add(Convert(exemplar, exemplar.DoubleValue));
        return all.OrderBy(exemplar => exemplar.TimestampSeconds);
    }

    private static Exemplar Convert(SdkExemplar exemplar, double value)
    {
        var labels = new Dictionary<string, string>();
        if (exemplar.TraceId != default(ActivityTraceId))
            labels.Add("trace_id", exemplar.TraceId.ToHexString());
        if (exemplar.SpanId != default(ActivitySpanId))
            labels.Add("span_id", exemplar.SpanId.ToHexString());
        var characters = labels.Sum(label => label.Key.Length + label.Value.Length);
        foreach (var (key, tag) in exemplar.FilteredTags)
        {
            // In every format, exemplars allow only legacy names and a limited number of characters.
            var name = MeterNames.Escape(key, colons: false);
            var text = TagText.Format(tag);
            var length = name.Length + text.EnumerateRunes().Count();
            if (name.Length == 0 || characters + length > MaxCharacters || !labels.TryAdd(name, text))
                continue;
            characters += length;
        }

        return new Exemplar(value, labels, exemplar.Timestamp == default ? null : exemplar.Timestamp);
    }
}
