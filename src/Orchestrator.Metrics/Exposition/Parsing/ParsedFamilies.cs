using Orchestrator.Metrics.Model;
using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics.Exposition.Parsing;

/// <summary>Collects the families of an exposition during parsing, and finds the family of each sample.</summary>
internal sealed class ParsedFamilies(bool openMetrics)
{
    private static readonly string Total = SampleSuffix.Main.GetText(MetricType.Counter);
    private static readonly string Created = SampleSuffix.Created.GetText(MetricType.Counter);

    private readonly List<ParsedFamily> _families = [];
    private readonly Dictionary<string, ParsedFamily> _byName = [];
    private readonly Dictionary<string, (ParsedFamily Family, SampleSuffix Suffix)> _bySample = [];

    // The metadata of the family whose samples follow.
    private string? _name;
    private string? _help;
    private string? _unit;
    private MetricType? _type;

    // During parsing, a counter has the name of its samples, so a counter 'x_total' and a gauge 'x' differ in
    // OpenMetrics too.
    private string DeclaredName =>
        openMetrics && (_type ?? _byName.GetValueOrDefault(_name + Total)?.Type) == MetricType.Counter
            ? _name + Total
            : _name!;

    public void AddHelp(string name, string help)
    {
        Begin(name, again: _help is not null && _type is not null);
        _help ??= help;
    }

    public void AddUnit(string name, string unit)
    {
        Begin(name, again: false);
        if (unit.Length > 0 && !MetricNames.HasUnit(name, unit))
            throw new FormatException(
                $"Metric family '{name}' does not end in its unit '{unit}'. Append '_{unit}' to the name.");
        _unit ??= unit;
    }

    public void AddType(string name, MetricType type)
    {
        Begin(name, again: _type is not null);
        _type = type;
        if (_byName.GetValueOrDefault(DeclaredName) is { } family && family.Type != _type && !family.IsUndeclared)
            throw new FormatException(
                $"Metric family '{name}' is of type {GetTypeName(family.Type)} and cannot become " +
                $"{GetTypeName(type)}. Declare the type once, before the samples.");
    }

    public (ParsedFamily Family, SampleSuffix Suffix) FindOrAdd(string sample)
    {
        Declare();
        if (_bySample.TryGetValue(sample, out var found))
            return found;
        if (_byName.TryGetValue(sample, out var family))
            throw CreateSampleNameException(sample, family);
        if (openMetrics && _byName.TryGetValue(sample + Total, out family) && family.Type == MetricType.Counter)
            return family.Samples.Count == 0 ? DropTotal(family) : throw CreateSampleNameException(sample, family);
        return (Add(sample, MetricType.Unknown), SampleSuffix.Main);
    }

    public MetricFamily[] Build()
    {
        Declare();
        return [.. _families.Select(family => family.Build(GetNameWithoutTotal(family)))];
    }

    private void Begin(string name, bool again)
    {
        if (_name != name || again)
            Declare();
        _name = name;
    }

    /// <summary>Creates the family of the current metadata, or adds the metadata to the existing one.</summary>
    private void Declare()
    {
        if (_name is null)
            return;
        var name = DeclaredName;
        var family = _byName.GetValueOrDefault(name)
            ?? FindOwnerOfCreated(name)
            ?? Add(name, _type ?? MetricType.Unknown);
        if (_type is { } type && family.IsUndeclared)
        {
            family.Type = type;
            AddSampleNames(family);
        }

        family.Help ??= _help;
        family.Unit ??= _unit;
        (_name, _help, _unit, _type) = (null, null, null, null);
    }

    // Prometheus text contains the creation times of a counter, histogram or summary as a gauge with the same help
    // text.
    private ParsedFamily? FindOwnerOfCreated(string name)
    {
        if (openMetrics || _type != MetricType.Gauge || !name.EndsWith(Created, StringComparison.Ordinal))
            return null;
        var owner = name[..^Created.Length];
        if (!_byName.TryGetValue(owner + Total, out var family) && !_byName.TryGetValue(owner, out family))
            return null;
        var canHaveCreated = family.Type is MetricType.Histogram or MetricType.Summary
            || (family.Type == MetricType.Counter && family.Name == owner + Total);
        if (!canHaveCreated || _help is null || family.Help != _help)
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
        // The samples of a counter 'x_created' may lack '_total'. They are then not creation times of 'x'.
        if (openMetrics && family.Type == MetricType.Counter
            && family.Name.EndsWith(Created + Total, StringComparison.Ordinal)
            && _bySample.TryGetValue(family.Name[..^Total.Length], out var owner)
            && (owner.Family.Samples.Suffixes & SampleSuffix.Created) == 0)
            _bySample.Remove(family.Name[..^Total.Length]);
        foreach (var (sample, suffix) in GetSampleNames(family))
            _bySample[sample] = (family, suffix);
    }

    private IEnumerable<(string Name, SampleSuffix Suffix)> GetSampleNames(ParsedFamily family)
    {
        if (family.Type != MetricType.Counter)
            return SampleSuffixes.GetSuffixes(family.Type)
                .Where(suffix => openMetrics || suffix != SampleSuffix.Created)
                .Select(suffix => (family.Name + suffix.GetText(family.Type), suffix));
        return openMetrics && family.Name.EndsWith(Total, StringComparison.Ordinal)
            ? [(family.Name, SampleSuffix.Main), (family.Name[..^Total.Length] + Created, SampleSuffix.Created)]
            : [(family.Name, SampleSuffix.Main)];
    }

    /// <summary>Renames a counter of OpenMetrics whose sample names lack <c>_total</c>.</summary>
    private (ParsedFamily Family, SampleSuffix Suffix) DropTotal(ParsedFamily family)
    {
        foreach (var (name, _) in GetSampleNames(family))
            _bySample.Remove(name);
        _byName.Remove(family.Name);
        family.Name = family.Name[..^Total.Length];
        _byName.Add(family.Name, family);
        AddSampleNames(family);
        return (family, SampleSuffix.Main);
    }

    private string? GetNameWithoutTotal(ParsedFamily family)
    {
        if (family.Type != MetricType.Counter || !family.Name.EndsWith(Total, StringComparison.Ordinal)
            || family.Name.Length == Total.Length)
            return null;
        var name = family.Name[..^Total.Length];
        var taken = _byName.ContainsKey(name) || _bySample.ContainsKey(name);
        var hasCreated = (family.Samples.Suffixes & SampleSuffix.Created) != 0;
        return taken && !hasCreated ? null : name;
    }

    private FormatException CreateSampleNameException(string sample, ParsedFamily family) => new(
        $"'{sample}' is not a sample name of metric family '{family.Name}' of type {GetTypeName(family.Type)}. " +
        $"Use one of: {string.Join(", ", GetSampleNames(family).Select(name => $"'{name.Name}'"))}.");

    public MetricType ParseType(string word) => MetricTypeNames.Find(word, openMetrics) ?? throw new FormatException(
        $"'{word}' is not a metric type of " +
        (openMetrics ? "OpenMetrics." : "the Prometheus text format. OpenMetrics must end with '# EOF'."));

    private string GetTypeName(MetricType type) =>
        openMetrics ? MetricTypeNames.GetOpenMetricsName(type) : MetricTypeNames.GetTextName(type);
}
