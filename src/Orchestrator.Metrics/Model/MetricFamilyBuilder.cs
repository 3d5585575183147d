using Orchestrator.Metrics.Model;
using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics;

/// <summary>
/// Builds a <see cref="MetricFamily"/> from samples of another metrics library. Each sample can have different label
/// names. Values are not validated, because other libraries write values that <see cref="MetricFamily"/> rejects, such
/// as a negative counter. Not thread-safe. For your own metrics, create a <see cref="MetricFamily"/> instead.
/// </summary>
public sealed class MetricFamilyBuilder
{
    private readonly MetricType _type;
    private readonly string _name;
    private readonly string _help;
    private readonly string _unit;
    private readonly ForeignSamples _samples;
    private readonly List<(double Bound, string Text)> _bounds = [];

    // Whether the sample names of a counter end in _total; null until the first sample decides this.
    private bool? _hasTotal;
    private bool _built;

    /// <summary>Creates a builder.</summary>
    /// <param name="type">The type of the family.</param>
    /// <param name="name">
    /// The name: any valid Unicode string that is not empty. A counter may be named with or without <c>_total</c>.
    /// </param>
    /// <param name="help">The help text; may be empty.</param>
    /// <param name="unit">The unit; the name must end in an underscore and the unit. Empty for none.</param>
    /// <param name="previous">
    /// The family that was built from the same metrics at the previous scrape; null for none. To save memory and time,
    /// the new family shares the label values of that family while <see cref="AddValue"/> and
    /// <see cref="AddHistogram"/> receive equal values in the same order. This does not change the content of the new
    /// family.
    /// </param>
    /// <exception cref="ArgumentException">
    /// The type is not a member of <see cref="MetricType"/>, or the name is invalid or does not end in the unit.
    /// </exception>
    public MetricFamilyBuilder(
        MetricType type, string name, string help = "", string unit = "", MetricFamily? previous = null)
    {
        ArgumentNullException.ThrowIfNull(help);
        ArgumentNullException.ThrowIfNull(unit);
        if (!Enum.IsDefined(type))
            throw new ArgumentOutOfRangeException(
                nameof(type), $"Metric type {type} does not exist. Use a member of {nameof(MetricType)}.");
        MetricNames.ValidateMetricName(name, NameValidationScheme.Utf8);
        (_type, _name, _help, _unit) = (type, name, help, unit);
        _samples = new ForeignSamples(previous?.Type == type ? previous : null);
        if (unit.Length > 0 && !MetricNames.HasUnit(NameWithoutTotal ?? name, unit))
            throw new ArgumentException(
                $"Metric family '{name}' does not end in its unit '{unit}'. Append '_{unit}' to the name, or omit " +
                "the unit.", nameof(unit));
    }

    // Null for other types than counters, or if nothing remains.
    private string? NameWithoutTotal =>
        _type == MetricType.Counter && SampleSuffixes.RemoveTotal(_name) is { Length: > 0 } name ? name : null;

    private bool NameHasTotal => NameWithoutTotal is { } name && name != _name;

    /// <summary>Adds a sample.</summary>
    /// <param name="name">
    /// The full sample name, such as <c>acme_latency_seconds_bucket</c>. The sample names of a counter either end in
    /// <c>_total</c> and <c>_created</c>, or have no suffix. Without suffixes, the type in OpenMetrics is unknown,
    /// because OpenMetrics does not allow such a counter.
    /// </param>
    /// <param name="value">The value, in the unit of the family.</param>
    /// <param name="labels">
    /// The labels, including the one that the type adds, such as <c>le</c> of a bucket. Null for none.
    /// </param>
    /// <param name="timestamp">The timestamp; null for none.</param>
    /// <param name="exemplar">The exemplar; null for none. The Prometheus text formats omit it.</param>
    /// <exception cref="ArgumentException">
    /// The family cannot contain samples of this name, a label name is invalid or reserved, two label names are equal,
    /// or equal after escaping, or a label value is null.
    /// </exception>
    /// <exception cref="InvalidOperationException">The family has been built.</exception>
    public MetricFamilyBuilder AddSample(
        string name, double value, IEnumerable<KeyValuePair<string, string>>? labels = null,
        DateTimeOffset? timestamp = null, Exemplar? exemplar = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        RequireNotBuilt();
        var sorted = LabelPairs.ValidateAndSort(labels ?? [], $"sample '{name}'", NameValidationScheme.Utf8);
        _samples.Add(FindSuffix(name), [.. sorted], value, UnixSeconds.Convert(timestamp), exemplar);
        return this;
    }

    /// <summary>Adds the samples of a point, such as a native histogram.</summary>
    /// <param name="point">The point, of the type of the family.</param>
    /// <param name="labels">The labels, without those that the point adds, such as <c>le</c>. Null for none.</param>
    /// <exception cref="ArgumentException">
    /// The point is of another type, a label name is invalid or reserved, two label names are equal, or equal after
    /// escaping, or a label value is null.
    /// </exception>
    /// <exception cref="InvalidOperationException">The family has been built.</exception>
    public MetricFamilyBuilder AddPoint(MetricPoint point, IEnumerable<KeyValuePair<string, string>>? labels = null)
    {
        ArgumentNullException.ThrowIfNull(point);
        RequireNotBuilt();
        if (point.Type != _type)
            throw new ArgumentException(
                $"Metric family '{_name}' is of type {_type} and cannot take a point of type {point.Type}. Add a " +
                $"{nameof(MetricPoint)}.{_type}, or create the builder with another type.", nameof(point));
        KeyValuePair<string, string>[] shared = [.. labels ?? [], .. point.InfoLabels];
        var family = NameWithoutTotal ?? _name;
        foreach (var sample in point.Samples)
        {
            var name = family + sample.Suffix.GetText(_type);
            IEnumerable<KeyValuePair<string, string>> all = sample.TypeLabel is { } typeLabelValue
                ? shared.Append(new(MetricFamilyRules.GetTypeLabelName(_type, _name)!, typeLabelValue))
                : shared;
            var sorted = LabelPairs.ValidateAndSort(all, $"sample '{name}'", NameValidationScheme.Utf8);
            _samples.Add(
                FindSuffix(name), [.. sorted], sample.Value, point.TimestampSeconds, sample.Exemplar, sample.Native);
        }

        return this;
    }

    /// <summary>
    /// Adds a point of a counter, a gauge or a family of unknown type. Faster than <see cref="AddSample"/> if many
    /// points share their label names.
    /// </summary>
    /// <param name="value">The value, in the unit of the family.</param>
    /// <param name="labelNames">The label names.</param>
    /// <param name="labelValues">One value per label name, in the same order.</param>
    /// <param name="created">
    /// The time at which the counter was zero; null if it is not known. Ignored unless the sample names of the family
    /// end in <c>_total</c>.
    /// </param>
    /// <param name="exemplar">The exemplar; null for none. The Prometheus text formats omit it.</param>
    /// <remarks>
    /// Unless <see cref="AddSample"/> was called before, the samples of a counter have the name that was passed to the
    /// constructor, with or without <c>_total</c>.
    /// </remarks>
    /// <exception cref="ArgumentException">The number of label values is wrong, or one of them is null.</exception>
    /// <exception cref="InvalidOperationException">The family is of another type, or has been built.</exception>
    public MetricFamilyBuilder AddValue(
        double value, LabelNames labelNames, ReadOnlySpan<string> labelValues, DateTimeOffset? created = null,
        Exemplar? exemplar = null)
    {
        RequireType(_type is MetricType.Counter or MetricType.Gauge or MetricType.Unknown, "a number");
        StartPoint(labelNames, labelValues);
        _samples.AddToPoint(SampleSuffix.Main, value, exemplar: exemplar);
        if (_type == MetricType.Counter)
        {
            _hasTotal ??= NameHasTotal;
            if (created is not null && _hasTotal == true)
                _samples.AddToPoint(SampleSuffix.Created, UnixSeconds.Convert(created));
        }

        return this;
    }

    /// <summary>Adds a point of a histogram.</summary>
    /// <param name="buckets">
    /// The cumulative buckets. The bound of the last bucket should be positive infinity: its count is the number of all
    /// observations.
    /// </param>
    /// <param name="sum">
    /// The sum of the observations, in the unit of the family. If the first bound is negative, neither sum nor count is
    /// written (OpenMetrics 1.0, section "Histogram").
    /// </param>
    /// <param name="labelNames">The label names, without <c>le</c>.</param>
    /// <param name="labelValues">One value per label name, in the same order.</param>
    /// <param name="created">The time at which the count was zero; null if it is not known.</param>
    /// <exception cref="ArgumentException">
    /// There are no buckets, a label is named <c>le</c>, the number of label values is wrong, or one of them is null.
    /// </exception>
    /// <exception cref="InvalidOperationException">The family is of another type, or has been built.</exception>
    public MetricFamilyBuilder AddHistogram(
        ReadOnlySpan<HistogramBucket> buckets, double sum, LabelNames labelNames, ReadOnlySpan<string> labelValues,
        DateTimeOffset? created = null)
    {
        RequireType(_type == MetricType.Histogram, "a histogram");
        if (buckets.IsEmpty)
            throw new ArgumentException(
                $"A histogram of metric family '{_name}' has no bucket. Add one with the bound +Inf.", nameof(buckets));
        StartPoint(labelNames, labelValues);
        for (var i = 0; i < buckets.Length; i++)
        {
            var (bound, count, exemplar) = buckets[i];
            _samples.AddToPoint(SampleSuffix.Bucket, count, FormatBound(i, bound), exemplar);
        }

        if (buckets[0].UpperBound >= 0)
        {
            _samples.AddToPoint(SampleSuffix.Count, buckets[^1].Count);
            _samples.AddToPoint(SampleSuffix.Sum, sum);
        }

        if (created is not null)
            _samples.AddToPoint(SampleSuffix.Created, UnixSeconds.Convert(created));
        return this;
    }

    /// <summary>
    /// Builds the read-only family. Afterwards, the builder accepts no more samples. A counter without samples is
    /// written with the name that was passed to the constructor, with or without <c>_total</c>.
    /// </summary>
    public MetricFamily Build()
    {
        _built = true;
        var counterName = _hasTotal ?? NameHasTotal ? NameWithoutTotal : null;
        return _samples.ToFamily(_type, counterName ?? _name, _help, _unit, counterName is not null);
    }

    private void StartPoint(LabelNames labelNames, ReadOnlySpan<string> labelValues)
    {
        ArgumentNullException.ThrowIfNull(labelNames);
        if (labelValues.Length != labelNames.Names.Length)
            throw new ArgumentException(
                $"The number of label values for a point of metric family '{_name}' is {labelValues.Length} instead " +
                $"of {labelNames.Names.Length}. Pass one value per label name.", nameof(labelValues));
        for (var i = 0; i < labelValues.Length; i++)
        {
            if (labelValues[i] is null)
                throw new ArgumentException(
                    $"Label '{labelNames.Names[i]}' of metric family '{_name}' is null. Pass a string; it may be " +
                    "empty.", nameof(labelValues));
        }

        var typeLabel = MetricFamilyRules.GetTypeLabelName(_type, _name);
        if (typeLabel is not null && labelNames.Names.Contains(typeLabel))
            throw new ArgumentException(
                $"Label '{typeLabel}' of metric family '{_name}' is reserved: type {_type} adds it. Choose another " +
                "name.", nameof(labelNames));
        _samples.StartPoint(labelNames, labelValues, typeLabel);
    }

    // The points of a family usually have the same bounds, so each bound is formatted once.
    private string FormatBound(int index, double bound)
    {
        if (index < _bounds.Count && _bounds[index].Bound.Equals(bound))
            return _bounds[index].Text;
        var text = NumberFormat.FormatGo(bound);

        // Reuses the string of the previous family: references to the same object compare fast.
        if (_samples.GetPreviousLabel(index, "le") is { } previous && previous == text)
            text = previous;
        if (index == _bounds.Count)
            _bounds.Add((bound, text));
        return text;
    }

    private void RequireType(bool isSupported, string what)
    {
        RequireNotBuilt();
        if (!isSupported)
            throw new InvalidOperationException(
                $"Metric family '{_name}' is of type {_type} and cannot take {what}. Create the builder with another " +
                "type.");
    }

    private void RequireNotBuilt()
    {
        if (_built)
            throw new InvalidOperationException(
                $"Metric family '{_name}' has been built and takes no more samples. Create a new builder.");
    }

    private SampleSuffix FindSuffix(string sample)
    {
        // A counter named 'x' may have samples named 'x', unless other samples are named 'x_total'.
        var isCounter = _type == MetricType.Counter;
        if (isCounter && sample == _name && _hasTotal != true && (NameWithoutTotal ?? _name) == _name)
        {
            _hasTotal = false;
            return SampleSuffix.Main;
        }

        var family = NameWithoutTotal ?? _name;
        foreach (var suffix in SampleSuffixes.GetSuffixes(_type))
        {
            if (sample != family + suffix.GetText(_type) || (isCounter && _hasTotal == false))
                continue;
            _hasTotal = isCounter;
            return suffix;
        }

        string[] names = isCounter && _hasTotal == false
            ? [_name]
            : [.. SampleSuffixes.GetSuffixes(_type).Select(suffix => family + suffix.GetText(_type))];
        throw new ArgumentException(
            $"'{sample}' is not a sample name of metric family '{_name}' of type {_type}. Use one of: " +
            $"{string.Join(", ", names.Select(name => $"'{name}'"))}.");
    }
}
