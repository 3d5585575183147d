namespace Orchestrator.Metrics;

/// <summary>
/// The outcome of the last scrape of a collector. Publishing to meters and writing text files count as scrapes.
/// Returned by <see cref="OrchestratorMetricsRegistry.GetCollectorStatuses"/>, for health checks and diagnostics.
/// Immutable.
/// </summary>
public sealed record CollectorStatus
{
    internal CollectorStatus(CollectorRegistration collector) => Collector = collector;

    /// <summary>The collector.</summary>
    public CollectorRegistration Collector { get; }

    /// <summary>
    /// Whether a scrape has included the collector. Until then, <see cref="Error"/> and <see cref="DataAge"/> are null.
    /// </summary>
    public bool WasScraped { get; init; }

    /// <summary>
    /// The cause of the failure; null if the collector succeeded. A stale result (see
    /// <see cref="CollectorOptions.ServeStaleFor"/>) does not hide the failure. The message may be confidential. If a
    /// metric family conflicts with one of another collector, <c>Data["Family"]</c> contains the name of the family.
    /// </summary>
    public Exception? Error { get; init; }

    /// <summary>
    /// The time since the start of the run whose data a scrape last received; null if no scrape has received any.
    /// </summary>
    public TimeSpan? DataAge { get; init; }
}
