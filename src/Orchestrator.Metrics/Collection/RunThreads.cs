namespace Orchestrator.Metrics.Collection;

/// <summary>
/// Gives the runs of one registry the threads on which they start. A collector may block its thread, and that must
/// hold up nobody: not the caller, and not the thread pool, on which the other collectors, their deadlines and the
/// server live. So a run gets a thread of its own, unless its collector is known to be quick: a thread takes as long to
/// start as a thousand samples to collect. Thread-safe.
/// </summary>
internal sealed class RunThreads
{
    private int _lent;

    /// <summary>
    /// Starts a run, without the caller's ambient state (request, activity), which is not that of the other callers.
    /// </summary>
    /// <param name="collector">The name of the collector.</param>
    /// <param name="isQuick">Whether its last run gave back its thread at once.</param>
    /// <param name="run">What is to run on the thread. Must not throw.</param>
    public void Start(string collector, bool isQuick, Action run)
    {
        // A single thread of the pool, so that no more is lost if all that used to be quick block at the same time.
        if (isQuick && Interlocked.Exchange(ref _lent, 1) == 0)
            ThreadPool.UnsafeQueueUserWorkItem(RunOnPool, run, preferLocal: true);
        else
            new Thread(() => run()) { IsBackground = true, Name = $"Collector {collector}" }.UnsafeStart();
    }

    private void RunOnPool(Action run)
    {
        run();
        Volatile.Write(ref _lent, 0);
    }
}
