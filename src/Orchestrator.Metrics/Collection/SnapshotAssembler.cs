using Orchestrator.Metrics.Logging;
using Orchestrator.Metrics.Model;

namespace Orchestrator.Metrics.Collection;

/// <summary>Assembles the families of one scrape from the outcomes of its collectors, by the failure policy.</summary>
internal sealed class SnapshotAssembler(CollectorScheduler scheduler)
{
    private readonly FamilyNames _names = new();
    private readonly List<MetricFamily> _families = [];

    private MetricsLog Log => scheduler.Log;

    /// <summary>Returns the families in the order of the collectors.</summary>
    /// <exception cref="MetricsCollectionException">The scrape fails by the failure policy.</exception>
    public IReadOnlyList<MetricFamily> Assemble(SharedCollector[] collectors, CollectorOutcome[] outcomes)
    {
        var options = scheduler.Options;
        var report = options.ScrapeMetrics || options.FailurePolicy == FailurePolicy.ReportAndContinue
            ? new ScrapeMetrics(scheduler)
            : null;
        foreach (var family in report?.Families ?? [])
            _names.TryAdd(family, nameof(ScrapeMetrics));

        var failed = new List<(string Collector, CollectorOutcome Outcome)>();
        for (var i = 0; i < collectors.Length; i++)
        {
            var outcome = Add(outcomes[i], collectors[i].Name);
            if (outcome.Result is null)
                failed.Add((collectors[i].Name, outcome));
            report?.Add(collectors[i], outcome);
        }

        if (failed.Count > 0
            && (options.FailurePolicy == FailurePolicy.FailScrape || failed.Count == collectors.Length))
            throw Failure(failed);
        return [.. _families, .. report?.Families ?? []];
    }

    /// <summary>Adds the families of a collector, or fails it if one of them conflicts with an earlier one.</summary>
    private CollectorOutcome Add(CollectorOutcome outcome, string collector)
    {
        if (outcome.Result is not { } result)
            return outcome;
        foreach (var family in result.Families)
        {
            if (_names.Taken(family) is { } taken)
                return outcome with { Result = null, Error = Conflict(taken, collector, family.Name) };
        }

        foreach (var family in result.Families)
            _names.TryAdd(family, collector);
        _families.AddRange(result.Families);
        return outcome;
    }

    private InvalidOperationException Conflict(TakenName taken, string collector, string family)
    {
        var both = $"Collectors '{taken.Collector}' and '{collector}' both";
        if (taken.Family == family)
        {
            Log.SameFamily(taken.Collector, collector, family);
            return new InvalidOperationException($"{both} returned metric family '{family}'.");
        }

        Log.SameName(taken.Collector, collector, taken.Name, taken.Family, family);
        return new InvalidOperationException(
            $"{both} write the name '{taken.Name}', in metric family '{taken.Family}' and in metric family " +
            $"'{family}'.");
    }

    private static MetricsCollectionException Failure(List<(string Collector, CollectorOutcome Outcome)> failed)
    {
        var errors = failed.ConvertAll(failure => failure.Outcome.Error!);
        return new MetricsCollectionException(
            [.. failed.Select(failure => failure.Collector)],
            failed.TrueForAll(failure => failure.Outcome.TimedOut),
            errors.Count == 1 ? errors[0] : new AggregateException(errors));
    }
}
