using Orchestrator.Metrics.Model;
using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics;

/// <summary>
/// Creates the cumulative buckets of <see cref="MetricPoint.Histogram"/> and <see cref="MetricPoint.GaugeHistogram"/>
/// from observations or from the count of each bucket.
/// </summary>
public static class HistogramBuckets
{
    /// <summary>Counts observations in cumulative buckets.</summary>
    /// <param name="observations">The observations, in the unit of the family, in any order.</param>
    /// <param name="upperBounds">
    /// The inclusive upper bounds, in ascending order. Positive infinity is appended if it is missing.
    /// </param>
    /// <returns>One cumulative bucket per bound. The bound of the last bucket is positive infinity.</returns>
    /// <exception cref="ArgumentException">
    /// An observation is NaN, a bound is NaN or negative infinity, or the bounds do not ascend.
    /// </exception>
    public static IReadOnlyList<HistogramBucket> FromObservations(
        IEnumerable<double> observations, params ReadOnlySpan<double> upperBounds)
    {
        ArgumentNullException.ThrowIfNull(observations);
        var bounds = AppendInfinity(upperBounds);
        var counts = new long[bounds.Length];

        // Validates the bounds before the binary search, which requires ascending order.
        Cumulate(bounds, counts);
        foreach (var observation in observations)
        {
            if (double.IsNaN(observation))
                throw new ArgumentException(
                    "An observation is NaN, which belongs to no bucket. Leave it out.", nameof(observations));
            var index = Array.BinarySearch(bounds, observation);
            counts[index < 0 ? ~index : index]++;
        }

        return Cumulate(bounds, counts);
    }

    /// <summary>
    /// Converts counts per bucket, for example from <c>width_bucket</c> in SQL, to cumulative buckets.
    /// </summary>
    /// <remarks>
    /// <c>width_bucket</c> puts a value that equals a bound into the bucket above it; Prometheus puts it into the one
    /// below. If many values equal a bound, count with <c>CASE</c> or <c>FILTER</c> instead.
    /// </remarks>
    /// <param name="upperBounds">
    /// The inclusive upper bounds, in ascending order. Positive infinity is appended if it is missing.
    /// </param>
    /// <param name="counts">
    /// The number of observations in each bucket, not cumulative, in the order of the bounds. The last count covers the
    /// observations above all finite bounds.
    /// </param>
    /// <returns>One cumulative bucket per bound. The bound of the last bucket is positive infinity.</returns>
    /// <exception cref="ArgumentException">
    /// A bound is NaN or negative infinity, the bounds do not ascend, a count is negative, or the number of counts
    /// differs from the number of buckets.
    /// </exception>
    /// <exception cref="OverflowException">The sum of the counts exceeds <see cref="long.MaxValue"/>.</exception>
    public static IReadOnlyList<HistogramBucket> FromCounts(
        ReadOnlySpan<double> upperBounds, ReadOnlySpan<long> counts)
    {
        var bounds = AppendInfinity(upperBounds);
        if (counts.Length != bounds.Length)
            throw new ArgumentException(FormattableString.Invariant(
                $"The number of counts is {counts.Length}, but the number of buckets, including the one up to +Inf, ") +
                FormattableString.Invariant(
                    $"is {bounds.Length}. Pass one count per bucket, zero for a bucket without observations."),
                nameof(counts));
        for (var i = 0; i < counts.Length; i++)
        {
            if (counts[i] < 0)
                throw new ArgumentException(FormattableString.Invariant(
                    $"The count of the bucket up to {NumberFormat.FormatGo(bounds[i])} is {counts[i]}. A number of ") +
                    "observations cannot be negative. Pass at least 0.", nameof(counts));
        }

        return Cumulate(bounds, counts);
    }

    private static double[] AppendInfinity(ReadOnlySpan<double> upperBounds) =>
        upperBounds is [.., double.PositiveInfinity]
            ? upperBounds.ToArray()
            : [.. upperBounds, double.PositiveInfinity];

    private static HistogramBucket[] Cumulate(double[] bounds, ReadOnlySpan<long> counts)
    {
        var buckets = new HistogramBucket[bounds.Length];
        var total = 0L;
        for (var i = 0; i < bounds.Length; i++)
            buckets[i] = new HistogramBucket(bounds[i], total = checked(total + counts[i]));
        MetricPointRules.RequireBuckets(buckets);
        return buckets;
    }
}
