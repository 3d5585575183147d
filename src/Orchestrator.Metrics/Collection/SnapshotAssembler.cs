using Orchestrator.Metrics.Model;
using Orchestrator.Metrics.Outcomes;

namespace Orchestrator.Metrics.Collection;

/// <summary>
/// Assembles the families of one scrape according to the failure policy. Merges families with the same name, type, unit
/// and help text. A collector fails if one of its families conflicts with an earlier family.
/// </summary>
internal sealed class SnapshotAssembler(OrchestratorMetricsOptions options, TimeProvider time)
{
    private readonly SampleNameClaims _claims = new();
    private readonly OrderedDictionary<string, MetricFamily> _families = [];

    public IReadOnlyList<MetricFamily> Assemble(SharedCollector[] collectors, CollectorOutcome[] outcomes)
    {
        var report = options.ScrapeMetrics
            || options.FailurePolicy == FailurePolicy.ReportAndContinue
            || Array.Exists(collectors, collector => collector.FailurePolicy == FailurePolicy.ReportAndContinue)
            ? new ScrapeMetrics(options, time)
            : null;
        foreach (var family in report?.Families ?? [])
            _claims.Add(family, nameof(ScrapeMetrics));

        var failed = new List<(SharedCollector Collector, CollectorOutcome Outcome)>();
        for (var i = 0; i < collectors.Length; i++)
        {
            var outcome = Add(outcomes[i], collectors[i]);
            collectors[i].Cache.OnScraped(outcome);
            collectors[i].Failures.OnScraped(outcome.Error, outcome.UnloggedKind);
            if (outcome.Families is null)
                failed.Add((collectors[i], outcome));
            report?.Add(collectors[i].Name, outcome, collectors[i].Failures);
        }

        if (failed.Count > 0
            && (failed.Count == collectors.Length
                || failed.Exists(failure => failure.Collector.FailurePolicy == FailurePolicy.FailScrape)))
        {
            var errors = failed.ConvertAll(failure => failure.Outcome.Error!);
            throw new MetricsCollectionException(
                [.. failed.Select(failure => failure.Collector.Name)],
                failed.TrueForAll(failure => failure.Outcome.TimedOut),
                errors.Count == 1 ? errors[0] : new AggregateException(errors));
        }

        return [.. _families.Values, .. report?.Families ?? []];
    }

    private CollectorOutcome Add(CollectorOutcome outcome, SharedCollector collector)
    {
        if (outcome.Families is not { } families)
            return outcome;

        // A collector with a conflict adds none of its families, because some of them would be partial data.
        var merged = new List<MetricFamily>();
        foreach (var family in families)
        {
            if (_claims.Find(family) is { } claim && MergeOrDescribeConflict(claim, family, merged) is { } reason)
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
                        // The key is the name of the field in the log.
                        Data = { ["Family"] = family.Name },
                    },
                };
            }
        }

        foreach (var family in merged)
            _families[family.Name] = family;
        foreach (var family in families)
        {
            _claims.Add(family, collector.Name);
            _families.TryAdd(family.Name, family);
        }

        return outcome;
    }

    private string? MergeOrDescribeConflict(SampleNameClaim claim, MetricFamily family, List<MetricFamily> merged)
    {
        if (claim.Family != family.Name || !_families.TryGetValue(family.Name, out var earlier))
            return $"both write the name '{claim.Name}'";
        if (FamilyMerger.DescribeDifference(earlier, family) is { } difference)
            return $"they have the {difference}";
        var both = FamilyMerger.Merge([earlier, family]);

        // Without CheckDuplicateSamples, a family may contain duplicates itself, which are no conflict.
        if (both.DescribeDuplicate() is { } duplicate
            && earlier.DescribeDuplicate() is null && family.DescribeDuplicate() is null)
            return $"both contain a sample {duplicate}";
        merged.Add(both);
        return null;
    }
}
