using SdkMetricType = OpenTelemetry.Metrics.MetricType;
using SdkPoint = OpenTelemetry.Metrics.MetricPoint;

namespace Orchestrator.Metrics.OpenTelemetry;

/// <summary>Adds the points of the SDK to a family. Not thread-safe.</summary>
internal sealed class PointWriter
{
    private HistogramBucket[] _buckets = new HistogramBucket[16];

    public void Write(in SdkPoint point, ExportedMetric metric, SeriesLabels labels, MetricFamilyBuilder builder)
    {
        var type = metric.Metric.MetricType;
        DateTimeOffset? created = metric.HasCreated ? point.StartTime : null;
        switch (type)
        {
            case SdkMetricType.Histogram:
                WriteHistogram(in point, metric.Names, labels, builder, created);
                break;
            case SdkMetricType.ExponentialHistogram:
                builder.AddPoint(
                    MetricPoint.NativeHistogram(ExponentialHistograms.Convert(in point, metric), created: created),
                    labels.Pairs);
                break;
            case SdkMetricType.LongSum or SdkMetricType.DoubleSum:
                var isLong = type == SdkMetricType.LongSum;
                builder.AddValue(
                    isLong ? point.GetSumLong() : point.GetSumDouble(), labels.Names, labels.Values, created,
                    point.TryGetExemplars(out var exemplars)
                        ? Exemplars.FindLatest(exemplars, metric.Names, isLong)
                        : null);
                break;
            default:
                builder.AddValue(ReadGauge(in point, type), labels.Names, labels.Values);
                break;
        }
    }

    private static double ReadGauge(in SdkPoint point, SdkMetricType type) => type switch
    {
        SdkMetricType.LongSumNonMonotonic => point.GetSumLong(),
        SdkMetricType.DoubleSumNonMonotonic => point.GetSumDouble(),
        SdkMetricType.LongGauge => point.GetGaugeLastValueLong(),
        SdkMetricType.DoubleGauge => point.GetGaugeLastValueDouble(),
        _ => throw new NotSupportedException($"Metrics of type {type} of the OpenTelemetry SDK are not supported."),
    };

    private void WriteHistogram(
        in SdkPoint point, MeterNames names, SeriesLabels labels, MetricFamilyBuilder builder, DateTimeOffset? created)
    {
        var hasExemplars = point.TryGetExemplars(out var exemplars);
        var used = 0;
        var count = 0L;
        var lower = double.NegativeInfinity;
        foreach (var bucket in point.GetHistogramBuckets())
        {
            count += bucket.BucketCount;
            var exemplar = hasExemplars
                ? Exemplars.FindLatestInBucket(exemplars, names, lower, bucket.ExplicitBound)
                : null;
            Add(new(bucket.ExplicitBound, count, exemplar));
            lower = bucket.ExplicitBound;
        }

        // If a view sets no bounds, the SDK counts without buckets.
        if (used == 0)
            Add(new(double.PositiveInfinity, point.GetHistogramCount()));
        builder.AddHistogram(
            _buckets.AsSpan(0, used), point.GetHistogramSum(), labels.Names, labels.Values, created);

        void Add(HistogramBucket bucket)
        {
            if (used == _buckets.Length)
                Array.Resize(ref _buckets, 2 * used);
            _buckets[used++] = bucket;
        }
    }
}
