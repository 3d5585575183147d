using System.Globalization;
using Orchestrator.Metrics.Model;
using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics.Exposition.Parsing;

/// <summary>
/// The rules of OpenMetrics 1.0 for the samples of a family. A metric consists of the samples of one label set, a point
/// of the samples of one label set and one timestamp.
/// </summary>
internal static class OpenMetricsRules
{
    private const int MaxExemplarLength = 128;

    /// <summary>A broken rule and the line that breaks it.</summary>
    public sealed record Violation(int Line, string Message);

    public static IEnumerable<Violation> Violations(OpenMetricsFamily family)
    {
        foreach (var sample in family.Samples)
        {
            if (SampleMessage(family, sample) is { } message)
                yield return new(sample.Line, message);
        }

        foreach (var line in InterleavedLines(family))
            yield return new(line, "Samples of other label sets are between samples of this one. Put them together.");
        foreach (var violation in Metrics(family).SelectMany(metric => OfMetric(family, metric)))
            yield return violation;
    }

    private static string? SampleMessage(OpenMetricsFamily family, OpenMetricsSample sample)
    {
        var (suffix, value) = (sample.Suffix, sample.Value);
        var isCount = suffix is SampleSuffix.Bucket or SampleSuffix.Count or SampleSuffix.GaugeCount;
        var isCounter = suffix is SampleSuffix.Sum
            || (suffix is SampleSuffix.Main && family.Type is MetricType.Counter);
        if ((isCount || isCounter) && !(value >= 0))
            return $"The value {Text(value)} is negative or NaN, which {family.Type} samples of this name cannot be.";
        if (isCount && !double.IsInteger(value))
            return $"The value {Text(value)} is a count of observations and must be an integer.";
        if (suffix is SampleSuffix.GaugeSum && double.IsNaN(value))
            return "The sum of a gauge histogram cannot be NaN.";
        if (suffix is SampleSuffix.Created && !double.IsFinite(value))
            return $"The creation time {Text(value)} is not a time in seconds.";
        return TypeMessage(family, sample) ?? ExemplarMessage(family, sample);
    }

    private static string? TypeMessage(OpenMetricsFamily family, OpenMetricsSample sample)
    {
        var ownLabel = MetricFamilyRules.OwnLabelName(family.Type, family.Name);
        var needsOwnLabel = sample.Suffix is SampleSuffix.Bucket or SampleSuffix.Main;
        var own = ownLabel is null ? null : sample.Label(ownLabel);
        if (ownLabel is not null && own is null && needsOwnLabel)
            return $"The sample has no label '{ownLabel}', which {family.Type} samples of this name have.";
        if (own is not null && !needsOwnLabel)
            return $"The sample has a label '{ownLabel}', which only other samples of a {family.Type} have.";
        switch (family.Type)
        {
            case MetricType.Info when sample.Value != 1:
                return $"The value of an info is {Text(sample.Value)}. It must be 1.";
            case MetricType.StateSet when sample.Value is not (0 or 1):
                return $"The value of a state is {Text(sample.Value)}. It must be 0 or 1.";
            case MetricType.Summary when own is not null && !(Number(own) is >= 0 and <= 1):
                return $"The quantile '{own}' is not a number from 0 to 1.";
            case MetricType.Summary when own is not null && sample.Value < 0:
                return $"The value of a quantile is {Text(sample.Value)}. It cannot be negative.";
            case MetricType.Histogram or MetricType.GaugeHistogram when own is not null && !IsBound(own):
                return $"The bucket bound '{own}' is neither a finite number nor '+Inf'.";
            default:
                return null;
        }
    }

    private static string? ExemplarMessage(OpenMetricsFamily family, OpenMetricsSample sample)
    {
        if (sample.Exemplar is not { } exemplar)
            return null;
        if (sample.Suffix is not SampleSuffix.Bucket
            && (family.Type, sample.Suffix) is not (MetricType.Counter, SampleSuffix.Main))
            return "Only buckets and the _total of a counter can have an exemplar.";
        var length = exemplar.Labels.Sum(label => CodePoints(label.Key) + CodePoints(label.Value));
        if (length > MaxExemplarLength)
            return $"The labels of the exemplar have {length} characters. OpenMetrics allows {MaxExemplarLength} for " +
                "names and values together.";
        return sample.Suffix is SampleSuffix.Bucket && exemplar.Value > Bound(sample)
            ? $"The value {Text(exemplar.Value)} of the exemplar is above the bound of its bucket."
            : null;
    }

    /// <summary>Returns the metrics of a family, with their samples in the order of the text.</summary>
    private static IEnumerable<OpenMetricsSample[]> Metrics(OpenMetricsFamily family) =>
        family.Samples.GroupBy(sample => MetricKey(family, sample)).Select(metric => metric.ToArray());

    /// <summary>Returns the lines on which a label set reappears after samples of another one.</summary>
    private static IEnumerable<int> InterleavedLines(OpenMetricsFamily family)
    {
        var seen = new HashSet<string>();
        var current = (string?)null;
        foreach (var sample in family.Samples)
        {
            var key = MetricKey(family, sample);
            if (key != current && !seen.Add(key))
                yield return sample.Line;
            current = key;
        }
    }

    private static string MetricKey(OpenMetricsFamily family, OpenMetricsSample sample)
    {
        var ownLabel = MetricFamilyRules.OwnLabelName(family.Type, family.Name);
        return Key(sample.Labels.Where(label => label.Key != ownLabel));
    }

    private static IEnumerable<Violation> OfMetric(OpenMetricsFamily family, OpenMetricsSample[] metric)
    {
        var point = new List<OpenMetricsSample>();
        var inPoint = new HashSet<(SampleSuffix, string)>();
        for (var i = 0; i < metric.Length; i++)
        {
            var sample = metric[i];
            var previous = i == 0 ? sample.Timestamp : metric[i - 1].Timestamp;
            if (double.IsNaN(previous) != double.IsNaN(sample.Timestamp))
                yield return new(sample.Line, "Some samples of this label set have a timestamp and some have none.");
            if (previous > sample.Timestamp)
                yield return new(
                    sample.Line, "The timestamp is before that of the previous sample. Sort samples by timestamp.");
            var isNew = inPoint.Add((sample.Suffix, Key(sample.Labels)));
            if (!isNew && double.IsNaN(sample.Timestamp))
                yield return new(sample.Line, "The series occurs twice. Remove one, or add timestamps.");
            if (!isNew || (i > 0 && !previous.Equals(sample.Timestamp)))
            {
                foreach (var violation in OfPoint(family, point))
                    yield return violation;
                point.Clear();
                inPoint.Clear();
                inPoint.Add((sample.Suffix, Key(sample.Labels)));
            }

            point.Add(sample);
        }

        foreach (var violation in OfPoint(family, point))
            yield return violation;
    }

    private static IEnumerable<Violation> OfPoint(OpenMetricsFamily family, List<OpenMetricsSample> point)
    {
        var line = point[^1].Line;
        if (family.Type is MetricType.Counter && !point.Exists(sample => sample.Suffix is SampleSuffix.Main))
            yield return new(line, "The counter has no _total.");
        if (family.Type is not (MetricType.Histogram or MetricType.GaugeHistogram))
            yield break;

        var isGauge = family.Type is MetricType.GaugeHistogram;
        var buckets = point.FindAll(sample => sample.Suffix is SampleSuffix.Bucket);
        var count = point.Find(sample => sample.Suffix is SampleSuffix.Count or SampleSuffix.GaugeCount);
        var sum = point.Find(sample => sample.Suffix is SampleSuffix.Sum or SampleSuffix.GaugeSum);
        for (var i = 1; i < buckets.Count; i++)
        {
            if (!(Bound(buckets[i]) > Bound(buckets[i - 1])))
                yield return new(
                    buckets[i].Line, "The bucket bound is not above the previous one. Sort buckets by bound.");
            if (buckets[i].Value < buckets[i - 1].Value)
                yield return new(
                    buckets[i].Line, "The bucket count is below the previous one. Bucket counts are cumulative.");
        }

        if (buckets.Count == 0 || !double.IsPositiveInfinity(Bound(buckets[^1])))
        {
            yield return new(line, $"The {family.Type} has no bucket with the bound '+Inf'.");
            yield break;
        }

        var hasNegativeBound = Bound(buckets[0]) < 0;
        if ((count is null) != (sum is null))
            yield return new(line, $"The {family.Type} has only one of count and sum. Add the other, or remove it.");
        if (count is not null && count.Value != buckets[^1].Value)
            yield return new(count.Line, "The count differs from that of the bucket '+Inf'.");
        if (sum is not null && hasNegativeBound && !isGauge)
            yield return new(sum.Line, "A histogram with a negative bucket bound cannot have a sum. Remove it.");
        if (sum is { Value: < 0 } && !hasNegativeBound)
            yield return new(sum.Line, "The sum is negative, but no bucket bound is.");
    }

    private static double Bound(OpenMetricsSample bucket) => Number(bucket.Label("le")!);

    private static bool IsBound(string text) => text == "+Inf" || double.IsFinite(Number(text));

    private static double Number(string text) =>
        text == "+Inf" ? double.PositiveInfinity
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number
        : double.NaN;

    private static string Key(IEnumerable<KeyValuePair<string, string>> labels) =>
        string.Concat(labels.Select(label => $"{label.Key.Length}:{label.Key}={label.Value.Length}:{label.Value};"));

    private static string Text(double value) => NumberFormat.GoString(value);

    private static int CodePoints(string text) => text.EnumerateRunes().Count();
}
