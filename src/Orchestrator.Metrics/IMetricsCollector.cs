namespace Orchestrator.Metrics;

/// <summary>A source of metrics: implement this, register it, and its families appear in every scrape.</summary>
/// <remarks>
/// <para>
/// A collector registered as a type or with a factory is created in a service scope of its own for each run, so it
/// may take scoped services such as a <c>DbContext</c>. One registered as an instance serves all runs. The runs of one
/// registration never overlap. A collector may block the thread on which it is called: that is one of its own, or,
/// for one collector at a time that gave its thread back within a millisecond when it last ran, one of the thread pool.
/// </para>
/// <para>
/// Collectors run side by side. Simply let exceptions escape: the registry keeps them away from other collectors and
/// from the response, and logs them with the name of the collector.
/// </para>
/// </remarks>
public interface IMetricsCollector
{
    /// <summary>Collects the current state as metric families.</summary>
    /// <param name="cancellationToken">
    /// Cancelled when nobody waits for the result any more, or the time is up. Pass it on to whatever takes time.
    /// </param>
    /// <returns>
    /// The families, in the order in which they are to be written; created anew in this call. Empty if there is
    /// nothing to report, never null.
    /// </returns>
    Task<IReadOnlyList<MetricFamily>> CollectAsync(CancellationToken cancellationToken);
}
