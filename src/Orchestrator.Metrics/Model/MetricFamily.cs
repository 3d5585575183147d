using Orchestrator.Metrics.Model;
using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics;

/// <summary>
/// A metric family: a name, a help text, a type, a unit, label names, and samples. In each run, a collector creates new
/// families, adds samples, and returns the families. The factories and <c>Add</c> throw if an argument is invalid.
/// </summary>
/// <remarks>
/// Not thread-safe while samples are added. A family becomes read-only, and thereby thread-safe, when a registry
/// collects it or a <see cref="MetricsSnapshot"/> is created with it.
/// </remarks>
public sealed partial class MetricFamily
{
    private readonly string[] _labelNames;

    // The indexes of _labelNames, and of the label that the type adds, in SortedLabelNames.
    private readonly int[] _positions;
    private readonly int _typeLabelPosition = -1;
    private bool _readOnly;

    private MetricFamily(
        MetricType type, string name, string help, string[] labelNames, string unit, NameValidationScheme scheme)
    {
        Type = type;
        OpenMetricsType = type;
        Name = name;
        Help = help;
        Unit = unit;
        NameValidation = scheme;
        _labelNames = labelNames;
        var typeLabel = MetricFamilyRules.GetTypeLabelName(type, name);
        SortedLabelNames = typeLabel is null ? [.. labelNames] : [.. labelNames, typeLabel];
        Array.Sort(SortedLabelNames, CodePointComparer.Instance);
        _positions = Array.ConvertAll(labelNames, label => Array.IndexOf(SortedLabelNames, label));
        if (typeLabel is not null)
            _typeLabelPosition = Array.IndexOf(SortedLabelNames, typeLabel);
        Store = new SampleStore(SortedLabelNames.Length);
    }

    /// <summary>
    /// Creates a read-only family without validation. <paramref name="sortedLabelNames"/> includes the label that the
    /// type adds. <paramref name="hasTotal"/>: whether the sample names of a counter end in <c>_total</c>.
    /// </summary>
    internal MetricFamily(
        MetricType type, string name, string help, string unit, string[] sortedLabelNames, SampleStore samples,
        bool hasTotal, bool isParsed = true)
    {
        Type = type;
        OpenMetricsType = type == MetricType.Counter && !hasTotal ? MetricType.Unknown : type;
        Name = name;
        Help = help;
        Unit = unit;
        NameValidation = NameValidationScheme.Utf8;
        SortedLabelNames = sortedLabelNames;
        _labelNames = Array.FindAll(sortedLabelNames, label => label != MetricFamilyRules.GetTypeLabelName(type, name));
        _positions = [];
        Store = samples;
        _readOnly = true;
        IsParsed = isParsed;
        if (isParsed)
            samples.MarkParsed();
    }

    /// <summary>
    /// The name, which ends with the unit if there is one. As in OpenMetrics, it excludes the suffixes <c>_total</c> of
    /// counter samples and <c>_info</c> of info samples. A counter from another library whose sample names do not end
    /// with <c>_total</c> has the name of its samples.
    /// </summary>
    public string Name { get; }

    /// <summary>The type.</summary>
    public MetricType Type { get; }

    /// <summary>The help text: one sentence that describes what the family measures. May be empty.</summary>
    public string Help { get; }

    /// <summary>The unit, such as <c>seconds</c>; empty for none.</summary>
    public string Unit { get; }

    /// <summary>
    /// The label names, in the order of the values that <c>Add</c> takes. Samples are written with their labels sorted
    /// by name. For a merged or relabeled family, and for a family from another library, these are the sorted label
    /// names of all samples.
    /// </summary>
    public IReadOnlyList<string> LabelNames => _labelNames;

    /// <summary>
    /// The number of samples. A point of a histogram, for example, consists of several samples.
    /// </summary>
    public int SampleCount => Store.Count;

    /// <summary>
    /// The samples, in the order in which they were added. An enumeration allocates nothing per sample or label.
    /// </summary>
    public IEnumerable<MetricSample> Samples => SelectSamples(SampleSuffix.All);

    /// <summary>
    /// The type in OpenMetrics, which determines the sample names. A counter whose sample names do not end with
    /// <c>_total</c> is of type unknown in OpenMetrics, because only Prometheus text allows such counters.
    /// </summary>
    internal MetricType OpenMetricsType { get; }

    /// <summary>Whether all samples come from another library, so fewer rules apply to them.</summary>
    internal bool IsParsed { get; }

    internal NameValidationScheme NameValidation { get; }

    /// <summary>
    /// The label names, including the one that the type adds, sorted by code point. The label values in
    /// <see cref="Store"/> are in the same order.
    /// </summary>
    internal string[] SortedLabelNames { get; }

    internal SampleStore Store { get; }

    // Samples that are added later do not change these names.
    internal string[] ClaimedNames => field ??= SampleNameClaims.GetNames(this);

    /// <summary>Adds a sample to a gauge, a counter or a family of unknown type.</summary>
    /// <param name="value">The value, in the unit of the family.</param>
    /// <param name="labelValues">One value per label name, in the order of <see cref="LabelNames"/>.</param>
    /// <exception cref="ArgumentException">
    /// The number of label values is wrong, one of them is null, or a counter's value is negative or NaN.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// The family is of another type, or is read-only.
    /// </exception>
    public void Add(double value, params ReadOnlySpan<string> labelValues)
    {
        if (Type is not (MetricType.Gauge or MetricType.Unknown))
        {
            if (Type != MetricType.Counter)
                throw CreateTypeException("a plain number");
            MetricPointRules.RequireCounterLike(value, $"counter '{Name}'");
        }

        RequireWritable();
        RequireLabelValues(labelValues);
        Place(labelValues, Store.Add(value, UnixSeconds.None, detail: null));
    }

    /// <summary>
    /// Adds the samples of a point, such as the buckets of a histogram or a counter with an exemplar.
    /// </summary>
    /// <param name="point">The point, of the type of this family.</param>
    /// <param name="labelValues">One value per label name, in the order of <see cref="LabelNames"/>.</param>
    /// <exception cref="ArgumentException">
    /// The number of label values is wrong, one of them is null, or a label of an info is invalid or also a label of
    /// the family.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// The point is of another type than the family, or the family is read-only.
    /// </exception>
    public void Add(MetricPoint point, params ReadOnlySpan<string> labelValues)
    {
        ArgumentNullException.ThrowIfNull(point);
        if (point.Type != Type)
            throw CreateTypeException($"a point of type {point.Type}");
        RequireWritable();
        RequireLabelValues(labelValues);
        var info = Type == MetricType.Info ? CombineInfoLabels(point, labelValues) : null;
        foreach (var sample in point.Samples)
        {
            var detail = SampleDetail.Create(sample.Suffix, sample.Exemplar, info, sample.Native);
            var values = Store.Add(sample.Value, point.TimestampSeconds, detail);
            Place(labelValues, values);
            if (sample.TypeLabel is not null)
                values[_typeLabelPosition] = sample.TypeLabel;
        }
    }

    /// <summary>Returns the name, the type and the number of samples, for debugging.</summary>
    public override string ToString() => $"{Name} ({Type}, {SampleCount} samples)";

    internal IEnumerable<MetricSample> SelectSamples(SampleSuffix selected)
    {
        var names = SampleSuffixes.Each.ToDictionary(
            suffix => suffix, suffix => Name + suffix.GetText(OpenMetricsType));
        foreach (var sample in Store.Samples)
        {
            if ((sample.Suffix & selected) != 0)
                yield return new MetricSample(
                    names[sample.Suffix], GetLabels(sample), sample.Value, sample.Timestamp, sample.Detail?.Exemplar,
                    sample.Detail?.Native);
        }
    }

    internal LabelSet GetLabels(StoredSample sample) => sample.Detail?.Labels is { } own
        ? new LabelSet(own)
        : new LabelSet(SortedLabelNames, sample.Chunk.LabelValues, sample.Index * SortedLabelNames.Length);

    internal string? DescribeDuplicate()
    {
        if (Store.FindFirstDuplicate() is not { } duplicate)
            return null;
        var labels = GetLabels(duplicate);
        return labels.Count == 0 ? "without labels" : $"with the labels {labels}";
    }

    internal void MakeReadOnly() => _readOnly = true;

    private KeyValuePair<string, string>[] CombineInfoLabels(MetricPoint point, ReadOnlySpan<string> labelValues)
    {
        var labels = new List<KeyValuePair<string, string>>(point.InfoLabels);
        for (var i = 0; i < labelValues.Length; i++)
            labels.Add(new(_labelNames[i], labelValues[i]));
        return LabelPairs.ValidateAndSort(labels, $"metric family '{Name}'", NameValidation);
    }

    private void Place(ReadOnlySpan<string> labelValues, Span<string?> sorted)
    {
        var positions = _positions;
        for (var i = 0; i < labelValues.Length; i++)
            sorted[positions[i]] = labelValues[i];
    }

    private void RequireLabelValues(ReadOnlySpan<string> labelValues)
    {
        if (labelValues.Length != _labelNames.Length)
            throw new ArgumentException(DescribeWrongLabelCount(labelValues.Length), nameof(labelValues));
        for (var i = 0; i < labelValues.Length; i++)
        {
            if (labelValues[i] is null)
                throw new ArgumentException(DescribeNullLabelValue(_labelNames[i]), nameof(labelValues));
        }
    }

    private void RequireWritable()
    {
        if (_readOnly)
            throw CreateReadOnlyException();
    }

    private string DescribeWrongLabelCount(int count) =>
        $"The number of label values for metric family '{Name}' is {count} instead of {_labelNames.Length} " +
        $"({string.Join(", ", _labelNames)}). Pass one value per label, in this order.";

    private string DescribeNullLabelValue(string label) =>
        $"Label '{label}' of metric family '{Name}' is null. Pass an empty string, or \"None\" to match " +
        "prometheus_client.";

    private InvalidOperationException CreateReadOnlyException() => new(
        $"Metric family '{Name}' is read-only, so it takes no more samples. Create a new family in each call of " +
        $"{nameof(IMetricsCollector.CollectAsync)}.");

    private InvalidOperationException CreateTypeException(string what) => new(
        $"Metric family '{Name}' is of type {Type} and cannot take {what}. Add a {nameof(MetricPoint)}.{Type}, or " +
        "create the family with another type.");
}
