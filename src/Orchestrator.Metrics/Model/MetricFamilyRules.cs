using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics.Model;

/// <summary>What the names, labels and unit of a family must be like, by its type.</summary>
internal static class MetricFamilyRules
{
    public static string WithoutTotal(string name)
    {
        if (name == "_total")
            throw new ArgumentException(
                "A counter named '_total' has no name of its own: that is what each counter ends in. Put a name " +
                "before it.",
                nameof(name));
        return SampleSuffixes.WithoutTotal(name);
    }

    public static string WithUnit(MetricType type, string name, string unit)
    {
        MetricNames.ValidateUnit(unit, name);
        if (type is MetricType.Info or MetricType.StateSet)
            throw new ArgumentException(
                $"Metric family '{name}' is of type {type}, which has no unit in OpenMetrics. Leave the unit out.",
                nameof(unit));
        return name.EndsWith("_" + unit, StringComparison.Ordinal) ? name : $"{name}_{unit}";
    }

    public static void ValidateLabelName(MetricType type, string family, string label, NameValidationScheme scheme)
    {
        MetricNames.ValidateLabelName(label, $"metric family '{family}'", scheme);
        if (label == OwnLabelName(type, family))
            throw new ArgumentException(
                $"Label '{label}' of metric family '{family}' is reserved: a {type} writes it itself. Choose " +
                "another name.");
    }

    /// <summary>The label that samples of a type have besides those of the family.</summary>
    public static string? OwnLabelName(MetricType type, string family) => type switch
    {
        MetricType.Histogram or MetricType.GaugeHistogram => "le",
        MetricType.Summary => "quantile",
        MetricType.StateSet => family,
        _ => null,
    };
}
