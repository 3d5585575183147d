namespace Orchestrator.Metrics;

/// <summary>
/// Shares the results of collectors between the replicas of an application. If the host registers a store as a
/// singleton service, the store runs the collectors that set <see cref="CollectorOptions.Shared"/> and
/// <see cref="CollectorOptions.CacheFor"/> or <see cref="CollectorOptions.RefreshEvery"/>. The package
/// <c>Orchestrator.Metrics.Redis</c> contains an implementation. Implementations must be thread-safe.
/// </summary>
public interface ICollectorResultStore
{
    /// <summary>
    /// Returns a result that any replica has stored and that is not older than its maximum age. Otherwise runs the
    /// collector, unless another replica is running it, and stores the result.
    /// </summary>
    /// <param name="request">The collector, its options, and the time limit.</param>
    /// <param name="collect">
    /// Runs the collector in this replica, on a dedicated thread. Call it at most once. Throws the exceptions of the
    /// collector, and throws instead of returning a result that is invalid, or that may be incomplete because the run
    /// was cancelled. Rethrow all exceptions unchanged. If the store returns before the task has ended, the run
    /// continues until the task ends, because the runs of a collector never overlap.
    /// </param>
    /// <param name="cancellationToken">Signalled on timeout, or when no caller is waiting any more.</param>
    /// <returns>
    /// The result. If the storage fails, the store runs the collector. The store throws only
    /// <see cref="OperationCanceledException"/> and the exceptions of <paramref name="collect"/>.
    /// </returns>
    Task<CollectorResult> GetOrCollectAsync(
        CollectorResultRequest request, Func<Task<CollectorResult>> collect, CancellationToken cancellationToken);
}

/// <summary>A request for the result of a collector. Immutable.</summary>
/// <param name="Collector">The name of the collector.</param>
/// <param name="OptionsHash">
/// A hash of the options that determine the result, in hexadecimal digits. Results with different hashes must not be
/// exchanged.
/// </param>
/// <param name="Timeout">The maximum time that the caller waits for the result.</param>
public sealed record CollectorResultRequest(string Collector, string OptionsHash, TimeSpan Timeout);

/// <summary>The result of one successful run of a collector. Immutable.</summary>
/// <param name="Families">
/// The families, validated and read-only. <see cref="CollectorOptions.DropLabels"/> has been applied; each replica
/// applies the other changes to labels and names itself.
/// </param>
/// <param name="Age">The time since the start of the run.</param>
/// <param name="Duration">The duration of the run.</param>
/// <param name="MaxAge">
/// The age up to which other replicas use the result instead of running the collector. May be shorter than
/// <paramref name="Age"/>; then only replicas that are waiting for this result use it.
/// </param>
public sealed record CollectorResult(
    IReadOnlyList<MetricFamily> Families, TimeSpan Age, TimeSpan Duration, TimeSpan MaxAge);
