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
    private readonly OrderedDictionary<string, List<MetricFamily>> _families = [];
    private HashSet<string> _withDuplicates = [];

    public IReadOnlyList<MetricFamily> Assemble(SharedCollector[] collectors, CollectorOutcome[] outcomes)
    {
        var report = options.ScrapeMetrics
            || options.FailurePolicy == FailurePolicy.ReportAndContinue
            || Array.Exists(collectors, collector => collector.FailurePolicy == FailurePolicy.ReportAndContinue)
            ? new ScrapeMetrics(options, time)
            : null;
        foreach (var family in report?.Families ?? [])
            _claims.Add(family, nameof(ScrapeMetrics));

        var merged = outcomes.SelectMany(outcome => outcome.Families ?? []).GroupBy(family => family.Name)
            .Where(group => group.Count() > 1)
            .ToDictionary(group => group.Key, group => (Parts: group.Count(), Family: FamilyMerger.Merge([.. group])));

        // Comparing each collector with all earlier ones takes quadratic time, so it is limited to these families.
        _withDuplicates = [.. merged.Where(entry => entry.Value.Family.Store.FindFirstDuplicate() is not null)
            .Select(entry => entry.Key)];
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

        return [.. _families.Select(entry => Merge(entry.Key, entry.Value)), .. report?.Families ?? []];

        // Merges again only if a collector with a conflict was left out.
        MetricFamily Merge(string name, List<MetricFamily> parts) =>
            merged.TryGetValue(name, out var all) && all.Parts == parts.Count ? all.Family : FamilyMerger.Merge(parts);
    }

    private CollectorOutcome Add(CollectorOutcome outcome, SharedCollector collector)
    {
        if (outcome.Families is not { } families)
            return outcome;

        // A collector with a conflict adds none of its families, because some of them would be partial data.
        foreach (var family in families)
        {
            if (_claims.Find(family) is { } claim && DescribeConflict(claim, family) is { } reason)
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

        foreach (var family in families)
        {
            _claims.Add(family, collector.Name);
            if (!_families.TryAdd(family.Name, [family]))
                _families[family.Name].Add(family);
        }

        return outcome;
    }

    private string? DescribeConflict(SampleNameClaim claim, MetricFamily family)
    {
        if (claim.Family != family.Name || !_families.TryGetValue(family.Name, out var earlier))
            return $"both write the name '{claim.Name}'";
        if (FamilyMerger.DescribeDifference(earlier[0], family) is { } difference)
            return $"they have the {difference}";

        // Without CheckDuplicateSamples, a family may contain duplicates itself, which are no conflict.
        return _withDuplicates.Contains(family.Name)
            && FamilyMerger.Merge([.. earlier, family]).DescribeDuplicate() is { } duplicate
            && FamilyMerger.Merge(earlier).DescribeDuplicate() is null && family.DescribeDuplicate() is null
            ? $"both contain a sample {duplicate}" : null;
    }
}
