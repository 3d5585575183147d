using Orchestrator.Metrics.Collection;

namespace Orchestrator.Metrics.Hosting;

/// <summary>The background refreshes of the collectors of a registry. Thread-safe.</summary>
internal sealed class BackgroundRefreshes(CollectorScheduler scheduler)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<SharedCollector, CollectorRefresher> _refreshers = [];
    private bool _hasStarted;
    private bool _hasStopped;

    public bool HasStarted => Volatile.Read(ref _hasStarted);

    /// <summary>
    /// Completes after the first run of each collector with a background refresh, whether or not it succeeded, or when
    /// the refresh stops. Never completes if there are refreshes and they do not start.
    /// </summary>
    public Task FirstRuns
    {
        get
        {
            lock (_lock)
                return Task.WhenAll(_refreshers.Values.Select(refresher => refresher.FirstRun));
        }
    }

    public void Add(SharedCollector collector)
    {
        if (!collector.Registration.IsRefreshed)
            return;
        var refresher = new CollectorRefresher(collector, scheduler);
        lock (_lock)
        {
            _refreshers.Add(collector, refresher);
            if (_hasStarted && !_hasStopped)
                refresher.Start();
        }
    }

    public void Remove(SharedCollector collector)
    {
        CollectorRefresher? refresher;
        lock (_lock)
            _refreshers.Remove(collector, out refresher);

        // Outside the lock, because cancelling the run may call code of the host.
        refresher?.Stop();
    }

    public void Start()
    {
        if (HasStarted)
            return;
        lock (_lock)
        {
            if (_hasStarted || _hasStopped)
                return;
            _hasStarted = true;
            foreach (var refresher in _refreshers.Values)
                refresher.Start();
        }
    }

    public void Stop()
    {
        CollectorRefresher[] refreshers;
        lock (_lock)
        {
            _hasStopped = true;
            refreshers = [.. _refreshers.Values];
        }

        foreach (var refresher in refreshers)
            refresher.Stop();
    }
}
