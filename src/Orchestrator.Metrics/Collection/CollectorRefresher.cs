using System.Diagnostics.CodeAnalysis;

namespace Orchestrator.Metrics.Collection;

/// <summary>
/// Runs a collector at its <see cref="CollectorOptions.RefreshEvery"/>, until it is unregistered, the host stops, or the
/// registry is disposed. Thread-safe.
/// </summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification =
    "The source has neither a timer nor a wait handle.")]
internal sealed class CollectorRefresher(CollectorScheduler scheduler)
{
    /// <summary>
    /// By how much an interval varies. Replicas that start together would otherwise query the database together for ever.
    /// </summary>
    public const double Jitter = 0.05;

    /// <summary>
    /// The age up to which a refresh uses a result of another replica, as a share of the interval: so low that none is
    /// due so early, or it would get its own last result again.
    /// </summary>
    public const double SharedMaxAge = 1 - 2 * Jitter;

    // After a run that took the whole interval, the next is due at once. This keeps the result for other replicas.
    private static readonly TimeSpan MinSharedDelay = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _firstRun = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes, and never fails, at the end of the first run, whether or not it succeeded.</summary>
    public Task FirstRun => _firstRun.Task;

    /// <summary>
    /// Starts the first run, without the ambient state of the caller. Called once, outside any lock.
    /// </summary>
    public void Start(SharedCollector collector) => ThreadPool.UnsafeQueueUserWorkItem(
        static state => _ = state.Refresher.RunAsync(state.Collector),
        (Refresher: this, Collector: collector), preferLocal: false);

    /// <summary>
    /// Cancels a run in flight that no scrape waits for, and starts no other. May be called before Start.
    /// </summary>
    public void Stop() => _stopping.Cancel();

    private static TimeSpan NextInterval(SharedCollector collector)
    {
        var interval = collector.RefreshInterval;

        // MaxRefreshShare is a limit, so jitter must not shorten an interval that it determines.
        var lowest = interval > collector.Registration.RefreshEvery ? 0 : -Jitter;
        return interval * (1 + lowest + (Jitter - lowest) * Random.Shared.NextDouble());
    }

    private async Task RunAsync(SharedCollector collector)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token, scheduler.Stopping);
        try
        {
            while (true)
            {
                var startedAt = await collector.RefreshAsync(stopping.Token).ConfigureAwait(false);
                _firstRun.TrySetResult();
                var delay = scheduler.Remaining(NextInterval(collector), startedAt);
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
