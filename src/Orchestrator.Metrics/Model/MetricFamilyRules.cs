using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics.Model;

internal static class MetricFamilyRules
{
    public static string RemoveImpliedSuffix(MetricType type, string name)
    {
        var suffix = SampleSuffix.Main.GetText(type);
        if (suffix.Length == 0 || !name.EndsWith(suffix, StringComparison.Ordinal))
            return name;
        if (name == suffix)
            throw new ArgumentException(
                $"Metric name '{name}' consists only of the suffix that type {type} implies. Put a name before the " +
                "suffix.",
                nameof(name));
        return name[..^suffix.Length];
    }

    public static string AppendUnit(MetricType type, string name, string unit)
    {
        MetricNames.ValidateUnit(unit, name);
        if (type is MetricType.Info or MetricType.StateSet)
            throw new ArgumentException(
                $"Metric family '{name}' is of type {type}, which has no unit in OpenMetrics. Omit the unit.",
                nameof(unit));
        return MetricNames.HasUnit(name, unit) ? name : $"{name}_{unit}";
    }

    public static void ValidateLabelName(MetricType type, string family, string label, NameValidationScheme scheme)
    {
        MetricNames.ValidateLabelName(label, $"metric family '{family}'", scheme, MetricNames.AllowUtf8);
        if (label == GetTypeLabelName(type, family))
            throw new ArgumentException(
                $"Label '{label}' of metric family '{family}' is reserved: type {type} adds it. Choose another " +
                "name.");
    }

    public static string? GetTypeLabelName(MetricType type, string family) => type switch
    {
        MetricType.Histogram or MetricType.GaugeHistogram => "le",
        MetricType.Summary => "quantile",
        MetricType.StateSet => family,
        _ => null,
    };
}
