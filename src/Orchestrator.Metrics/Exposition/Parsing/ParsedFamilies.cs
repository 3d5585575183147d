using Orchestrator.Metrics.Model;

namespace Orchestrator.Metrics.Exposition.Parsing;

/// <summary>The families of a text while it is read: which there are, and which samples belong to which.</summary>
internal sealed class ParsedFamilies(bool openMetrics, bool ofPrometheusNet)
{
    private const string Total = "_total";
    private const string Created = "_created";

    private readonly List<ParsedFamily> _families = [];
    private readonly Dictionary<string, ParsedFamily> _byName = [];
    private readonly Dictionary<string, (ParsedFamily Family, SampleSuffix Suffix)> _bySample = [];

    // What was told of the family whose samples come next.
    private string? _name;
    private string? _help;
    private string? _unit;
    private MetricType? _type;

    // Counters go by the name of their samples, so that OpenMetrics, too, tells 'x_total' from a gauge 'x'.
    private string DeclaredName =>
        openMetrics && (_type ?? _byName.GetValueOrDefault(_name + Total)?.Type) == MetricType.Counter
            ? _name + Total
            : _name!;

    public void Help(string name, string help)
    {
        Begin(name, again: _help is not null && _type is not null);
        _help ??= help;
    }

    public void Unit(string name, string unit)
    {
        Begin(name, again: false);
        if (unit.Length > 0 && !name.EndsWith("_" + unit, StringComparison.Ordinal))
            throw new FormatException($"The name '{name}' does not end in '_' and its unit '{unit}'.");
        _unit ??= unit;
    }

    public void Type(string name, string word)
    {
        Begin(name, again: _type is not null);
        _type = TypeOf(word);
        if (_byName.GetValueOrDefault(DeclaredName) is { } family && family.Type != _type && !IsUntold(family))
            throw new FormatException(
                $"'{name}' is of type {_type} here and of type {family.Type} above: a type is told once, before the " +
                "samples.");
    }

    /// <summary>The family of a sample, and what the name of the sample adds to its name.</summary>
    public (ParsedFamily Family, SampleSuffix Suffix) Of(string sample)
    {
        Declare();
        if (_bySample.TryGetValue(sample, out var found))
            return found;
        if (_byName.TryGetValue(sample, out var family)
            || (_byName.TryGetValue(sample + Total, out family) && family.Type == MetricType.Counter && openMetrics))
            throw new FormatException(
                $"'{sample}' is of type {family.Type}, whose samples are named " +
                $"{string.Join(", ", SampleNames(family).Select(name => $"'{name.Name}'"))}.");
        return (Add(sample, MetricType.Unknown), SampleSuffix.Main);
    }

    public MetricFamily[] Build()
    {
        Declare();
        foreach (var family in _families)
        {
            if (family.Type == MetricType.Unknown && ofPrometheusNet)
                family.Type = MetricType.Counter;
        }

        return [.. _families.Select(family => family.Build(Stem(family)))];
    }

    private void Begin(string name, bool again)
    {
        if (_name != name || again)
            Declare();
        _name = name;
    }

    /// <summary>Makes a family of what was told, or adds it to the one that is there.</summary>
    private void Declare()
    {
        if (_name is null)
            return;
        var name = DeclaredName;
        var family = _byName.GetValueOrDefault(name) ?? CreatedOf(name) ?? Add(name, _type ?? MetricType.Unknown);
        if (_type is { } type && IsUntold(family))
        {
            family.Type = type;
            AddSampleNames(family);
        }

        family.Help ??= _help;
        family.Unit ??= _unit;
        (_name, _help, _unit, _type) = (null, null, null, null);
    }

    private static bool IsUntold(ParsedFamily family) => family is { Type: MetricType.Unknown, HasSamples: false };

    /// <summary>What text knows only as a gauge: when a counter, a histogram or a summary was created.</summary>
    private ParsedFamily? CreatedOf(string name)
    {
        if (openMetrics || _type != MetricType.Gauge || !name.EndsWith(Created, StringComparison.Ordinal))
            return null;
        var stem = name[..^Created.Length];
        if (!_byName.TryGetValue(stem + Total, out var family) && !_byName.TryGetValue(stem, out family))
            return null;
        var has = family.Type is MetricType.Histogram or MetricType.Summary
            || (family.Type == MetricType.Counter && family.Name == stem + Total);
        if (!has || (family.Help ?? "") != (_help ?? ""))
            return null;
        _bySample[name] = (family, SampleSuffix.Created);
        return family;
    }

    private ParsedFamily Add(string name, MetricType type)
    {
        var family = new ParsedFamily(name, type);
        _families.Add(family);
        _byName.Add(name, family);
        AddSampleNames(family);
        return family;
    }

    private void AddSampleNames(ParsedFamily family)
    {
        foreach (var (sample, suffix) in SampleNames(family))
            _bySample[sample] = (family, suffix);
    }

    /// <summary>The names that samples of a family may have in this format.</summary>
    private IEnumerable<(string Name, SampleSuffix Suffix)> SampleNames(ParsedFamily family)
    {
        if (family.Type != MetricType.Counter)
            return SampleSuffixes.Of(family.Type)
                .Where(suffix => openMetrics || suffix != SampleSuffix.Created)
                .Select(suffix => (family.Name + suffix.Text(family.Type), suffix));
        return openMetrics && family.Name.EndsWith(Total, StringComparison.Ordinal)
            ? [(family.Name, SampleSuffix.Main), (family.Name[..^Total.Length] + Created, SampleSuffix.Created)]
            : [(family.Name, SampleSuffix.Main)];
    }

    /// <summary>
    /// The name of a counter without <c>_total</c>; null where it has none, or where another family has that name,
    /// which only the text formats allow.
    /// </summary>
    private string? Stem(ParsedFamily family)
    {
        if (family.Type != MetricType.Counter || !family.Name.EndsWith(Total, StringComparison.Ordinal)
            || family.Name.Length == Total.Length)
            return null;
        var stem = family.Name[..^Total.Length];
        var taken = _byName.ContainsKey(stem) || _bySample.ContainsKey(stem);
        return taken && !family.HasCreated ? null : stem;
    }

    private MetricType TypeOf(string word) => (word, openMetrics) switch
    {
        ("gauge", _) => MetricType.Gauge,
        ("counter", _) => MetricType.Counter,
        ("summary", _) => MetricType.Summary,
        ("histogram", _) => MetricType.Histogram,
        ("untyped", false) => MetricType.Unknown,
        ("unknown", true) => MetricType.Unknown,
        ("gaugehistogram", true) => MetricType.GaugeHistogram,
        ("info", true) => MetricType.Info,
        ("stateset", true) => MetricType.StateSet,
        _ => throw new FormatException(
            $"'{word}' is not a type of " +
            (openMetrics ? "OpenMetrics." : "Prometheus text; OpenMetrics must end with '# EOF'.")),
    };
}
