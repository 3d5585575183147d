using Orchestrator.Metrics.Model;

namespace Orchestrator.Metrics.Collection;

/// <summary>Checks what a collector returned, before anything else sees it.</summary>
internal static class CollectedFamilies
{
    public static IReadOnlyList<MetricFamily> Checked(
        MetricFamily[]? families, CollectorRegistration collector, OrchestratorMetricsOptions options)
    {
        if (families is null)
            throw new InvalidOperationException(
                $"Collector '{collector.Name}' returned null instead of families. Return an empty list if there is " +
                "nothing to report.");
        if (families.Contains(null!))
            throw new InvalidOperationException(
                $"Collector '{collector.Name}' returned a list with a family that is null. Leave it out.");

        var names = new FamilyNames();
        var samples = 0L;
        foreach (var family in families)
        {
            RequireDeclared(family, collector);
            if (names.TryAdd(family) is { } taken)
                throw new InvalidOperationException(
                    $"Collector '{collector.Name}' returned metric families '{taken.Family}' and '{family.Name}', " +
                    "which write samples of the same name. Return one family with all samples, or rename one of them.");
            family.MakeReadOnly();
            samples += family.SampleCount;
            if (options.CheckDuplicateSamples)
                RequireDistinctSamples(family, collector);
        }

        if (samples > options.MaxSamplesPerCollector)
            throw new InvalidOperationException(
                $"Collector '{collector.Name}' returned {samples} samples, more than the " +
                $"{options.MaxSamplesPerCollector} of {nameof(options.MaxSamplesPerCollector)}. Use fewer label " +
                "values, or raise the limit.");
        return families;
    }

    private static void RequireDeclared(MetricFamily family, CollectorRegistration collector)
    {
        if (!collector.Declares(family))
            throw new InvalidOperationException(
                $"Collector '{collector.Name}' returned metric family '{family.Name}', which is not among the " +
                $"{nameof(CollectorOptions.FamilyNames)} that it declared " +
                $"({string.Join(", ", collector.FamilyNames ?? [])}). " +
                "Declare it too, or declare none.");
    }

    private static void RequireDistinctSamples(MetricFamily family, CollectorRegistration collector)
    {
        if (family.Samples.FirstDuplicate() is { } labels)
            throw new InvalidOperationException(
                $"Collector '{collector.Name}' returned two samples of metric family '{family.Name}' with the same " +
                $"labels ({labels}). Sum them up, or add a label that tells them apart.");
    }
}
