using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics.Model;

// Source: OpenMetrics 1.0, sections "Counter", "Histogram", "GaugeHistogram", "Summary" and "StateSet".
internal static class MetricPointRules
{
    public static void RequireCounterLike(double value, string what)
    {
        if (!(value >= 0))
            throw new ArgumentOutOfRangeException(nameof(value),
                $"The {what} is {NumberFormat.FormatGo(value)}. It starts at zero and only increases, so it cannot " +
                "be negative or NaN. Report a value that can decrease as a gauge.");
    }

    public static void RequireCount(long count)
    {
        if (count < 0)
            throw new ArgumentOutOfRangeException(nameof(count), FormattableString.Invariant(
                $"The count of a summary is {count}. A number of observations cannot be negative. Pass at least 0."));
    }

    public static void RequireBuckets(HistogramBucket[] buckets)
    {
        if (buckets.Length == 0 || !double.IsPositiveInfinity(buckets[^1].UpperBound))
            throw new ArgumentException(
                "The last bucket of a histogram must have the bound +Inf (double.PositiveInfinity). Its count is " +
                "the number of all observations. Add that bucket.", nameof(buckets));

        var bound = double.NegativeInfinity;
        var count = 0L;
        foreach (var bucket in buckets)
        {
            if (double.IsNaN(bucket.UpperBound) || double.IsNegativeInfinity(bucket.UpperBound))
                throw new ArgumentException(
                    $"A bucket has the bound {NumberFormat.FormatGo(bucket.UpperBound)}, up to which no observation " +
                    "can be counted. Pass a finite bound, or +Inf for the last bucket.", nameof(buckets));
            if (bucket.UpperBound <= bound)
                throw new ArgumentException(
                    $"The bounds of the buckets must ascend: {NumberFormat.FormatGo(bucket.UpperBound)} comes after " +
                    $"{NumberFormat.FormatGo(bound)}. Sort the buckets by bound, and pass each bound once.",
                    nameof(buckets));
            if (bucket.Count < count)
                throw new ArgumentException(FormattableString.Invariant(
                    $"Bucket count {bucket.Count} comes after {count}. Bucket counts are cumulative, so they are ") +
                    "never negative and never decrease. Add the counts of the smaller buckets to each bucket.",
                    nameof(buckets));
            (bound, count) = (bucket.UpperBound, bucket.Count);
        }
    }

    public static void RequireGaugeSum(double? sum, double lowestBound)
    {
        if (sum is { } value && (double.IsNaN(value) || (value < 0 && lowestBound >= 0)))
            throw new ArgumentOutOfRangeException(nameof(sum),
                $"The sum of a gauge histogram is {NumberFormat.FormatGo(value)}. It cannot be NaN, and can be " +
                "negative only if a bucket has a negative bound. Omit it.");
    }

    public static void RequireQuantiles(SummaryQuantile[] quantiles)
    {
        var last = double.NegativeInfinity;
        foreach (var (quantile, value) in quantiles)
        {
            if (!(quantile is >= 0 and <= 1))
                throw new ArgumentException(
                    $"Quantile {NumberFormat.FormatGo(quantile)} is not between 0 and 1. Pass 0.99 for the 99th " +
                    "percentile.", nameof(quantiles));
            if (!(quantile > last))
                throw new ArgumentException(
                    $"Quantile {NumberFormat.FormatGo(quantile)} comes after {NumberFormat.FormatGo(last)}. Pass " +
                    "each quantile once, in ascending order.", nameof(quantiles));
            if (value < 0)
                throw new ArgumentException(
                    $"The value of quantile {NumberFormat.FormatGo(quantile)} is {NumberFormat.FormatGo(value)}: " +
                    "OpenMetrics allows no negative values. Report it as a gauge.", nameof(quantiles));
            last = quantile;
        }
    }

    public static void RequireStates(KeyValuePair<string, bool>[] states)
    {
        for (var i = 0; i < states.Length; i++)
        {
            if (states[i].Key is null)
                throw new ArgumentException("A state of a stateset is null. Pass a name.", nameof(states));
            if (i > 0 && states[i].Key == states[i - 1].Key)
                throw new ArgumentException(
                    $"State '{states[i].Key}' occurs twice. Remove one of them.", nameof(states));
        }
    }
}
