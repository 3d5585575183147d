using Orchestrator.Metrics.Model;
using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics.Exposition.Parsing;

/// <summary>
/// Validates parsed lines against the rules of OpenMetrics 1.0 for families. <see cref="OpenMetricsRules"/> contains
/// the rules for samples. Source: https://prometheus.io/docs/specs/om/open_metrics_spec.
/// </summary>
internal sealed class OpenMetricsValidator
{
    private readonly List<OpenMetricsFamily> _families = [];
    private readonly Dictionary<string, OpenMetricsFamily> _byName = [];

    // The family of the current line, and the keywords of its metadata so far.
    private readonly HashSet<string> _keywords = [];
    private OpenMetricsFamily? _family;

    /// <summary>The number of the line that is being validated, or of the line that breaks a rule.</summary>
    public int Line { get; set; }

    public void AddHelp(string name) => AddMetadata(name, "HELP");

    public void AddType(string name, MetricType type) => AddMetadata(name, "TYPE").Type = type;

    public void AddUnit(string name, string unit) => AddMetadata(name, "UNIT").HasUnit = unit.Length > 0;

    public void AddSample(
        string name, List<KeyValuePair<string, string>> labels, double value, double timestamp, Exemplar? exemplar)
    {
        if (_family is null || FindSuffix(_family, name) is null)
        {
            if (_family?.Name == name)
                throw new FormatException(
                    $"'{name}' is not a sample name of {_family}. Use one of: " +
                    $"{string.Join(", ", GetSampleNames(_family).Select(sample => $"'{sample}'"))}.");
            _family = StartFamily(name);
        }

        var typeLabel = MetricFamilyRules.GetTypeLabelName(_family.Type, _family.Name);
        _family.Samples.Add(new(
            Line, FindSuffix(_family, name)!.Value, CreateMetricKey(labels, typeLabel),
            labels.Find(label => label.Key == typeLabel).Value, value, timestamp, exemplar));
    }

    public void Validate()
    {
        var owners = new Dictionary<string, OpenMetricsFamily>();
        foreach (var family in _families)
        {
            Line = family.Line;
            foreach (var name in GetSampleNames(family).Prepend(family.Name).Distinct())
            {
                if (!owners.TryAdd(name, family))
                    throw new FormatException(
                        $"Metric families '{owners[name].Name}' and '{family.Name}' both use the name " +
                        $"'{name}'. Rename one of them.");
            }

            if (family.HasUnit && family.Type is MetricType.Info or MetricType.StateSet)
                throw new FormatException(
                    $"The {family} has a unit, which this type cannot have. Remove the # UNIT.");
            if (OpenMetricsRules.FindFirstViolation(family) is { } violation)
            {
                Line = violation.Line;
                throw new FormatException(violation.Message);
            }
        }
    }

    private static IEnumerable<string> GetSampleNames(OpenMetricsFamily family) =>
        SampleSuffixes.GetSuffixes(family.Type).Select(suffix => family.Name + suffix.GetText(family.Type));

    private static SampleSuffix? FindSuffix(OpenMetricsFamily family, string sample)
    {
        foreach (var suffix in SampleSuffixes.GetSuffixes(family.Type))
        {
            if (sample == family.Name + suffix.GetText(family.Type))
                return suffix;
        }

        return null;
    }

    private static string CreateMetricKey(List<KeyValuePair<string, string>> labels, string? typeLabel) =>
        string.Concat(LabelPairs.SortByName(labels)
            .Where(label => label.Key != typeLabel)
            .Select(label => $"{label.Key.Length}:{label.Key}={label.Value.Length}:{label.Value};"));

    private OpenMetricsFamily AddMetadata(string name, string keyword)
    {
        if (_family?.Name != name)
            _family = StartFamily(name);
        if (_family.Samples.Count > 0)
            throw new FormatException(
                $"# {keyword} of metric family '{name}' follows its samples. Put all metadata before the samples.");
        if (!_keywords.Add(keyword))
            throw new FormatException($"Metric family '{name}' has a second # {keyword}. Remove one of them.");
        return _family;
    }

    private OpenMetricsFamily StartFamily(string name)
    {
        var family = new OpenMetricsFamily(name, Line);
        if (!_byName.TryAdd(name, family))
            throw new FormatException(
                $"Metric family '{name}' is interleaved with another family. Put all its lines in one block.");
        _families.Add(family);
        _keywords.Clear();
        return family;
    }
}

internal sealed class OpenMetricsFamily(string name, int line)
{
    public string Name => name;

    public int Line => line;

    public MetricType Type { get; set; } = MetricType.Unknown;

    public bool HasUnit { get; set; }

    public bool IsHistogram => Type is MetricType.Histogram or MetricType.GaugeHistogram;

    public List<OpenMetricsSample> Samples { get; } = [];

    public override string ToString() =>
        $"{(Type is MetricType.Unknown ? "metric family" : MetricTypeNames.GetOpenMetricsName(Type))} '{Name}'";
}

/// <summary>
/// A sample. <c>MetricKey</c> contains the labels except the one that the type adds, and is equal for all samples of a
/// metric. <c>TypeLabel</c> is the value of the label that the type adds, or null.
/// </summary>
internal sealed record OpenMetricsSample(
    int Line, SampleSuffix Suffix, string MetricKey, string? TypeLabel, double Value, double Timestamp,
    Exemplar? Exemplar)
{
    public double TypeLabelNumber { get; } = NumberFormat.ParseLabel(TypeLabel);
}
