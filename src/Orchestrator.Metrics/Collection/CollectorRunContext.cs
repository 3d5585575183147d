namespace Orchestrator.Metrics.Collection;

/// <summary>What a service of a run's scope may know of the run: a scoped service, filled by the runner.</summary>
internal sealed class CollectorRunContext
{
    private Func<TimeSpan>? _timeLeft;

    /// <summary>The scrape that started the run; null outside a run.</summary>
    public Scrape? Scrape { get; private set; }

    /// <summary>
    /// How much time the run has left: the timeout of its collector, since scrapes with more patience than the one that
    /// started it may join. Null outside a run.
    /// </summary>
    public TimeSpan? TimeLeft => _timeLeft?.Invoke();

    public void Start(Scrape scrape, Func<TimeSpan> timeLeft)
    {
        Scrape = scrape;
        _timeLeft = timeLeft;
    }
}
