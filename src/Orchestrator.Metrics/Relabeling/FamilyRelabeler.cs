using Orchestrator.Metrics.Model;
using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics.Relabeling;

/// <summary>
/// Drops, maps and adds labels of a family, drops and maps those of its exemplars, and prefixes its name. Series that
/// become identical are summed. The values of the label that the type adds, such as <c>le</c>, never change.
/// </summary>
internal sealed class FamilyRelabeler
{
    private const int NoColumn = -1;
    private const string Infinity = "+Inf";

    private readonly MetricFamily _family;
    private readonly LabelChanges _changes;
    private readonly string _name;
    private readonly string? _typeLabel;
    private readonly string? _newTypeLabel;
    private readonly string[] _labels;

    // For each column of the family, its new position and the function that maps its values.
    private readonly int[] _positions;
    private readonly Func<string, string>?[] _maps;

    private FamilyRelabeler(MetricFamily family, LabelChanges changes)
    {
        (_family, _changes, _name) = (family, changes, changes.NamePrefix + family.Name);
        _typeLabel = MetricFamilyRules.GetTypeLabelName(family.Type, family.Name);
        _newTypeLabel = MetricFamilyRules.GetTypeLabelName(family.Type, _name);
        var names = Array.ConvertAll(family.SortedLabelNames, GetNewName);
        _labels = [.. names.OfType<string>(), .. changes.Added.Keys];
        Array.Sort(_labels, CodePointComparer.Instance);
        RequireDistinct(_labels);
        _positions = Array.ConvertAll(
            names, name => name is null ? NoColumn : Array.BinarySearch(_labels, name, CodePointComparer.Instance));
        _maps = Array.ConvertAll(family.SortedLabelNames, GetMap);
    }

    /// <summary>Returns the changed, read-only family; the family itself if nothing changes.</summary>
    public static MetricFamily Apply(MetricFamily family, LabelChanges changes)
    {
        var labels = !family.Store.HasOwnLabels
            ? family.LabelNames
            : family.LabelNames.Concat(family.Store.Samples.SelectMany(
                sample => (sample.Detail?.Labels ?? []).Select(label => label.Key)));
        var needsSums = changes.Dropped.Count + changes.Maps.Count > 0 && labels.Any(
            label => changes.Dropped.Contains(label) || changes.Maps.ContainsKey(label));
        if (!needsSums && changes.Added.Count == 0 && changes.NamePrefix.Length == 0
            && !ExemplarRelabeler.IsChanged(family, changes))
            return family;
        var relabeler = new FamilyRelabeler(family, changes);
        var store = !needsSums ? relabeler.Copy()
            : family.Type is MetricType.Histogram or MetricType.GaugeHistogram ? relabeler.SumHistograms()
            : relabeler.Sum();
        return new MetricFamily(
            family.Type, relabeler._name, family.Help, family.Unit, relabeler._labels, store,
            hasTotal: family.OpenMetricsType == family.Type, isParsed: family.IsParsed);
    }

    public static string Map(Func<string, string>? map, string value) => map is null
        ? value
        : map(value) ?? throw new InvalidOperationException(
            $"A function of {nameof(CollectorOptions.MapLabel)} returned null. Return a string; it may be empty.");

    private SampleStore Copy()
    {
        var store = new SampleStore(_labels.Length);
        foreach (var sample in _family.Store.Samples)
        {
            var detail = sample.Detail;
            Add(store, CreateKey(sample), sample.Value, sample.Timestamp, detail?.Exemplar, detail?.Native);
        }

        return store;
    }

    private SampleStore Sum()
    {
        var isMinimum = _changes.Minima.Contains(_family.Name);
        var isSummary = _family.Type == MetricType.Summary;
        var sums = new Dictionary<SeriesKey, SeriesSum>();
        var sources = new Dictionary<SeriesKey, SeriesKey>();
        var merged = new HashSet<SeriesKey>();
        foreach (var sample in _family.Store.Samples)
        {
            var key = CreateKey(sample);
            var isRepeated = sums.TryGetValue(key, out var sum);
            if (isRepeated && _family.Type is MetricType.StateSet or MetricType.Info)
                throw CreateSumException();
            if (sum is null)
                sums.Add(key, sum = new SeriesSum());
            if (isSummary)
            {
                var (group, source) = (RemoveTypeLabel(key), GetSource(sample));
                if (isRepeated || (!sources.TryAdd(group, source) && sources[group] != source))
                    merged.Add(group);
            }

            if (isMinimum || key.Suffix == SampleSuffix.Created)
                sum.AddMinimum(sample.Value, sample.Timestamp);
            else
                sum.Add(sample.Value, sample.Timestamp, sample.Detail?.Exemplar);
        }

        var store = new SampleStore(_labels.Length);
        // A creation time must stay next to the values of its series, with the same timestamp.
        IEnumerable<IEnumerable<KeyValuePair<SeriesKey, SeriesSum>>> series =
            (_family.Store.Suffixes & SampleSuffix.Created) == 0
                ? sums.Select(sum => (KeyValuePair<SeriesKey, SeriesSum>[])[sum])
                : sums.GroupBy(sum => sum.Key with { Suffix = default });
        foreach (var samples in series)
        {
            var timestamp = samples.Max(sample => sample.Value.Timestamp);
            foreach (var (key, sum) in samples)
            {
                // Quantiles of several summaries cannot be summed.
                if (!isSummary || key.Suffix != SampleSuffix.Main || !merged.Contains(RemoveTypeLabel(key)))
                    Add(store, key, sum.Value, timestamp, sum.Exemplar);
            }
        }

        return store;
    }

    private SampleStore SumHistograms()
    {
        var sums = new Dictionary<SeriesKey, HistogramSum>();
        var natives = new Dictionary<SeriesKey, List<NativeHistogram?>>();
        foreach (var sample in _family.Store.Samples)
        {
            double? bound = sample.Suffix == SampleSuffix.Bucket ? GetBound(sample) : null;
            var key = CreateKey(sample);
            var group = RemoveTypeLabel(key);
            if (!sums.TryGetValue(group, out var sum))
            {
                sums.Add(group, sum = new HistogramSum(isSorted: !_family.IsParsed));
                natives.Add(group, []);
            }

            if (bound is double.PositiveInfinity)
                natives[group].Add(sample.Detail?.Native);
            sum.Add(GetSource(sample), key.Suffix, bound, sample.Value, sample.Timestamp, sample.Detail?.Exemplar);
        }

        var store = new SampleStore(_labels.Length);
        foreach (var (group, histogram) in sums)
        {
            var timestamp = histogram.Timestamp;
            foreach (var (suffix, bound, sum) in histogram.GetSamples())
            {
                var native = bound == Infinity ? Sum(natives[group]) : null;
                Add(store, AddBound(group, suffix, bound), sum.Value, timestamp, sum.Exemplar, native);
            }
        }

        return store;
    }

    private double GetBound(StoredSample sample)
    {
        _family.GetLabels(sample).TryGetValue(_typeLabel!, out var label);
        var bound = NumberFormat.ParseLabel(label);
        return double.IsNaN(bound) ? throw CreateBoundException(label) : bound;
    }

    // Null if a histogram is only classic, because the sum would omit it.
    private static NativeHistogram? Sum(List<NativeHistogram?> natives) =>
        natives.Count == 0 || natives.Contains(null) ? null : NativeHistogramSum.Compute(natives!);

    private SeriesKey GetSource(StoredSample sample) => new(
        default,
        [.. _family.GetLabels(sample).Where(label => label.Key != _typeLabel && label.Value.Length > 0)
            .SelectMany(label => (string[])[label.Key, label.Value])]);

    private SeriesKey RemoveTypeLabel(SeriesKey key)
    {
        var columns = key.Columns.ToArray();
        if (TypeLabelColumn is >= 0 and var column)
            columns[column] = null;
        return new(default, columns, key.Pairs?.Where(pair => pair.Key != _newTypeLabel).ToArray());
    }

    private SeriesKey AddBound(SeriesKey group, SampleSuffix suffix, string? bound)
    {
        if (group.Pairs is { } pairs)
            return group with
            {
                Suffix = suffix,
                Pairs = bound is null ? pairs : LabelPairs.SortByName([.. pairs, new(_newTypeLabel!, bound)]),
            };
        var columns = group.Columns.ToArray();
        if (bound is not null)
            columns[TypeLabelColumn] = bound;
        return new(suffix, columns);
    }

    private int TypeLabelColumn => Array.IndexOf(_labels, _newTypeLabel);

    private SeriesKey CreateKey(StoredSample sample)
    {
        var columns = new string?[_labels.Length];
        if (sample.Detail?.Labels is { } own)
        {
            var pairs = CreatePairs(own);

            // A sample stores its labels itself only if the columns do not suffice.
            if (Array.Exists(pairs, pair => FindColumn(pair.Key) < 0))
                return new(sample.Suffix, columns, pairs);
            foreach (var (label, value) in pairs)
                columns[FindColumn(label)] = value;
            return new(sample.Suffix, columns);
        }

        var values = sample.LabelValues;
        for (var i = 0; i < values.Length; i++)
        {
            if (_positions[i] != NoColumn && values[i] is { } value)
                columns[_positions[i]] = Map(_maps[i], value);
        }

        foreach (var (label, value) in _changes.Added)
            columns[FindColumn(label)] = value;
        return new(sample.Suffix, columns);
    }

    private KeyValuePair<string, string>[] CreatePairs(KeyValuePair<string, string>[] labels)
    {
        var pairs = new List<KeyValuePair<string, string>>();
        foreach (var (label, value) in labels)
        {
            if (GetNewName(label) is { } name)
                pairs.Add(new(name, Map(GetMap(label), value)));
        }

        pairs.AddRange(_changes.Added);
        if (_changes.Added.Count > 0)
            RequireDistinct(pairs.Select(pair => pair.Key));
        return LabelPairs.SortByName(pairs);
    }

    // Only new names are compared with the others, because labels of different samples may be equal after escaping.
    private void RequireDistinct(IEnumerable<string> labels) => LabelPairs.RequireDistinct(
        [.. labels.Where(IsNew)], $"metric family '{_family.Name}' with the added labels",
        $"Rename it in {nameof(CollectorOptions.AddLabels)}, or drop the existing label with " +
        $"{nameof(CollectorOptions.DropLabels)}.");

    private bool IsNew(string label)
    {
        var name = EscapedName.EscapeLabelName(label, EscapingScheme.Underscores);
        return _changes.Added.ContainsKey(name) || (_newTypeLabel != _typeLabel
            && name == EscapedName.EscapeLabelName(_newTypeLabel!, EscapingScheme.Underscores));
    }

    private int FindColumn(string label) => Array.BinarySearch(_labels, label, CodePointComparer.Instance);

    private string? GetNewName(string label)
    {
        if (label == _typeLabel)
            return _newTypeLabel;
        return _changes.Dropped.Contains(label) ? null : label;
    }

    private Func<string, string>? GetMap(string label) =>
        label == _typeLabel ? null : _changes.Maps.GetValueOrDefault(label);

    // The message omits label values, because some may be hashed later.
    private InvalidOperationException CreateSumException() => new(
        $"Metric family '{_family.Name}' is of type {_family.Type}, whose series cannot be summed. Two of its series " +
        "become identical after labels are dropped or mapped. Keep a label that distinguishes them.");

    private InvalidOperationException CreateBoundException(string? bound) => new(
        $"A bucket of metric family '{_family.Name}' has {(bound is null ? "no bound" : $"the bound '{bound}'")}, so " +
        "its histograms cannot be summed after labels are dropped or mapped. Label each bucket with 'le', a finite " +
        "number or '+Inf'.");

    private void Add(
        SampleStore store, SeriesKey key, double value, double timestamp, Exemplar? exemplar,
        NativeHistogram? native = null)
    {
        var detail = SampleDetail.Create(
            key.Suffix, ExemplarRelabeler.Apply(exemplar, _changes), key.Pairs,
            ExemplarRelabeler.Apply(native, _changes));
        key.Columns.CopyTo(store.Add(value, timestamp, detail));
    }
}
