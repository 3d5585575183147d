namespace Orchestrator.Metrics.Logging;

/// <summary>
/// Warns of a starved thread pool. Code that blocks threads of the pool delays every timeout. A library can detect
/// this, but not prevent it. Thread-safe.
/// </summary>
internal sealed class StarvationMonitor(TimeProvider time, MetricsLog log)
{
    // A busy machine delays timers too, but not by this much.
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WarningInterval = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly List<string> _running = [];
    private long? _lastWarning;

    public void Add(string collector)
    {
        lock (_lock)
            _running.Add(collector);
    }

    public void Remove(string collector)
    {
        lock (_lock)
            _running.Remove(collector);
    }

    public void Report(TimeSpan delay)
    {
        if (delay < Tolerance)
            return;
        string running;
        lock (_lock)
        {
            if (_lastWarning is { } last && time.GetElapsedTime(last) < WarningInterval)
                return;
            _lastWarning = time.GetTimestamp();
            running = string.Join(", ", _running.Order(StringComparer.Ordinal));
        }

        log.LateTimeout(delay.TotalSeconds, running, ThreadPool.ThreadCount, ThreadPool.PendingWorkItemCount);
    }
}
