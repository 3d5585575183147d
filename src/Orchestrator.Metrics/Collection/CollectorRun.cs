using System.Diagnostics.CodeAnalysis;

namespace Orchestrator.Metrics.Collection;

/// <summary>
/// One run of a collector, shared by all scrapes that wait for it. Guarded by the lock of its runner.
/// </summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification =
    "The source has no timer and no wait handle, so there is nothing to dispose; a late caller may still cancel it.")]
internal sealed class CollectorRun(ScrapeScope startedBy, long startedAt)
{
    private readonly CancellationTokenSource _cancellation = new();
    private readonly TaskCompletionSource<CollectorOutcome> _ended =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private SemaphoreSlim? _slot;
    private ScrapeScope? _scrape = startedBy;

    public ScrapeScope StartedBy { get; } = startedBy;

    public long StartedAt => startedAt;

    public CancellationToken Token => _cancellation.Token;

    /// <summary>Completes, and never fails, when the collector has ended and its scope is disposed.</summary>
    public Task<CollectorOutcome> Ended => _ended.Task;

    /// <summary>How many scrapes wait.</summary>
    public int Waiting { get; set; }

    /// <summary>Whether nobody waited any more before the collector ended. Nobody may join then.</summary>
    public bool Cancelled { get; set; }

    /// <summary>When it was cancelled, as a timestamp of the time provider.</summary>
    public long CancelledAt { get; set; }

    /// <summary>Whether somebody's time was up, which is logged once.</summary>
    public bool TimedOut { get; set; }

    public async Task TakeSlotAsync(SemaphoreSlim slots)
    {
        await slots.WaitAsync(Token).ConfigureAwait(false);
        Interlocked.Exchange(ref _slot, slots);
        HasStarted = true;

        // Given up in between, when there was no slot to release yet.
        if (Token.IsCancellationRequested)
            ReleaseSlot();
        Token.ThrowIfCancellationRequested();
    }

    public void ReleaseSlot() => Interlocked.Exchange(ref _slot, null)?.Release();

    /// <summary>
    /// It has ended, or nobody waits for it any more: what its scrape shares need not live on for it.
    /// </summary>
    public void LeaveScrape() => Interlocked.Exchange(ref _scrape, null)?.Leave();

    /// <summary>Whether it got a slot to run in.</summary>
    public bool HasStarted { get; private set; }

    /// <summary>
    /// Whether it was cancelled and somebody's time was up. From then on it holds no slot, so that a collector that
    /// ignores its token keeps none of the others waiting.
    /// </summary>
    public bool Abandoned { get; set; }

    /// <summary>Whether the collector has ended.</summary>
    public bool HasEnded { get; set; }

    /// <summary>Whether it was logged that the run goes on after its time.</summary>
    public bool OverrunLogged { get; set; }

    public void End(CollectorOutcome outcome) => _ended.SetResult(outcome);

    /// <summary>
    /// Cancels the token on another thread: callbacks that block or throw are the collector's affair.
    /// </summary>
    public void Cancel() => _ = _cancellation.CancelAsync().ContinueWith(
        cancelled => cancelled.Exception,
        CancellationToken.None,
        TaskContinuationOptions.ExecuteSynchronously,
        TaskScheduler.Default);
}
