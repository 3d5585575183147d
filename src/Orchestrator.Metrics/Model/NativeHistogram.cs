using Orchestrator.Metrics.Model;

namespace Orchestrator.Metrics;

/// <summary>
/// A native histogram of Prometheus: observations, counted in sparse buckets whose bounds follow from a resolution and
/// an index. Bucket <c>i</c> of schema <c>s</c> counts observations above <c>2^((i-1) * 2^-s)</c>, up to and including
/// <c>2^(i * 2^-s)</c>. Only the protobuf format carries it; see
/// <see cref="MetricPoint.NativeHistogram"/> for the text formats. Immutable and thread-safe.
/// </summary>
/// <remarks>Source: https://prometheus.io/docs/specs/native_histograms.</remarks>
public sealed class NativeHistogram
{
    /// <summary>The default zero threshold, 2^-128, as in <c>client_golang</c>.</summary>
    public const double DefaultZeroThreshold = 1.0 / (1UL << 63) / (1UL << 63) / 4;

    /// <summary>Creates a native histogram.</summary>
    /// <param name="schema">
    /// The resolution, from -4 to 8. Each bucket is <c>2^(2^-schema)</c> times as wide as the previous one: 65536 for
    /// -4, 2 for 0, about 1.0027 for 8.
    /// </param>
    /// <param name="sum">
    /// The sum of all observations, in the unit of the family. It may be negative, and is NaN if NaN was observed.
    /// </param>
    /// <param name="positiveBuckets">
    /// The number of observations in each bucket, by bucket index. Not cumulative, in any order; null for none. Pass a
    /// dictionary, for example.
    /// </param>
    /// <param name="negativeBuckets">
    /// The same for observations below zero. Bucket <c>i</c> mirrors the positive bucket <c>i</c>.
    /// </param>
    /// <param name="zeroCount">
    /// The number of observations whose absolute value is at most <paramref name="zeroThreshold"/>.
    /// </param>
    /// <param name="zeroThreshold">
    /// The largest absolute value that the zero bucket counts: a finite number, at least 0. If it is 0, older versions
    /// of Prometheus mistake a histogram without observations for a classic one.
    /// </param>
    /// <param name="count">
    /// The number of all observations; null for the sum of the bucket counts, including the zero count. It may exceed
    /// this sum only if NaN was observed, because no bucket counts NaN.
    /// </param>
    /// <param name="exemplars">
    /// The exemplars, oldest first; null for none. Prometheus ignores those without a timestamp.
    /// </param>
    /// <exception cref="ArgumentException">
    /// The schema, the zero threshold or an index is out of range; a count is negative; an index occurs twice; an
    /// exemplar is null; or the count is less than the sum of the bucket counts, or exceeds it although
    /// <paramref name="sum"/> is not NaN.
    /// </exception>
    /// <exception cref="OverflowException">The sum of all counts exceeds <see cref="long.MaxValue"/>.</exception>
    public NativeHistogram(
        int schema, double sum, IEnumerable<KeyValuePair<int, long>>? positiveBuckets = null,
        IEnumerable<KeyValuePair<int, long>>? negativeBuckets = null, long zeroCount = 0,
        double zeroThreshold = DefaultZeroThreshold, long? count = null, IEnumerable<Exemplar>? exemplars = null)
    {
        NativeHistogramRules.RequireSchema(schema);
        NativeHistogramRules.RequireZeroBucket(zeroCount, zeroThreshold);
        Schema = schema;
        Sum = sum;
        Positive = NativeHistogramRules.ValidateAndSort(positiveBuckets, schema);
        Negative = NativeHistogramRules.ValidateAndSort(negativeBuckets, schema);
        ZeroCount = zeroCount;
        ZeroThreshold = zeroThreshold;
        Count = NativeHistogramRules.RequireCount(count, this);
        ExemplarArray = [.. exemplars ?? []];
        if (ExemplarArray.Contains(null!))
            throw new ArgumentException("An exemplar of a native histogram is null. Remove it.", nameof(exemplars));
    }

    /// <summary>The resolution, from -4 to 8.</summary>
    public int Schema { get; }

    /// <summary>The sum of all observations, in the unit of the family.</summary>
    public double Sum { get; }

    /// <summary>The number of all observations.</summary>
    public long Count { get; }

    /// <summary>The number of observations in the zero bucket.</summary>
    public long ZeroCount { get; }

    /// <summary>The largest absolute value that the zero bucket counts.</summary>
    public double ZeroThreshold { get; }

    /// <summary>The non-empty buckets of positive observations, by ascending index.</summary>
    public IReadOnlyList<KeyValuePair<int, long>> PositiveBuckets => Positive;

    /// <summary>The non-empty buckets of negative observations, by ascending index.</summary>
    public IReadOnlyList<KeyValuePair<int, long>> NegativeBuckets => Negative;

    /// <summary>The exemplars, oldest first.</summary>
    public IReadOnlyList<Exemplar> Exemplars => ExemplarArray;

    internal KeyValuePair<int, long>[] Positive { get; }

    internal KeyValuePair<int, long>[] Negative { get; }

    internal Exemplar[] ExemplarArray { get; }

    /// <summary>
    /// Whether the text formats can contain sum and count. OpenMetrics 1.0, section "Histogram", forbids a sum that is
    /// negative or NaN or occurs with negative buckets, and requires both or neither.
    /// </summary>
    internal bool HasTextSum => Negative.Length == 0 && Sum >= 0;
}
