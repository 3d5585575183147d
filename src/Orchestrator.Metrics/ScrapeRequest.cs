namespace Orchestrator.Metrics;

/// <summary>
/// Selects the families that one call of <see cref="OrchestratorMetricsRegistry.CollectAsync"/> returns. Immutable.
/// </summary>
public sealed record ScrapeRequest
{
    /// <summary>
    /// The names of the metric families or samples to return, as with <c>?name[]=</c>; see
    /// <see cref="MetricsSnapshot.Restrict"/>. Collectors whose declared <see cref="CollectorOptions.FamilyNames"/>
    /// contain none of them do not run. Null, the default, returns everything.
    /// </summary>
    public IReadOnlyCollection<string>? Names { get; init; }

    /// <summary>
    /// The time to wait for the collectors. A collector that has not finished by then counts as failed for this
    /// request. Null, the default, or <see cref="System.Threading.Timeout.InfiniteTimeSpan"/> waits up to the timeout
    /// of each collector.
    /// </summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>
    /// Selects the collectors to run, for example by <see cref="CollectorRegistration.Tags"/>. Null, the default, runs
    /// all of them.
    /// </summary>
    public Func<CollectorRegistration, bool>? Predicate { get; init; }
}
