namespace Orchestrator.Metrics.Collection;

/// <summary>The families of one successful run.</summary>
/// <param name="Families">The families, checked and read-only.</param>
/// <param name="StartedAt">
/// When the run started, as a timestamp of the time provider: no data is older than that.
/// </param>
/// <param name="Duration">How long the run took.</param>
internal sealed record CollectorResult(IReadOnlyList<MetricFamily> Families, long StartedAt, TimeSpan Duration);

/// <summary>
/// What a scrape gets from one collector: a result, an error, or both, which is an old result in place of a failed
/// run.
/// </summary>
internal sealed record CollectorOutcome(CollectorResult? Result, Exception? Error, TimeSpan Duration)
{
    public bool TimedOut => Error is CollectorTimeoutException;
}

/// <summary>The time of a collector was up.</summary>
internal sealed class CollectorTimeoutException(string message) : TimeoutException(message);
