using System.Diagnostics;
using OpenTelemetry.Metrics;
using Orchestrator.Metrics.Text;
using SdkExemplar = OpenTelemetry.Metrics.Exemplar;

namespace Orchestrator.Metrics.OpenTelemetry;

// Source: https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#exemplar-conversion.
internal static class Exemplars
{
    private const int MaxCharacters = 128;

    public static Exemplar? FindLatest(ReadOnlyExemplarCollection exemplars, MeterNames names, bool isLong)
    {
        SdkExemplar? latest = null;
        foreach (ref readonly var exemplar in exemplars)
        {
            if (!(exemplar.Timestamp < latest?.Timestamp))
                latest = exemplar;
        }

        return latest is { } found ? Convert(found, names, isLong ? found.LongValue : found.DoubleValue) : null;
    }

    public static Exemplar? FindLatestInBucket(
        ReadOnlyExemplarCollection exemplars, MeterNames names, double above, double atMost)
    {
        SdkExemplar? latest = null;
        foreach (ref readonly var exemplar in exemplars)
        {
            if (exemplar.DoubleValue <= atMost && (exemplar.DoubleValue > above || double.IsNegativeInfinity(above))
                && !(exemplar.Timestamp < latest?.Timestamp))
                latest = exemplar;
        }

        return latest is { } found ? Convert(found, names, found.DoubleValue) : null;
    }

    public static IEnumerable<Exemplar> ConvertAll(ReadOnlyExemplarCollection exemplars, MeterNames names)
    {
        var all = new List<Exemplar>();
        foreach (ref readonly var exemplar in exemplars)
            all.Add(Convert(exemplar, names, exemplar.DoubleValue));
        return all.OrderBy(exemplar => exemplar.TimestampSeconds);
    }

    private static Exemplar Convert(SdkExemplar exemplar, MeterNames names, double value)
    {
        var labels = new Dictionary<string, string>();
        if (exemplar.TraceId != default(ActivityTraceId))
            labels.Add("trace_id", exemplar.TraceId.ToHexString());
        if (exemplar.SpanId != default(ActivitySpanId))
            labels.Add("span_id", exemplar.SpanId.ToHexString());
        var characters = labels.Sum(label => label.Key.Length + label.Value.Length);
        foreach (var (key, tag) in exemplar.FilteredTags)
        {
            // In every format, exemplars allow only legacy names and a limited number of characters. Names are escaped
            // like the labels of series, so the options that drop or change labels apply to both.
            var name = EscapedName.EscapeLabelName(names.TranslateLabel(key), EscapingScheme.Underscores);
            var text = TagText.Format(tag);
            var length = name.Length + text.EnumerateRunes().Count();
            var isReserved = name.StartsWith("__", StringComparison.Ordinal);
            if (isReserved || characters + length > MaxCharacters || !labels.TryAdd(name, text))
                continue;
            characters += length;
        }

        return new Exemplar(value, labels, exemplar.Timestamp == default ? null : exemplar.Timestamp);
    }
}
