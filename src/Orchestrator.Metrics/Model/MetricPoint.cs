using Orchestrator.Metrics.Model;
using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics;

/// <summary>
/// The state of one metric at one time (MetricPoint in OpenMetrics): one number for a gauge, buckets and sum for a
/// histogram. Each static method creates and validates a point of one type. Immutable and thread-safe.
/// </summary>
/// <remarks>
/// A plain number needs no point: use <see cref="MetricFamily.Add(double, ReadOnlySpan{string})"/>. A point consists of
/// the same samples in the same order as in <c>metrics_core.py</c> of <c>prometheus_client</c>.
/// </remarks>
public sealed class MetricPoint
{
    private MetricPoint(MetricType type, DateTimeOffset? timestamp, params ReadOnlySpan<PointSample> samples)
    {
        Type = type;
        TimestampSeconds = UnixSeconds.Convert(timestamp);
        Samples = samples.ToArray();
    }

    internal MetricType Type { get; }

    internal double TimestampSeconds { get; }

    internal PointSample[] Samples { get; }

    internal KeyValuePair<string, string>[] InfoLabels { get; private init; } = [];

    /// <summary>Creates a point of a gauge.</summary>
    /// <param name="value">Any value, in the unit of the family.</param>
    /// <param name="timestamp">The timestamp; null, the usual case, for the time of the scrape.</param>
    public static MetricPoint Gauge(double value, DateTimeOffset? timestamp = null) =>
        new(MetricType.Gauge, timestamp, new PointSample(SampleSuffix.Main, value));

    /// <summary>Creates a point of unknown type.</summary>
    /// <inheritdoc cref="Gauge"/>
    public static MetricPoint Unknown(double value, DateTimeOffset? timestamp = null) =>
        new(MetricType.Unknown, timestamp, new PointSample(SampleSuffix.Main, value));

    /// <summary>Creates a point of a counter.</summary>
    /// <param name="value">The total, in the unit of the family.</param>
    /// <param name="created">The time at which the counter was zero; null if it is not known.</param>
    /// <param name="exemplar">An exemplar of a counted event, or null.</param>
    /// <param name="timestamp">The timestamp; null, the usual case, for the time of the scrape.</param>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative or NaN.</exception>
    public static MetricPoint Counter(
        double value, DateTimeOffset? created = null, Exemplar? exemplar = null, DateTimeOffset? timestamp = null)
    {
        MetricPointRules.RequireCounterLike(value, "counter");
        return new(MetricType.Counter, timestamp,
            [new PointSample(SampleSuffix.Main, value, Exemplar: exemplar), .. BuildCreatedSample(created)]);
    }

    /// <summary>Creates a point of a summary.</summary>
    /// <param name="count">
    /// The number of observations. Values above 2^53 are written as the nearest <see cref="double"/>.
    /// </param>
    /// <param name="sum">The sum of the observations, in the unit of the family.</param>
    /// <param name="quantiles">The quantiles, in ascending order; null for none.</param>
    /// <param name="created">The time at which the count was zero; null if it is not known.</param>
    /// <param name="timestamp">The timestamp; null, the usual case, for the time of the scrape.</param>
    /// <exception cref="ArgumentException">
    /// The count is negative, the sum is negative or NaN, a quantile is not between 0 and 1 or has a negative value, or
    /// the quantiles do not ascend.
    /// </exception>
    public static MetricPoint Summary(
        long count, double sum, IEnumerable<SummaryQuantile>? quantiles = null,
        DateTimeOffset? created = null, DateTimeOffset? timestamp = null)
    {
        MetricPointRules.RequireCount(count);
        MetricPointRules.RequireCounterLike(sum, "sum of a summary");
        SummaryQuantile[] ascending = [.. quantiles ?? []];
        MetricPointRules.RequireQuantiles(ascending);
        return new(MetricType.Summary, timestamp,
        [
            .. ascending.Select(q => new PointSample(SampleSuffix.Main, q.Value, NumberFormat.FormatGo(q.Quantile))),
            new PointSample(SampleSuffix.Count, count),
            new PointSample(SampleSuffix.Sum, sum),
            .. BuildCreatedSample(created),
        ]);
    }

    /// <summary>Creates a point of a histogram.</summary>
    /// <param name="buckets">
    /// The cumulative buckets. Bounds ascend and end with positive infinity; counts never decrease. Counts above 2^53
    /// are written as the nearest <see cref="double"/>.
    /// </param>
    /// <param name="sum">
    /// The sum of the observations, in the unit of the family. If it is null, or the first bound is negative, neither
    /// sum nor count is written (OpenMetrics 1.0, section "Histogram").
    /// </param>
    /// <param name="created">The time at which the count was zero; null if it is not known.</param>
    /// <param name="timestamp">The timestamp; null, the usual case, for the time of the scrape.</param>
    /// <exception cref="ArgumentException">
    /// The buckets are invalid, or the sum is negative or NaN although no bound is negative.
    /// </exception>
    public static MetricPoint Histogram(
        IEnumerable<HistogramBucket> buckets, double? sum = null,
        DateTimeOffset? created = null, DateTimeOffset? timestamp = null)
    {
        ArgumentNullException.ThrowIfNull(buckets);
        HistogramBucket[] ascending = [.. buckets];
        MetricPointRules.RequireBuckets(ascending);
        PointSample[] totals = [];
        if (sum is { } total && ascending[0].UpperBound >= 0)
        {
            MetricPointRules.RequireCounterLike(total, "sum of a histogram");
            totals = [new(SampleSuffix.Count, ascending[^1].Count), new(SampleSuffix.Sum, total)];
        }

        return new(
            MetricType.Histogram, timestamp,
            [.. BuildBucketSamples(ascending), .. totals, .. BuildCreatedSample(created)]);
    }

    /// <summary>Creates a point of a histogram with native buckets and, optionally, classic buckets.</summary>
    /// <param name="histogram">The native histogram.</param>
    /// <param name="classicBuckets">
    /// The cumulative buckets for the text formats (Prometheus text and OpenMetrics), and for Prometheus servers that
    /// do not ingest native histograms. Bounds ascend and end with positive infinity. The last count equals the count
    /// of <paramref name="histogram"/>. Null for none: the text formats then contain only the bucket up to positive
    /// infinity, in OpenMetrics with the last exemplar.
    /// </param>
    /// <param name="created">The time at which the count was zero; null if it is not known.</param>
    /// <param name="timestamp">The timestamp; null, the usual case, for the time of the scrape.</param>
    /// <exception cref="ArgumentException">
    /// The classic buckets are invalid, or their total differs from the count of the native histogram.
    /// </exception>
    /// <remarks>
    /// The text formats and <see cref="MetricFamily.Samples"/> also contain count and sum, unless there are negative
    /// buckets or bounds, or the sum is negative or NaN (OpenMetrics 1.0, section "Histogram").
    /// </remarks>
    public static MetricPoint NativeHistogram(
        NativeHistogram histogram, IEnumerable<HistogramBucket>? classicBuckets = null,
        DateTimeOffset? created = null, DateTimeOffset? timestamp = null)
    {
        ArgumentNullException.ThrowIfNull(histogram);
        HistogramBucket[] buckets = classicBuckets is null
            ? [new(double.PositiveInfinity, histogram.Count, histogram.ExemplarArray.LastOrDefault())]
            : [.. classicBuckets];
        MetricPointRules.RequireBuckets(buckets);
        NativeHistogramRules.RequireSameCount(buckets[^1].Count, histogram.Count);
        PointSample[] samples = [.. BuildBucketSamples(buckets)];
        samples[^1] = samples[^1] with { Native = histogram };
        PointSample[] totals = histogram.HasTextSum && buckets[0].UpperBound >= 0
            ? [new(SampleSuffix.Count, histogram.Count), new(SampleSuffix.Sum, histogram.Sum)]
            : [];
        return new(MetricType.Histogram, timestamp, [.. samples, .. totals, .. BuildCreatedSample(created)]);
    }

    /// <summary>Creates a point of a gauge histogram.</summary>
    /// <param name="buckets">
    /// The cumulative buckets. Bounds ascend and end with positive infinity; counts never decrease. Counts above 2^53
    /// are written as the nearest <see cref="double"/>.
    /// </param>
    /// <param name="sum">
    /// The sum of the observations, in the unit of the family. If it is null, neither sum nor count is written.
    /// </param>
    /// <param name="timestamp">The timestamp; null, the usual case, for the time of the scrape.</param>
    /// <exception cref="ArgumentException">
    /// The buckets are invalid, or the sum is NaN, or the sum is negative although no bound is negative.
    /// </exception>
    public static MetricPoint GaugeHistogram(
        IEnumerable<HistogramBucket> buckets, double? sum = null, DateTimeOffset? timestamp = null)
    {
        ArgumentNullException.ThrowIfNull(buckets);
        HistogramBucket[] ascending = [.. buckets];
        MetricPointRules.RequireBuckets(ascending);
        MetricPointRules.RequireGaugeSum(sum, ascending[0].UpperBound);
        PointSample[] totals = sum is { } total
            ? [new(SampleSuffix.GaugeCount, ascending[^1].Count), new(SampleSuffix.GaugeSum, total)]
            : [];
        return new(MetricType.GaugeHistogram, timestamp, [.. BuildBucketSamples(ascending), .. totals]);
    }

    /// <summary>Creates a point of an info.</summary>
    /// <param name="labels">
    /// The facts as labels, such as <c>version</c>, in addition to the labels of the family.
    /// </param>
    /// <param name="timestamp">The timestamp; null, the usual case, for the time of the scrape.</param>
    /// <exception cref="ArgumentException">
    /// A label name is invalid or reserved, two label names are equal, or equal after escaping, or a value is null.
    /// </exception>
    public static MetricPoint Info(IEnumerable<KeyValuePair<string, string>> labels, DateTimeOffset? timestamp = null)
    {
        ArgumentNullException.ThrowIfNull(labels);
        return new(MetricType.Info, timestamp, new PointSample(SampleSuffix.Main, 1))
        {
            InfoLabels = LabelPairs.ValidateAndSort(labels, "an info", NameValidationScheme.Utf8),
        };
    }

    /// <summary>Creates a point of a stateset.</summary>
    /// <param name="states">The states and whether each is on, in any order. The samples are sorted by state.</param>
    /// <param name="timestamp">The timestamp; null, the usual case, for the time of the scrape.</param>
    /// <exception cref="ArgumentException">A state is null or occurs twice.</exception>
    public static MetricPoint StateSet(IEnumerable<KeyValuePair<string, bool>> states, DateTimeOffset? timestamp = null)
    {
        ArgumentNullException.ThrowIfNull(states);
        var sorted = states.OrderBy(state => state.Key, CodePointComparer.Instance).ToArray();
        MetricPointRules.RequireStates(sorted);
        return new(MetricType.StateSet, timestamp,
            [.. sorted.Select(state => new PointSample(SampleSuffix.Main, state.Value ? 1 : 0, state.Key))]);
    }

    private static PointSample[] BuildCreatedSample(DateTimeOffset? created) =>
        created is null ? [] : [new(SampleSuffix.Created, UnixSeconds.Convert(created))];

    private static IEnumerable<PointSample> BuildBucketSamples(HistogramBucket[] buckets) =>
        buckets.Select(bucket => new PointSample(
            SampleSuffix.Bucket, bucket.Count, NumberFormat.FormatGo(bucket.UpperBound), bucket.Exemplar));
}
