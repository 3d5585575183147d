namespace Orchestrator.Metrics.Outcomes;

/// <summary>
/// The outcome of one collector in a scrape or refresh: families, an error, or both if stale families are served after
/// a failure.
/// </summary>
/// <param name="Families">Validated, relabeled by the label policy, and read-only; null if there are none.</param>
/// <param name="StartedAt">
/// The start of the run that returned the families, as a timestamp of the time provider. No data is older.
/// </param>
/// <param name="Duration">
/// The duration of the run. A failure includes the wait for a slot, as the timeout does; a success does not.
/// </param>
/// <param name="Error">Null if the run succeeded.</param>
/// <param name="TimedOut">Whether the collector or the scrape timed out.</param>
/// <param name="UnloggedKind">
/// The kind of an error that no run has logged, because the cache had no usable result; otherwise null.
/// </param>
internal sealed record CollectorOutcome(
    IReadOnlyList<MetricFamily>? Families, long StartedAt, TimeSpan Duration, Exception? Error = null,
    bool TimedOut = false, string? UnloggedKind = null)
{
    public static CollectorOutcome CreateFailure(
        Exception error, TimeSpan duration, string? unloggedKind = null) =>
        new(null, 0, duration, error, UnloggedKind: unloggedKind);

    public static CollectorOutcome CreateTimeout(string collector, TimeSpan duration)
    {
        var error = new TimeoutException(FormattableString.Invariant(
            $"Collector '{collector}' did not finish within {duration.TotalSeconds:0.###} s."));
        return new(null, 0, duration, error, TimedOut: true);
    }
}
