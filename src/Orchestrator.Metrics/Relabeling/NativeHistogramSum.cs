namespace Orchestrator.Metrics.Relabeling;

/// <summary>
/// Sums native histograms at the lowest of their resolutions. The zero bucket of the sum is at least as wide as the
/// widest of theirs.
/// Source: https://prometheus.io/docs/specs/native_histograms, sections "Schema" and "Zero bucket".
/// </summary>
internal static class NativeHistogramSum
{
    public static NativeHistogram Compute(IReadOnlyList<NativeHistogram> parts)
    {
        if (parts.Count == 1)
            return parts[0];
        var schema = parts.Min(part => part.Schema);
        var positive = SumBuckets(parts, schema, part => part.Positive);
        var negative = SumBuckets(parts, schema, part => part.Negative);
        var threshold = ChooseZeroThreshold(parts, schema, [.. positive.Keys, .. negative.Keys]);
        // Throws if the total exceeds the range of long. Otherwise, no other count exceeds it.
        var total = parts.Sum(part => part.Count);
        var sum = new SeriesSum();
        foreach (var part in parts)
            sum.Add(part.Sum, double.NaN, exemplar: null);
        return new NativeHistogram(
            schema, sum.Value, SelectAbove(positive), SelectAbove(negative),
            parts.Sum(part => part.ZeroCount) + CountBelow(positive) + CountBelow(negative), threshold,
            total, parts.SelectMany(part => part.ExemplarArray).OrderBy(exemplar => exemplar.TimestampSeconds ?? 0));

        IEnumerable<KeyValuePair<int, long>> SelectAbove(Dictionary<int, long> buckets) =>
            buckets.Where(bucket => !IsBelow(bucket.Key));

        long CountBelow(Dictionary<int, long> buckets) =>
            buckets.Where(bucket => IsBelow(bucket.Key)).Sum(bucket => bucket.Value);

        bool IsBelow(int index) => GetUpperBound(index, schema) <= threshold;
    }

    private static Dictionary<int, long> SumBuckets(
        IReadOnlyList<NativeHistogram> parts, int schema, Func<NativeHistogram, KeyValuePair<int, long>[]> select)
    {
        var sums = new Dictionary<int, long>();
        foreach (var part in parts)
        {
            foreach (var (index, count) in select(part))
            {
                // Each step to a lower resolution merges the buckets 2n - 1 and 2n into bucket n.
                var lower = ((index - 1) >> (part.Schema - schema)) + 1;
                sums[lower] = sums.GetValueOrDefault(lower) + count;
            }
        }

        return sums;
    }

    // A bucket cannot be split, so the zero bucket includes the bucket that contains the largest threshold.
    private static double ChooseZeroThreshold(IReadOnlyList<NativeHistogram> parts, int schema, int[] indexes)
    {
        var threshold = parts.Max(part => part.ZeroThreshold);
        if (parts.All(part => part.ZeroThreshold.Equals(threshold)))
            return threshold;
        return indexes.Where(index => GetUpperBound(index - 1, schema) < threshold)
            .Select(index => GetUpperBound(index, schema)).Append(threshold).Max();
    }

    private static double GetUpperBound(int index, int schema) => Math.Pow(2, index * Math.Pow(2, -schema));
}
