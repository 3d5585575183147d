namespace Orchestrator.Metrics;

/// <summary>
/// A source of metrics. Implement the interface and register the class with <c>AddCollector</c>; its families then
/// appear in every scrape.
/// </summary>
/// <remarks>
/// <para>
/// A collector registered as a type or with a factory is created for each run in a dedicated service scope, so it can
/// take scoped services such as a <c>DbContext</c> or the <see cref="CollectorContext"/>. A collector registered as an
/// instance serves all runs. The runs of one registration never overlap.
/// </para>
/// <para>
/// Collectors run concurrently. They may block: each run has a dedicated thread until its first await. Let exceptions
/// propagate: the registry isolates collectors from each other, logs the exception with the name of the collector, and
/// keeps its message out of responses.
/// </para>
/// </remarks>
public interface IMetricsCollector
{
    /// <summary>Collects the current state as metric families.</summary>
    /// <param name="cancellationToken">
    /// Signalled on timeout, or when no caller is waiting any more. Pass it to every asynchronous call.
    /// </param>
    /// <returns>
    /// The families, in the order in which they are written. Create them in each call. Empty if there is nothing to
    /// report, never null.
    /// </returns>
    Task<IReadOnlyList<MetricFamily>> CollectAsync(CancellationToken cancellationToken);
}
