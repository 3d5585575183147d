using Orchestrator.Metrics.Model;

namespace Orchestrator.Metrics.Outcomes;

internal static class FamilyValidator
{
    /// <summary>Validates the families, makes them read-only, and returns them in a new list.</summary>
    public static IReadOnlyList<MetricFamily> Validate(
        IReadOnlyList<MetricFamily>? families, CollectorRegistration collector, OrchestratorMetricsOptions options)
    {
        if (families is null)
            throw new InvalidOperationException(
                $"Collector '{collector.Name}' returned null. Return an empty list if there is nothing to report.");

        // The collector may still modify its list.
        var copy = families.ToArray();
        var claims = new SampleNameClaims();
        foreach (var family in copy)
        {
            Validate(family, collector);
            if (claims.Find(family) is { } claim)
                throw new InvalidOperationException(
                    $"Collector '{collector.Name}' returned metric families '{claim.Family}' and '{family.Name}', " +
                    "which write samples of the same name. Return one family with all samples, or rename one of them.");
            claims.Add(family);
            family.MakeReadOnly();
        }

        var samples = copy.Sum(family => (long)family.SampleCount);
        if (samples > options.MaxSamplesPerCollector)
            throw new InvalidOperationException(
                $"Collector '{collector.Name}' returned {samples} samples, more than the " +
                $"{options.MaxSamplesPerCollector} of {nameof(options.MaxSamplesPerCollector)}. Use fewer label " +
                "values, or raise the limit.");
        return copy;
    }

    public static void RequireDistinctSeries(IReadOnlyList<MetricFamily> families, CollectorRegistration collector)
    {
        foreach (var family in families)
        {
            if (family.DescribeDuplicate() is { } duplicate)
                throw new InvalidOperationException(
                    $"Collector '{collector.Name}' returned a duplicate series: metric family '{family.Name}' has " +
                    $"two samples {duplicate}. Sum them, or add a label that distinguishes them.");
        }
    }

    private static void Validate(MetricFamily family, CollectorRegistration collector)
    {
        if (family is null)
            throw new InvalidOperationException(
                $"Collector '{collector.Name}' returned a list that contains null. Return only families.");
        if (!collector.Declares(family))
            throw new InvalidOperationException(
                $"Collector '{collector.Name}' returned metric family '{family.Name}', which its " +
                $"{nameof(CollectorOptions.FamilyNames)} do not declare " +
                $"({string.Join(", ", collector.FamilyNames ?? [])}). Declare it, or declare no families.");
    }
}
