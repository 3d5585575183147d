using Orchestrator.Metrics.Model;
using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics.Relabeling;

/// <summary>
/// Drops, maps and adds labels of a family, and prefixes its name. Series that become one are summed. The label that
/// the type adds, such as <c>le</c>, never changes.
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

    // For each column of the family, its new position and the function for its values.
    private readonly int[] _positions;
    private readonly Func<string, string>?[] _maps;

    private FamilyRelabeler(MetricFamily family, LabelChanges changes)
    {
        (_family, _changes, _name) = (family, changes, changes.NamePrefix + family.Name);
        _typeLabel = MetricFamilyRules.TypeLabelName(family.Type, family.Name);
        _newTypeLabel = MetricFamilyRules.TypeLabelName(family.Type, _name);
        var names = Array.ConvertAll(family.SortedLabelNames, NewName);
        _labels = [.. names.OfType<string>(), .. changes.Added.Keys];
        Array.Sort(_labels, CodePointComparer.Instance);
        LabelPairs.RequireDistinct(_labels, Owner);
        _positions = Array.ConvertAll(
            names, name => name is null ? NoColumn : Array.BinarySearch(_labels, name, CodePointComparer.Instance));
        _maps = Array.ConvertAll(family.SortedLabelNames, MapOf);
    }

    /// <summary>Returns the changed family, read-only; the family itself if nothing of it changes.</summary>
    /// <param name="family">The family, read-only.</param>
    /// <param name="changes">The changes.</param>
    /// <exception cref="InvalidOperationException">
    /// Series of a type that cannot be summed become one.
    /// </exception>
    /// <exception cref="ArgumentException">The family already has a label to add.</exception>
    public static MetricFamily Apply(MetricFamily family, LabelChanges changes)
    {
        var sums = family.Store.HasOwnLabels
            ? changes.Dropped.Count > 0 || changes.Maps.Count > 0
            : family.LabelNames.Any(label => changes.Dropped.Contains(label) || changes.Maps.ContainsKey(label));
        if (!sums && changes.Added.Count == 0 && changes.NamePrefix.Length == 0)
            return family;
        var relabeler = new FamilyRelabeler(family, changes);
        var store = !sums ? relabeler.Copy()
            : family.Type is MetricType.Histogram or MetricType.GaugeHistogram ? relabeler.SumHistograms()
            : relabeler.Sum();
        return new MetricFamily(
            family.Type, relabeler._name, family.Help, family.Unit, relabeler._labels, store,
            hasTotal: family.OpenMetricsType == family.Type, isParsed: family.IsParsed);
    }

    private SampleStore Copy()
    {
        var store = new SampleStore(_labels.Length);
        foreach (var sample in _family.Store.Samples)
        {
            var detail = sample.Detail;
            Add(store, NewKey(sample), sample.Value, sample.Timestamp, detail?.Exemplar, detail?.Native);
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
            var key = NewKey(sample);
            var isRepeated = sums.TryGetValue(key, out var sum);
            if (isRepeated && _family.Type is MetricType.StateSet or MetricType.Info)
                throw CannotSum();
            if (sum is null)
                sums.Add(key, sum = new SeriesSum());
            if (isSummary)
            {
                var (group, source) = (WithoutTypeLabel(key), Source(sample));
                if (isRepeated || (!sources.TryAdd(group, source) && sources[group] != source))
                    merged.Add(group);
            }

            if (isMinimum || key.Suffix == SampleSuffix.Created)
                sum.AddMinimum(sample.Value, sample.Timestamp);
            else
                sum.Add(sample.Value, sample.Timestamp, sample.Detail?.Exemplar);
        }

        var store = new SampleStore(_labels.Length);
        // A creation time must stay next to the values of its series, and have the same timestamp.
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
                if (!isSummary || key.Suffix != SampleSuffix.Main || !merged.Contains(WithoutTypeLabel(key)))
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
            _family.LabelsOf(sample).TryGetValue(_typeLabel!, out var bound);
            var key = NewKey(sample);
            var group = WithoutTypeLabel(key);
            if (!sums.TryGetValue(group, out var sum))
            {
                sums.Add(group, sum = new HistogramSum(isSorted: !_family.IsParsed));
                natives.Add(group, []);
            }

            if (bound == Infinity)
                natives[group].Add(sample.Detail?.Native);
            sum.Add(Source(sample), key.Suffix, bound, sample.Value, sample.Timestamp, sample.Detail?.Exemplar);
        }

        var store = new SampleStore(_labels.Length);
        foreach (var (group, histogram) in sums)
        {
            foreach (var (suffix, bound, sum) in histogram.Samples())
            {
                var native = bound == Infinity ? Sum(natives[group]) : null;
                Add(store, WithBound(group, suffix, bound), sum.Value, histogram.Timestamp, sum.Exemplar, native);
            }
        }

        return store;
    }

    /// <summary>Returns the sum of native histograms; null if a part is only classic and would be missing.</summary>
    private static NativeHistogram? Sum(List<NativeHistogram?> natives) =>
        natives.Count == 0 || natives.Contains(null) ? null : NativeHistogramSum.Of(natives!);

    /// <summary>Returns the labels of a sample before the change, without that of the type.</summary>
    private SeriesKey Source(StoredSample sample) => new(
        default,
        [.. _family.LabelsOf(sample).Where(label => label.Key != _typeLabel)
            .SelectMany(label => (string[])[label.Key, label.Value])]);

    private SeriesKey WithoutTypeLabel(SeriesKey key)
    {
        var columns = key.Columns.ToArray();
        if (TypeLabelColumn is >= 0 and var column)
            columns[column] = null;
        return new(default, columns, key.Pairs?.Where(pair => pair.Key != _newTypeLabel).ToArray());
    }

    private SeriesKey WithBound(SeriesKey group, SampleSuffix suffix, string? bound)
    {
        if (group.Pairs is { } pairs)
            return group with
            {
                Suffix = suffix,
                Pairs = bound is null ? pairs : LabelPairs.SortedByName([.. pairs, new(_newTypeLabel!, bound)]),
            };
        var columns = group.Columns.ToArray();
        if (bound is not null)
            columns[TypeLabelColumn] = bound;
        return new(suffix, columns);
    }

    private string Owner => $"metric family '{_family.Name}' with the added labels";

    private int TypeLabelColumn => Array.IndexOf(_labels, _newTypeLabel);

    private SeriesKey NewKey(StoredSample sample)
    {
        var columns = new string?[_labels.Length];
        if (sample.Detail?.Labels is { } own)
        {
            var pairs = NewPairs(own);

            // As everywhere, a sample stores its labels itself only if the columns do not suffice.
            if (Array.Exists(pairs, pair => ColumnOf(pair.Key) < 0))
                return new(sample.Suffix, columns, pairs);
            foreach (var (label, value) in pairs)
                columns[ColumnOf(label)] = value;
            return new(sample.Suffix, columns);
        }

        var values = sample.LabelValues;
        for (var i = 0; i < values.Length; i++)
        {
            if (_positions[i] != NoColumn && values[i] is { } value)
                columns[_positions[i]] = Mapped(_maps[i], value);
        }

        foreach (var (label, value) in _changes.Added)
            columns[ColumnOf(label)] = value;
        return new(sample.Suffix, columns);
    }

    private KeyValuePair<string, string>[] NewPairs(KeyValuePair<string, string>[] labels)
    {
        var pairs = new List<KeyValuePair<string, string>>();
        foreach (var (label, value) in labels)
        {
            if (NewName(label) is { } name)
                pairs.Add(new(name, Mapped(MapOf(label), value)));
        }

        pairs.AddRange(_changes.Added);
        if (_changes.Added.Count > 0)
            LabelPairs.RequireDistinct([.. pairs.Select(pair => pair.Key)], Owner);
        return LabelPairs.SortedByName(pairs);
    }

    private int ColumnOf(string label) => Array.BinarySearch(_labels, label, CodePointComparer.Instance);

    /// <summary>Returns the new name of a label; null if it is dropped.</summary>
    private string? NewName(string label)
    {
        if (label == _typeLabel)
            return _newTypeLabel;
        return _changes.Dropped.Contains(label) ? null : label;
    }

    private Func<string, string>? MapOf(string label) =>
        label == _typeLabel ? null : _changes.Maps.GetValueOrDefault(label);

    private static string Mapped(Func<string, string>? map, string value) => map is null
        ? value
        : map(value) ?? throw new InvalidOperationException(
            $"A function of {nameof(CollectorOptions.MapLabel)} returned null. Return a string; it may be empty.");

    // Without the values of labels, some of which may be hashed later.
    private InvalidOperationException CannotSum() => new(
        $"Metric family '{_family.Name}' is of type {_family.Type}, whose series cannot be summed, but without the " +
        "dropped or mapped labels two of them are the same. Keep a label that distinguishes them.");

    private static void Add(
        SampleStore store, SeriesKey key, double value, double timestamp, Exemplar? exemplar,
        NativeHistogram? native = null) =>
        key.Columns.CopyTo(store.Add(value, timestamp, SampleDetail.For(key.Suffix, exemplar, key.Pairs, native)));
}

/// <summary>Changes to the labels of families.</summary>
/// <param name="Dropped">The labels to drop.</param>
/// <param name="Maps">The functions that replace the values of labels, by label.</param>
/// <param name="Added">The constant labels to add.</param>
/// <param name="NamePrefix">The string to put before the names of families.</param>
internal sealed record LabelChanges(
    IReadOnlySet<string> Dropped, IReadOnlyDictionary<string, Func<string, string>> Maps,
    IReadOnlyDictionary<string, string> Added, string NamePrefix)
{
    public static LabelChanges None { get; } = new(
        new HashSet<string>(), new Dictionary<string, Func<string, string>>(), new Dictionary<string, string>(), "");

    /// <summary>The families, without prefix, of which merged series keep the smallest value instead of the sum.</summary>
    public IReadOnlySet<string> Minima { get; init; } = new HashSet<string>();
}
