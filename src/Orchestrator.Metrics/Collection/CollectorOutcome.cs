namespace Orchestrator.Metrics.Collection;

/// <summary>The families of one successful run.</summary>
/// <param name="Families">The families, validated and read-only.</param>
/// <param name="StartedAt">When the run started, as a timestamp of the time provider. No data is older.</param>
/// <param name="Duration">How long the run took.</param>
internal sealed record CollectorResult(IReadOnlyList<MetricFamily> Families, long StartedAt, TimeSpan Duration);

/// <summary>
/// What a scrape gets from one collector: a result, an error, or both if a stale result replaces a failed run.
/// </summary>
/// <param name="Result">The result; null if there is none.</param>
/// <param name="Error">Why the collector failed; null if it succeeded.</param>
/// <param name="Duration">How long the run took, up to its end or its timeout.</param>
internal sealed record CollectorOutcome(CollectorResult? Result, Exception? Error, TimeSpan Duration)
{
    public bool TimedOut => Error is CollectorTimeoutException;
}

/// <summary>A collector timed out.</summary>
internal sealed class CollectorTimeoutException(string collector, TimeSpan duration) : TimeoutException(
    FormattableString.Invariant($"Collector '{collector}' did not finish within {duration.TotalSeconds:0.###} s."));
