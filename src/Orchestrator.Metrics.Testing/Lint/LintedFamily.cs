namespace Orchestrator.Metrics.Testing;

/// <summary>A metric family as promlint reads it from the Prometheus text format.</summary>
internal sealed record LintedFamily(string Name, string Type, string Help, string[] LabelNames)
{
    private const string Created = "_created";

    public static IEnumerable<LintedFamily> CreateAll(MetricsSnapshot metrics) =>
        MetricsSnapshot.Parse(metrics.ToText()).Families.SelectMany(Create);

    private static IEnumerable<LintedFamily> Create(MetricFamily family)
    {
        var names = new HashSet<string>();
        var (labels, createdLabels) = (new HashSet<string>(), new HashSet<string>());
        foreach (var sample in family.Samples)
        {
            var isCreated = sample.Name.Length > family.Name.Length
                && sample.Name.EndsWith(Created, StringComparison.Ordinal);
            names.Add(sample.Name);
            foreach (var (label, _) in sample.Labels)
                (isCreated ? createdLabels : labels).Add(label);
        }

        var (type, name) = family.Type switch
        {
            MetricType.Counter => ("counter", names.Contains(family.Name) ? family.Name : family.Name + "_total"),
            MetricType.Histogram => ("histogram", family.Name),
            MetricType.Summary => ("summary", family.Name),
            MetricType.Unknown => ("untyped", family.Name),
            _ => ("gauge", family.Name),
        };
        yield return new(name, type, family.Help, [.. labels]);
        if (names.Contains(family.Name + Created))
            yield return new(family.Name + Created, "gauge", family.Help, [.. createdLabels]);
    }
}
