using Orchestrator.Metrics.Model;

namespace Orchestrator.Metrics.Collection;

/// <summary>
/// Assembles the families of one scrape by the failure policy. Families of the same name, type, unit and help text
/// become one. A collector fails if its family differs from an earlier one of that name.
/// </summary>
internal sealed class SnapshotAssembler(CollectorScheduler scheduler)
{
    private readonly SampleNameClaims _claims = new();
    private readonly Dictionary<string, int> _positions = [];
    private readonly List<MetricFamily> _families = [];

    /// <summary>Returns the families in the order of the collectors.</summary>
    /// <exception cref="MetricsCollectionException">The scrape fails by the failure policy.</exception>
    public IReadOnlyList<MetricFamily> Assemble(SharedCollector[] collectors, CollectorOutcome[] outcomes)
    {
        var options = scheduler.Options;
        var report = options.ScrapeMetrics
            || options.FailurePolicy == FailurePolicy.ReportAndContinue
            || Array.Exists(collectors, collector => collector.FailurePolicy == FailurePolicy.ReportAndContinue)
            ? new ScrapeMetrics(scheduler)
            : null;
        foreach (var family in report?.Families ?? [])
            _claims.Add(family, nameof(ScrapeMetrics));

        var failed = new List<(SharedCollector Collector, CollectorOutcome Outcome)>();
        for (var i = 0; i < collectors.Length; i++)
        {
            var outcome = Add(outcomes[i], collectors[i]);
            collectors[i].OnScraped(outcome);
            if (outcome.Error is null)
                collectors[i].Failures.OnSuccess();
            if (outcome.Families is null)
                failed.Add((collectors[i], outcome));
            report?.Add(collectors[i], outcome);
        }

        if (failed.Count > 0
            && (failed.Count == collectors.Length
                || failed.Exists(failure => failure.Collector.FailurePolicy == FailurePolicy.FailScrape)))
            throw Failure(failed);
        return [.. _families, .. report?.Families ?? []];
    }

    private CollectorOutcome Add(CollectorOutcome outcome, SharedCollector collector)
    {
        if (outcome.Families is not { } families)
            return outcome;

        // A collector with a conflict adds none of its families, because some of them would be partial data.
        var merged = new List<(int Position, MetricFamily Family)>();
        foreach (var family in families)
        {
            if (_claims.Find(family) is { } claim && Conflict(claim, family, merged) is { } reason)
            {
                collector.Failures.OnConflict(family.Name, claim.Collector, claim.Family, reason);
                return outcome with
                {
                    Families = null,
                    TimedOut = false,
                    Error = new InvalidOperationException(
                        $"Metric family '{family.Name}' of collector '{collector.Name}' conflicts with metric family " +
                        $"'{claim.Family}' of collector '{claim.Collector}': {reason}. Rename the family in one of " +
                        "them, or remove one collector.")
                    {
                        // The name of the field in the log.
                        Data = { ["Family"] = family.Name },
                    },
                };
            }
        }

        foreach (var (position, family) in merged)
            _families[position] = family;
        foreach (var family in families)
        {
            _claims.Add(family, collector.Name);
            if (_positions.TryAdd(family.Name, _families.Count))
                _families.Add(family);
        }

        return outcome;
    }

    /// <summary>Merges a family with an earlier one of its name. Returns null, or the reason for a conflict.</summary>
    private string? Conflict(
        SampleNameClaim claim, MetricFamily family, List<(int Position, MetricFamily Family)> merged)
    {
        if (claim.Family != family.Name || !_positions.TryGetValue(family.Name, out var position))
            return $"both write the name '{claim.Name}'";
        if (FamilyMerger.Difference(_families[position], family) is { } difference)
            return $"they have the {difference}";
        var both = FamilyMerger.Merge([_families[position], family]);
        if (both.DescribeDuplicate() is { } duplicate)
            return $"both contain a sample {duplicate}";
        merged.Add((position, both));
        return null;
    }

    private static MetricsCollectionException Failure(
        List<(SharedCollector Collector, CollectorOutcome Outcome)> failed)
    {
        var errors = failed.ConvertAll(failure => failure.Outcome.Error!);
        return new MetricsCollectionException(
            [.. failed.Select(failure => failure.Collector.Name)],
            failed.TrueForAll(failure => failure.Outcome.TimedOut),
            errors.Count == 1 ? errors[0] : new AggregateException(errors));
    }
}
