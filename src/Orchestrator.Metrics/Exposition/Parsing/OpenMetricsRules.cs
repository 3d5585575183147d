using Orchestrator.Metrics.Model;
using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics.Exposition.Parsing;

/// <summary>
/// Checks the samples of a family against the rules of OpenMetrics 1.0. A metric consists of the samples with the same
/// label set, without the label that the type adds. A point consists of the samples of a metric with the same
/// timestamp.
/// </summary>
internal sealed class OpenMetricsRules
{
    private readonly OpenMetricsFamily _family;
    private Violation? _first;

    private OpenMetricsRules(OpenMetricsFamily family) => _family = family;

    public static Violation? FindFirstViolation(OpenMetricsFamily family)
    {
        var rules = new OpenMetricsRules(family);
        foreach (var sample in family.Samples)
        {
            if (OpenMetricsSampleRules.FindViolation(family, sample) is { } message)
                rules.Report(sample, message);
        }

        rules.CheckGrouping();
        foreach (var metric in family.Samples.GroupBy(sample => sample.MetricKey))
            rules.CheckMetric([.. metric]);
        return rules._first;
    }

    private void CheckGrouping()
    {
        var seen = new HashSet<string>();
        var current = (string?)null;
        foreach (var sample in _family.Samples)
        {
            if (sample.MetricKey != current && !seen.Add(sample.MetricKey))
                Report(
                    sample,
                    $"The samples of this label set of {_family} are interleaved with those of another label set. " +
                    "Write the samples of each label set together.");
            current = sample.MetricKey;
        }
    }

    private void CheckMetric(OpenMetricsSample[] metric)
    {
        CheckTimestamps(metric);
        var points = SplitIntoPoints(metric);
        for (var i = 0; i < points.Count; i++)
        {
            if (i > 0 && double.IsNaN(points[i][0].Timestamp) && double.IsNaN(points[i - 1][0].Timestamp))
                Report(points[i][0], $"A series of {_family} occurs twice. Write it once, or add timestamps.");
            CheckPoint(points[i]);
        }
    }

    private void CheckTimestamps(OpenMetricsSample[] metric)
    {
        for (var i = 1; i < metric.Length; i++)
        {
            var (previous, timestamp) = (metric[i - 1].Timestamp, metric[i].Timestamp);
            if (double.IsNaN(previous) != double.IsNaN(timestamp))
                Report(
                    metric[i],
                    $"Some samples of this label set of {_family} have a timestamp and others do not. Add a " +
                    "timestamp to all of them, or to none.");
            if (timestamp < previous)
                Report(
                    metric[i],
                    $"Timestamp {Format(timestamp)} of {_family} is less than the previous timestamp " +
                    $"{Format(previous)} of this label set. Sort the samples by timestamp.");
        }
    }

    private static List<List<OpenMetricsSample>> SplitIntoPoints(OpenMetricsSample[] metric)
    {
        var points = new List<List<OpenMetricsSample>>();
        var series = new HashSet<(SampleSuffix, string?)>();
        foreach (var sample in metric)
        {
            var isSameTime = points.Count > 0 && points[^1][0].Timestamp.Equals(sample.Timestamp);
            if (!isSameTime || series.Contains((sample.Suffix, sample.TypeLabel)))
            {
                points.Add([]);
                series = [];
            }

            points[^1].Add(sample);
            series.Add((sample.Suffix, sample.TypeLabel));
        }

        return points;
    }

    private void CheckPoint(List<OpenMetricsSample> point)
    {
        var last = point[^1];
        var buckets = point.FindAll(sample => sample.Suffix is SampleSuffix.Bucket);
        var count = point.Find(sample => sample.Suffix is SampleSuffix.Count or SampleSuffix.GaugeCount);
        var sum = point.Find(sample => sample.Suffix is SampleSuffix.Sum or SampleSuffix.GaugeSum);
        if (_family.Type is MetricType.Counter && !point.Exists(sample => sample.Suffix is SampleSuffix.Main))
            Report(last, $"The {_family} has no '_total' sample. Add one.");
        if (_family.IsHistogram)
        {
            CheckBuckets(buckets);
            CheckTotal(buckets.LastOrDefault(), count, last);
            if ((count is null) != (sum is null))
                Report(
                    last,
                    $"The {_family} has only one of count and sum: '{(count ?? sum)!.Suffix.GetText(_family.Type)}'. " +
                    "Write both or neither.");
        }

        if (sum is not null)
            CheckSum(sum, hasNegativeBound: buckets.Count > 0 && buckets[0].TypeLabelNumber < 0);
    }

    private void CheckBuckets(List<OpenMetricsSample> buckets)
    {
        for (var i = 1; i < buckets.Count; i++)
        {
            var (previous, bucket) = (buckets[i - 1], buckets[i]);

            // The negated comparison also rejects NaN.
            if (!(bucket.TypeLabelNumber > previous.TypeLabelNumber))
                Report(
                    bucket,
                    $"Bucket bound {Format(bucket.TypeLabelNumber)} of {_family} is not greater than the previous " +
                    $"bound {Format(previous.TypeLabelNumber)}. Sort the buckets by bound, and write each bound once.");
            if (bucket.Value < previous.Value)
                Report(
                    bucket,
                    $"Bucket count {Format(bucket.Value)} of {_family} is less than the previous count " +
                    $"{Format(previous.Value)}. Bucket counts are cumulative. Add the counts of the smaller buckets " +
                    "to each bucket.");
        }
    }

    private void CheckTotal(OpenMetricsSample? lastBucket, OpenMetricsSample? count, OpenMetricsSample last)
    {
        if (lastBucket is null || !double.IsPositiveInfinity(lastBucket.TypeLabelNumber))
            Report(
                last,
                $"The {_family} has no bucket with the bound '+Inf'. Add one with the number of all observations.");
        else if (count is not null && count.Value != lastBucket.Value)
            Report(
                count,
                $"The count {Format(count.Value)} of {_family} differs from the '+Inf' bucket count " +
                $"{Format(lastBucket.Value)}. They must be equal.");
    }

    private void CheckSum(OpenMetricsSample sum, bool hasNegativeBound)
    {
        var isGauge = sum.Suffix is SampleSuffix.GaugeSum;
        if (hasNegativeBound && !isGauge)
            Report(
                sum,
                $"The {_family} has a bucket with a negative bound, so it cannot have a sum. Remove its '_sum' and " +
                "'_count'.");
        else if (double.IsNaN(sum.Value) || (sum.Value < 0 && !hasNegativeBound))
            Report(
                sum,
                $"The sum of {_family} is {Format(sum.Value)}. " + (isGauge
                    ? "It cannot be NaN, and can be negative only if a bucket has a negative bound. "
                    : "It starts at zero and only increases, so it cannot be negative or NaN. ")
                + (_family.IsHistogram ? "Remove it and the count." : "Remove it."));
    }

    private void Report(OpenMetricsSample sample, string message)
    {
        if (_first is null || sample.Line < _first.Line)
            _first = new Violation(sample.Line, message);
    }

    private static string Format(double value) => NumberFormat.FormatGo(value);

    public sealed record Violation(int Line, string Message);
}
