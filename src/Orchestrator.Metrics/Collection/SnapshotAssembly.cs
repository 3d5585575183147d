using Orchestrator.Metrics.Model;

namespace Orchestrator.Metrics.Collection;

/// <summary>Puts the outcomes of the collectors together into one snapshot, by the failure policy.</summary>
internal sealed class SnapshotAssembly(CollectionServices services)
{
    public MetricsSnapshot Assemble(CollectorRunner[] collectors, CollectorOutcome[] outcomes)
    {
        var options = services.Options;
        var report = options.ScrapeMetrics || options.FailurePolicy == FailurePolicy.ReportAndContinue
            ? new ScrapeMetrics(services.Time)
            : null;
        var names = new FamilyNames();
        foreach (var family in report?.Families ?? [])
            names.TryAdd(family, nameof(ScrapeMetrics));

        var families = new List<MetricFamily>();
        var failed = new List<(CollectorRunner Collector, CollectorOutcome Outcome)>();
        for (var i = 0; i < collectors.Length; i++)
        {
            var outcome = WithoutTakenNames(collectors[i], outcomes[i], names);
            if (outcome.Result is { } result)
                families.AddRange(result.Families);
            else
                failed.Add((collectors[i], outcome));
            report?.Add(collectors[i], outcome);
        }

        if (failed.Count > 0
            && (options.FailurePolicy == FailurePolicy.FailScrape || failed.Count == collectors.Length))
            throw Failure(failed);
        families.AddRange(report?.Families ?? []);
        return MetricsSnapshot.OfDistinct(families);
    }

    /// <summary>The outcome, or a failure if an earlier collector writes one of its names.</summary>
    private CollectorOutcome WithoutTakenNames(CollectorRunner collector, CollectorOutcome outcome, FamilyNames names)
    {
        foreach (var family in outcome.Result?.Families ?? [])
        {
            if (names.Taken(family) is not { } taken)
                continue;
            return outcome with { Result = null, Error = Conflict(taken, collector.Name, family.Name) };
        }

        foreach (var family in outcome.Result?.Families ?? [])
            names.TryAdd(family, collector.Name);
        return outcome;
    }

    private InvalidOperationException Conflict(TakenName taken, string collector, string family)
    {
        var both = $"Collectors '{taken.Collector}' and '{collector}' both";
        if (taken.Family == family)
        {
            services.Log.SameFamily(taken.Collector, collector, family);
            return new InvalidOperationException($"{both} returned metric family '{family}'.");
        }

        services.Log.SameName(taken.Collector, collector, taken.Name, taken.Family, family);
        return new InvalidOperationException(
            $"{both} write the name '{taken.Name}', in metric family '{taken.Family}' and in metric family " +
            $"'{family}'.");
    }

    private static MetricsCollectionException Failure(
        List<(CollectorRunner Collector, CollectorOutcome Outcome)> failed)
    {
        var errors = failed.Select(failure => failure.Outcome.Error!).ToArray();
        return new MetricsCollectionException(
            [.. failed.Select(failure => failure.Collector.Name)],
            failed.TrueForAll(failure => failure.Outcome.TimedOut),
            errors.Length == 1 ? errors[0] : new AggregateException(errors));
    }
}
