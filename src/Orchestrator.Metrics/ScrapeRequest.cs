namespace Orchestrator.Metrics;

/// <summary>
/// The parameters of one call to <see cref="OrchestratorMetricsRegistry.CollectAsync"/>: the families or samples to
/// return, the collectors to run, and the timeout. Immutable.
/// </summary>
public sealed record ScrapeRequest
{
    /// <summary>
    /// The names of the metric families or samples to return, as with <c>?name[]=</c>; see
    /// <see cref="MetricsSnapshot.Restrict"/>. A collector that declares <see cref="CollectorOptions.FamilyNames"/>
    /// does not run if none of the names belongs to a declared family or its samples. Null, the default, returns
    /// everything.
    /// </summary>
    public IReadOnlyCollection<string>? Names { get; init; }

    /// <summary>
    /// The maximum time to wait for the collectors. A collector that has not finished by then counts as failed for this
    /// request. Null, the default, waits up to the timeout of each collector, as does
    /// <see cref="System.Threading.Timeout.InfiniteTimeSpan"/>. With zero, or any other negative value, collectors
    /// without a cached result time out at once.
    /// </summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>
    /// Selects the collectors, for example by <see cref="CollectorRegistration.Tags"/>. Null, the default, selects all
    /// collectors.
    /// </summary>
    public Func<CollectorRegistration, bool>? Predicate { get; init; }
}
