using System.Diagnostics.CodeAnalysis;
using Orchestrator.Metrics.Collection;

namespace Orchestrator.Metrics.Hosting;

/// <summary>
/// Runs a collector at the interval <see cref="CollectorOptions.RefreshEvery"/> until it is unregistered, the host
/// stops, or the registry is disposed. Thread-safe.
/// </summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification =
    "The token source has neither a timer nor a wait handle.")]
internal sealed class CollectorRefresher(SharedCollector collector, CollectorScheduler scheduler)
{
    // After a run that took the whole interval, the next run is due at once. The delay leaves other replicas time to
    // use the result.
    private static readonly TimeSpan MinSharedDelay = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _firstRun = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes after the first run, whether or not it succeeded, or when the refresh stops.</summary>
    public Task FirstRun => _firstRun.Task;

    /// <summary>
    /// Starts the refresh on the thread pool, without the execution context of the caller. Called once.
    /// </summary>
    public void Start() => ThreadPool.UnsafeQueueUserWorkItem(
        static refresher => _ = refresher.RunAsync(), this, preferLocal: false);

    /// <summary>
    /// Cancels a run in flight unless a scrape waits for it, and starts no new run. May be called before Start.
    /// </summary>
    public void Stop() => _stopping.Cancel();

    private async Task RunAsync()
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token, scheduler.Stopping);
        try
        {
            while (true)
            {
                var startedAt = await collector.RefreshAsync(stopping.Token).ConfigureAwait(false);
                _firstRun.TrySetResult();
                var delay = scheduler.Time.GetRemaining(collector.Cache.GetNextInterval(), startedAt);
                await Task.Delay(
                    collector.Store is not null && delay < MinSharedDelay ? MinSharedDelay : delay, scheduler.Time,
                    stopping.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            _firstRun.TrySetResult();
        }
    }
}
