using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics.Model;

/// <summary>Samples from another metrics library, each with its own label names.</summary>
internal sealed class ForeignSamples
{
    // A sample that would need more columns stores its labels itself. The limit bounds memory if all names differ.
    private const int MaxColumns = 64;

    private readonly List<string> _labelNames;

    // Null if there is no previous family, or as soon as the columns differ from those of the previous family.
    private SampleStore? _previous;
    private SampleStore _samples;

    // The columns of the current point's label names, and the column of the label that the type adds.
    private LabelNames? _names;
    private int[]? _columns;
    private string? _typeLabel;
    private int _typeLabelColumn;

    // The labels that the samples of the current point share: by column, or as pairs if there are too many columns.
    private string?[] _row = [];
    private List<KeyValuePair<string, string>> _pairs = [];

    // The new family shares the label values of the previous one while they are equal.
    public ForeignSamples(MetricFamily? previous = null)
    {
        _labelNames = [.. previous?.SortedLabelNames ?? []];
        _previous = previous?.Store;
        _samples = new SampleStore(_labelNames.Count, _previous);
    }

    public int Count => _samples.Count;

    public SampleSuffix Suffixes => _samples.Suffixes;

    public string? GetPreviousLabel(int sample, string label) =>
        _previous?.Chunks is [var chunk, ..] && sample < chunk.Count
            && _labelNames.IndexOf(label) is >= 0 and var column
            ? chunk.GetLabels(sample)[column]
            : null;

    /// <summary>Adds a sample. Returns a label that occurs twice, or null. Validates nothing else.</summary>
    public string? Add(
        SampleSuffix suffix, List<KeyValuePair<string, string>> labels, double value, double timestamp,
        Exemplar? exemplar, NativeHistogram? native = null)
    {
        var fits = true;
        foreach (var (label, _) in labels)
            fits &= _labelNames.Contains(label) || TryAddColumn(label);
        if (!fits)
        {
            var sorted = LabelPairs.SortByName(labels);
            _samples.Add(value, timestamp, SampleDetail.Create(suffix, exemplar, sorted, native));
            return FindDuplicate(sorted);
        }

        var values = _samples.Add(value, timestamp, SampleDetail.Create(suffix, exemplar, labels: null, native));
        foreach (var (label, text) in labels)
        {
            ref var place = ref values[_labelNames.IndexOf(label)];
            if (place is not null)
                return label;
            place = text;
        }

        return null;
    }

    public void StartPoint(LabelNames labels, ReadOnlySpan<string> labelValues, string? typeLabel)
    {
        if (!ReferenceEquals(labels, _names))
        {
            _columns = GetOrAddColumns(labels.Names, typeLabel);
            (_names, _typeLabel, _row) = (labels, typeLabel, new string?[_labelNames.Count]);
        }

        if (_columns is null)
        {
            _pairs = [];
            for (var i = 0; i < labelValues.Length; i++)
                _pairs.Add(new(labels.Names[i], labelValues[i]));
            return;
        }

        for (var i = 0; i < labelValues.Length; i++)
            _row[_columns[i]] = labelValues[i];
    }

    public void AddToPoint(
        SampleSuffix suffix, double value, string? typeLabelValue = null, Exemplar? exemplar = null)
    {
        if (_columns is null)
        {
            List<KeyValuePair<string, string>> labels =
                typeLabelValue is null ? _pairs : [.. _pairs, new(_typeLabel!, typeLabelValue)];
            _samples.Add(value, UnixSeconds.None, SampleDetail.Create(suffix, exemplar, LabelPairs.SortByName(labels)));
            return;
        }

        if (_typeLabel is not null)
            _row[_typeLabelColumn] = typeLabelValue;
        _samples.AddRow(value, SampleDetail.Create(suffix, exemplar, labels: null), _row);
    }

    // If hasTotal is true, name excludes _total.
    public MetricFamily ToFamily(MetricType type, string name, string? help, string? unit, bool hasTotal) => new(
        type, name, help ?? "", unit is not null && MetricNames.HasUnit(name, unit) ? unit : "", [.. _labelNames],
        _samples, hasTotal);

    public static string? FindDuplicate(KeyValuePair<string, string>[] sorted)
    {
        for (var i = 1; i < sorted.Length; i++)
        {
            if (sorted[i].Key == sorted[i - 1].Key)
                return sorted[i].Key;
        }

        return null;
    }

    /// <summary>Returns null if there are too many columns.</summary>
    private int[]? GetOrAddColumns(string[] names, string? typeLabel)
    {
        foreach (var label in typeLabel is null ? names : [.. names, typeLabel])
        {
            if (!_labelNames.Contains(label) && !TryAddColumn(label))
                return null;
        }

        if (typeLabel is not null)
            _typeLabelColumn = _labelNames.IndexOf(typeLabel);
        return Array.ConvertAll(names, _labelNames.IndexOf);
    }

    private bool TryAddColumn(string label)
    {
        _names = null;
        if (_labelNames.Count == MaxColumns)
            return false;
        _previous = null;
        var position = ~_labelNames.BinarySearch(label, CodePointComparer.Instance);
        _labelNames.Insert(position, label);
        _samples = _samples.WithColumn(position);
        return true;
    }
}
