using System.Globalization;
using System.Text;
using Orchestrator.Metrics.Model;

namespace Orchestrator.Metrics.Exposition.Protobuf;

/// <summary>
/// Reads the metrics of a family. A metric consists of the samples that differ only in their suffix and in the label
/// that the type adds, such as the buckets, the count and the sum of a histogram.
/// </summary>
internal sealed class MetricReader
{
    private readonly MetricFamily _family;
    private readonly string? _typeLabel;
    private readonly int _typeLabelPosition;
    private readonly IEnumerator<StoredSample> _samples;
    private bool _more;

    public MetricReader(MetricFamily family)
    {
        _family = family;
        _typeLabel = GetTypeLabel(family);
        _typeLabelPosition = Array.IndexOf(family.SortedLabelNames, _typeLabel);
        var stored = family.Store.Samples;

        // Points keep their samples together, unlike the text of another library.
        _samples = (family.Store.Chunks.Any(chunk => chunk.IsParsed) ? Regroup([.. stored]) : stored).GetEnumerator();
        _more = _samples.MoveNext();
    }

    public List<StoredSample> Metric { get; } = [];

    // Each state of a stateset is a metric.
    public static string? GetTypeLabel(MetricFamily family) =>
        family.Type == MetricType.StateSet ? null : MetricFamilyRules.GetTypeLabelName(family.Type, family.Name);

    /// <summary>Reads the next metric that has a value. Returns false if there is none.</summary>
    public bool Read()
    {
        do
        {
            if (!_more)
                return false;
            Metric.Clear();
            do
                Metric.Add(_samples.Current);
            while ((_more = _samples.MoveNext()) && BelongsTo(Metric, _samples.Current));
        }
        while (Metric.TrueForAll(sample => sample.Suffix == SampleSuffix.Created));

        return true;
    }

    private bool BelongsTo(List<StoredSample> metric, StoredSample sample)
    {
        var first = metric[0];
        return _family.Type is not (MetricType.Gauge or MetricType.Unknown or MetricType.Info or MetricType.StateSet)
            && (first.Timestamp.Equals(sample.Timestamp) || sample.Suffix == SampleSuffix.Created)
            && !(_family.Type == MetricType.Counter && metric.Exists(other => other.Suffix == sample.Suffix))
            && HaveSameLabels(first, sample);
    }

    private bool HaveSameLabels(StoredSample one, StoredSample other)
    {
        if (one.Detail?.Labels is not null || other.Detail?.Labels is not null)
            return CreateKey(one) == CreateKey(other);
        var labels = one.LabelValues;
        var others = other.LabelValues;
        for (var i = 0; i < labels.Length; i++)
        {
            if (i != _typeLabelPosition && labels[i] != others[i])
                return false;
        }

        return true;
    }

    private List<StoredSample> Regroup(StoredSample[] samples)
    {
        if (_typeLabel is null && _family.Type != MetricType.Counter)
            return [.. samples];
        var metrics = new Dictionary<(string Labels, double Timestamp), List<StoredSample>>();
        List<StoredSample>? current = null;
        foreach (var sample in samples)
        {
            if (current is null || !BelongsTo(current, sample))
            {
                var key = (CreateKey(sample), sample.Timestamp);
                if (!metrics.TryGetValue(key, out current))
                    metrics.Add(key, current = []);
            }

            current.Add(sample);
        }

        return [.. metrics.Values.SelectMany(metric => metric)];
    }

    private string CreateKey(StoredSample sample)
    {
        var key = new StringBuilder();
        foreach (var (name, value) in _family.GetLabels(sample))
        {
            // Lengths make the key unambiguous.
            if (name != _typeLabel)
                key.Append(CultureInfo.InvariantCulture, $"{name.Length},{value.Length},{name}{value}");
        }

        return key.ToString();
    }
}
