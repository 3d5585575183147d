using Orchestrator.Metrics.Model;
using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics.Exposition.Parsing;

/// <summary>The rules of OpenMetrics 1.0 that a single sample can break.</summary>
internal static class OpenMetricsSampleRules
{
    public static string? FindViolation(OpenMetricsFamily family, OpenMetricsSample sample) =>
        FindLabelViolation(family, sample)
        ?? FindValueViolation(family, sample)
        ?? FindExemplarViolation(family, sample);

    private static string? FindLabelViolation(OpenMetricsFamily family, OpenMetricsSample sample)
    {
        if (MetricFamilyRules.GetTypeLabelName(family.Type, family.Name) is not { } label)
            return null;
        var suffix = family.IsHistogram ? SampleSuffix.Bucket : SampleSuffix.Main;
        if (sample.Suffix == suffix && sample.TypeLabel is null)
            return $"The sample of {family} has no label '{label}'. Add it.";
        if (sample.Suffix != suffix && sample.TypeLabel is not null)
            return $"Only '{family.Name + suffix.GetText(family.Type)}' samples of {family} can have the label " +
                $"'{label}'. Remove it.";
        if (sample.Suffix is SampleSuffix.Bucket && double.IsNaN(sample.TypeLabelNumber))
            return $"Bucket bound '{sample.TypeLabel}' of {family} is neither a finite number nor '+Inf'. Correct it.";
        return (family.Type, sample.Suffix) is (MetricType.Summary, SampleSuffix.Main)
            && sample.TypeLabelNumber is not (>= 0 and <= 1)
            ? $"Quantile '{sample.TypeLabel}' of {family} is not a number from 0 to 1. Write '0.99' for the 99th " +
              "percentile."
            : null;
    }

    // The rules for sums depend on the buckets.
    private static string? FindValueViolation(OpenMetricsFamily family, OpenMetricsSample sample)
    {
        var value = sample.Value;
        var text = NumberFormat.FormatGo(value);
        return (family.Type, sample.Suffix) switch
        {
            // The negated comparison also rejects NaN.
            (MetricType.Counter, SampleSuffix.Main) when !(value >= 0) =>
                $"The value of {family} is {text}. It starts at zero and only increases, so it cannot be negative or " +
                "NaN. Report a value that can decrease as a gauge.",
            (_, SampleSuffix.Bucket or SampleSuffix.Count or SampleSuffix.GaugeCount)
                when value < 0 || !double.IsInteger(value) =>
                $"The count {text} of {family} is not a number of observations. Write an integer of at least 0.",
            (_, SampleSuffix.Created) when !double.IsFinite(value) =>
                $"The creation time {text} of {family} is not finite. Write seconds since the Unix epoch.",
            (MetricType.Info, _) when value != 1 =>
                $"The value of {family} is {text}. It must be 1.",
            (MetricType.StateSet, _) when value is not (0 or 1) =>
                $"The value of state '{sample.TypeLabel}' of {family} is {text}. It must be 0 or 1.",
            (MetricType.Summary, SampleSuffix.Main) when value < 0 =>
                $"The value of quantile '{sample.TypeLabel}' of {family} is {text}. OpenMetrics allows no negative " +
                "values. Report it as a gauge.",
            _ => null,
        };
    }

    private static string? FindExemplarViolation(OpenMetricsFamily family, OpenMetricsSample sample)
    {
        if (sample.Exemplar is not { } exemplar)
            return null;
        var isBucket = sample.Suffix is SampleSuffix.Bucket;
        if (!isBucket && (family.Type, sample.Suffix) is not (MetricType.Counter, SampleSuffix.Main))
            return $"The sample of {family} has an exemplar. Only '_bucket' samples and the '_total' sample of a " +
                "counter can have one. Remove it.";
        if (exemplar.FindLengthViolation() is { } violation)
            return violation;
        return isBucket && exemplar.Value > sample.TypeLabelNumber
            ? $"The exemplar value {NumberFormat.FormatGo(exemplar.Value)} exceeds the upper bound " +
              $"{NumberFormat.FormatGo(sample.TypeLabelNumber)} of its bucket in {family}. Move the exemplar to a " +
              "higher bucket."
            : null;
    }
}
