using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics.Model;

// Source: https://prometheus.io/docs/specs/native_histograms, section "Data model".
internal static class NativeHistogramRules
{
    private const int SmallestSchema = -4;
    private const int LargestSchema = 8;

    // The magnitude of every finite double but zero is above 2^-1075 and below 2^1024. Infinite observations belong to
    // the bucket after the largest one.
    private const int SmallestExponent = -1075;
    private const int LargestExponent = 1024;

    public static void RequireSchema(int schema)
    {
        if (schema is < SmallestSchema or > LargestSchema)
            throw new ArgumentOutOfRangeException(nameof(schema), FormattableString.Invariant(
                $"Schema {schema} of a native histogram does not exist. Use {SmallestSchema} to {LargestSchema}; ") +
                "merge buckets to lower the resolution.");
    }

    public static void RequireZeroBucket(long zeroCount, double zeroThreshold)
    {
        if (zeroCount < 0)
            throw new ArgumentOutOfRangeException(nameof(zeroCount), FormattableString.Invariant(
                $"The zero count of a native histogram is {zeroCount}. A number of observations cannot be negative. ") +
                "Pass at least 0.");
        if (!(zeroThreshold >= 0 && double.IsFinite(zeroThreshold)))
            throw new ArgumentOutOfRangeException(nameof(zeroThreshold),
                $"The zero threshold of a native histogram is {NumberFormat.FormatGo(zeroThreshold)}. It must be a " +
                "finite number, at least 0. Omit it for the default.");
    }

    public static KeyValuePair<int, long>[] ValidateAndSort(IEnumerable<KeyValuePair<int, long>>? buckets, int schema)
    {
        var sorted = (buckets ?? []).ToArray();
        Array.Sort(sorted, static (x, y) => x.Key.CompareTo(y.Key));
        for (var i = 0; i < sorted.Length; i++)
        {
            var (index, count) = sorted[i];
            RequireIndex(index, schema);
            if (count < 0)
                throw new ArgumentException(FormattableString.Invariant(
                    $"Bucket {index} of a native histogram has the count {count}. A number of observations cannot ") +
                    "be negative. Pass at least 0.", nameof(buckets));
            if (i > 0 && index == sorted[i - 1].Key)
                throw new ArgumentException(FormattableString.Invariant(
                    $"Bucket {index} of a native histogram occurs twice. Pass one count per index."), nameof(buckets));
        }

        return Array.FindAll(sorted, bucket => bucket.Value > 0);
    }

    public static long RequireCount(long? count, NativeHistogram histogram)
    {
        var counted = checked(
            histogram.Positive.Sum(bucket => bucket.Value) + histogram.Negative.Sum(bucket => bucket.Value)
            + histogram.ZeroCount);
        var total = count ?? counted;
        if (total < counted || (total > counted && !double.IsNaN(histogram.Sum)))
            throw new ArgumentException(FormattableString.Invariant(
                $"The count of a native histogram is {total}, but its buckets, including the zero bucket, contain ") +
                FormattableString.Invariant($"{counted} observations. The count may be higher only if NaN was ") +
                "observed; the sum is NaN then. Omit the count.", nameof(count));
        return total;
    }

    public static void RequireSameCount(long classic, long native)
    {
        if (classic != native)
            throw new ArgumentException(FormattableString.Invariant(
                $"The classic buckets count {classic} observations, but the native histogram counts {native}. Pass ") +
                "buckets of the same observations.");
    }

    private static void RequireIndex(int index, int schema)
    {
        var (smallest, largest) = schema >= 0
            ? (SmallestExponent << schema, LargestExponent << schema)
            : (SmallestExponent >> -schema, LargestExponent >> -schema);
        if (index < smallest || index > largest + 1)
            throw new ArgumentException(FormattableString.Invariant(
                $"Bucket {index} of a native histogram of schema {schema} is outside the range of double. ") +
                FormattableString.Invariant($"Use indexes from {smallest} to {largest + 1}."));
    }
}
