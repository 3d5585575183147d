namespace Orchestrator.Metrics.Collection;

/// <summary>The families of one successful run.</summary>
/// <param name="Families">The families, validated, changed by the label policy and read-only.</param>
/// <param name="StartedAt">The start of the run, as a timestamp of the time provider. No data is older.</param>
/// <param name="Duration">The duration of the run.</param>
internal sealed record RunResult(IReadOnlyList<MetricFamily> Families, long StartedAt, TimeSpan Duration);

/// <summary>
/// The outcome of one collector in a scrape: a result, an error, or both if a stale result replaces a failed run.
/// </summary>
/// <param name="Result">The result; null if there is none.</param>
/// <param name="Error">The cause of the failure; null if the run succeeded.</param>
/// <param name="Duration">The duration of the run, up to its end or its timeout.</param>
internal sealed record CollectorOutcome(RunResult? Result, Exception? Error, TimeSpan Duration)
{
    public bool TimedOut => Error is CollectorTimeoutException;
}

/// <summary>Reports that a collector timed out.</summary>
internal sealed class CollectorTimeoutException(string collector, TimeSpan duration) : TimeoutException(
    FormattableString.Invariant($"Collector '{collector}' did not finish within {duration.TotalSeconds:0.###} s."));
