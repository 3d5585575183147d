using OpenTelemetry.Metrics;
using SdkPoint = OpenTelemetry.Metrics.MetricPoint;

namespace Orchestrator.Metrics.OpenTelemetry;

// Source: https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#exponential-histograms.
internal static class ExponentialHistograms
{
    private const int SmallestSchema = -4;
    private const int LargestSchema = 8;

    // The SDK defines no zero threshold. This is the default of the specification.
    private const double ZeroThreshold = 1e-128;

    // Every finite double is less than 2 to the power of this exponent.
    private const int LargestExponent = 1024;

    public static NativeHistogram Convert(in SdkPoint point, ExportedMetric metric)
    {
        var data = point.GetExponentialHistogramData();
        if (data.Scale < SmallestSchema)
            throw new InvalidOperationException(FormattableString.Invariant(
                $"The exponential histogram of {metric} has the scale {data.Scale}, but the smallest schema of ") +
                FormattableString.Invariant($"native histograms is {SmallestSchema}. Raise MaxSize of the ") +
                $"{nameof(Base2ExponentialBucketHistogramConfiguration)}, or use explicit buckets.");
        var (schema, sum, count) = (
            Math.Min(data.Scale, LargestSchema), point.GetHistogramSum(), point.GetHistogramCount());
        var buckets = ConvertBuckets(data);

        // The SDK does not count negative observations, and counts NaN and infinity in no bucket. Native histograms
        // count infinity in the bucket after the largest one. NaN, which makes the sum NaN, is in no bucket of a native
        // histogram either.
        var infinite = count - data.ZeroCount - buckets.Values.Sum();
        if (infinite > 0 && !double.IsNaN(sum))
            buckets.Add((schema >= 0 ? LargestExponent << schema : LargestExponent >> -schema) + 1, infinite);
        return new NativeHistogram(
            schema, sum, buckets, zeroCount: data.ZeroCount, zeroThreshold: ZeroThreshold, count: count,
            exemplars: point.TryGetExemplars(out var exemplars) ? Exemplars.ConvertAll(exemplars) : null);
    }

    private static Dictionary<int, long> ConvertBuckets(ExponentialHistogramData data)
    {
        // A native histogram indexes a bucket by its upper bound, OpenTelemetry by its lower bound.
        var shift = Math.Max(0, data.Scale - LargestSchema);
        var counts = new Dictionary<int, long>();
        var index = data.PositiveBuckets.Offset;
        foreach (var count in data.PositiveBuckets)
        {
            if (count > 0)
            {
                var native = (index >> shift) + 1;
                counts[native] = counts.GetValueOrDefault(native) + count;
            }

            index++;
        }

        return counts;
    }
}
