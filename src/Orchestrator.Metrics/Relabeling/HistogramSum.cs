using Orchestrator.Metrics.Model;
using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics.Relabeling;

/// <summary>
/// Sums histograms whose labels have become equal. The result contains the bounds of all histograms. A histogram that
/// lacks a bound contributes its count at its next lower bound.
/// </summary>
/// <param name="isSorted">Whether the buckets of each histogram are added in the order of their bounds.</param>
internal sealed class HistogramSum(bool isSorted)
{
    private readonly List<SortedDictionary<double, double>> _cumulative = [];
    private readonly Dictionary<SeriesKey, SortedDictionary<double, double>> _current = [];
    private readonly SortedDictionary<double, SeriesSum> _buckets = [];
    private readonly SortedDictionary<SampleSuffix, SeriesSum> _totals = [];

    /// <summary>The latest timestamp, which applies to all samples of the sum.</summary>
    public double Timestamp => _buckets.Values.Concat(_totals.Values).Max(sum => sum.Timestamp);

    // The source has the labels before the change. The bound is null unless the sample is a bucket.
    public void Add(
        SeriesKey source, SampleSuffix suffix, double? bound, double value, double timestamp, Exemplar? exemplar)
    {
        if (!_current.TryGetValue(source, out var counts))
            counts = AddHistogram(source);
        if (bound is { } upper)
        {
            // A collector may return several histograms with equal labels, for example if it leaves the values of
            // dropped labels empty.
            if (counts.ContainsKey(upper) || (isSorted && counts.ContainsKey(double.PositiveInfinity)))
                counts = AddHistogram(source);
            counts.Add(upper, value);
            GetOrAdd(_buckets, upper).Add(0, timestamp, exemplar);
        }
        else if (suffix == SampleSuffix.Created)
            GetOrAdd(_totals, suffix).AddMinimum(value, timestamp);
        else
            GetOrAdd(_totals, suffix).Add(value, timestamp, exemplar);
    }

    /// <summary>
    /// Returns the samples of the summed histogram. Omits sum and count if a histogram lacks them, because both would
    /// be incomplete. Also omits them if the sum is NaN, as after adding positive and negative infinity, because
    /// OpenMetrics does not allow NaN. Call this method once, after adding all samples.
    /// </summary>
    public IEnumerable<(SampleSuffix Suffix, string? Bound, SeriesSum Sum)> GetSamples()
    {
        foreach (var counts in _cumulative)
        {
            var lower = 0.0;
            foreach (var (bound, count) in counts)
            {
                _buckets[bound].Add(count - lower, UnixSeconds.None, exemplar: null);
                lower = count;
            }
        }

        var cumulative = 0.0;
        foreach (var (bound, bucket) in _buckets)
        {
            var below = cumulative;
            cumulative += bucket.Value;
            bucket.Add(below, UnixSeconds.None, exemplar: null);
            yield return (SampleSuffix.Bucket, NumberFormat.FormatGo(bound), bucket);
        }

        // The creation time comes last, as in a point that a collector creates.
        var isDefined = !_totals.Values.Any(total => double.IsNaN(total.Value));
        foreach (var (suffix, total) in _totals.OrderBy(total => total.Key == SampleSuffix.Created))
        {
            if (suffix == SampleSuffix.Created || (isDefined && total.Samples == _cumulative.Count))
                yield return (suffix, null, total);
        }
    }

    private SortedDictionary<double, double> AddHistogram(SeriesKey source)
    {
        var counts = new SortedDictionary<double, double>();
        _cumulative.Add(counts);
        return _current[source] = counts;
    }

    private static SeriesSum GetOrAdd<TKey>(SortedDictionary<TKey, SeriesSum> sums, TKey key)
        where TKey : notnull
    {
        if (!sums.TryGetValue(key, out var sum))
            sums.Add(key, sum = new SeriesSum());
        return sum;
    }
}
