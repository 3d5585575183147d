using Orchestrator.Metrics.Logging;
using Orchestrator.Metrics.Outcomes;

namespace Orchestrator.Metrics.Collection;

/// <summary>One collector of a registry, with at most one run at a time, which scrapes share. Thread-safe.</summary>
internal sealed class SharedCollector
{
    private readonly Lock _lock = new();
    private readonly CollectorScheduler _scheduler;
    private CollectorRun? _current;
    private bool _nextIsUnrestricted;

    public SharedCollector(CollectorRegistration registration, CollectorScheduler scheduler)
    {
        (Registration, _scheduler) = (registration, scheduler);
        Timeout = registration.Timeout ?? scheduler.Options.CollectorTimeout;
        FailurePolicy = registration.FailurePolicy ?? scheduler.Options.FailurePolicy;
        Failures = new FailureLog(Name, scheduler.Time, scheduler.Log);
        Cache = new OutcomeCache(registration, Timeout, scheduler.Time);
        Store = registration.SharesResults ? scheduler.ResultStore : null;
    }

    public CollectorRegistration Registration { get; }

    public string Name => Registration.Name;

    public TimeSpan Timeout { get; }

    public FailurePolicy FailurePolicy { get; }

    public FailureLog Failures { get; }

    public OutcomeCache Cache { get; }

    /// <summary>The store of the collector's results; null if each replica runs the collector itself.</summary>
    public ICollectorResultStore? Store { get; }

    /// <summary>Runs the collector for later scrapes, unless no refresh is due yet.</summary>
    /// <returns>The start of the run, possibly in another replica, as a timestamp. The interval starts then.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<long> RefreshAsync(CancellationToken cancellationToken)
    {
        var startedAt = _scheduler.Time.GetTimestamp();
        var scrape = new Scrape { IsRefresh = true };
        try
        {
            var outcome = await GetAsync(scrape, cancellationToken).ConfigureAwait(false);
            if (outcome.Error is null)
            {
                Failures.OnSuccess();
                return outcome.StartedAt;
            }

            // A run in flight has not added its outcome. A run that has ended since may have succeeded.
            lock (_lock)
            {
                if (_current is not null)
                    Cache.Add(outcome);
            }

            return startedAt;
        }
        finally
        {
            _ = scrape.ReleaseAsync();
        }
    }

    /// <summary>Returns a cached outcome, or the outcome of the run in flight or of a new run.</summary>
    /// <exception cref="OperationCanceledException">The caller disconnected.</exception>
    public async Task<CollectorOutcome> GetAsync(Scrape scrape, CancellationToken cancellationToken)
    {
        var requestedAt = _scheduler.Time.GetTimestamp();
        var limit = scrape.Timeout < Timeout ? scrape.Timeout : Timeout;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            CollectorRun run;
            bool isNew, joined;
            lock (_lock)
            {
                var isRunning = _current is not null;
                if ((scrape.IsRefresh ? Cache.GetForRefresh() : Cache.GetForScrape(isRunning)) is { } cached)
                    return cached;
                isNew = !isRunning;
                run = _current ??= CreateRun(scrape);
                joined = isNew || run.TryJoin(scrape.Names);

                // Without this, scrapes that request other names could keep this one waiting forever.
                _nextIsUnrestricted |= !joined;
            }

            // Outside the lock, because a run may end before Start returns.
            if (isNew)
                run.Start();
            var remaining = _scheduler.Time.GetRemaining(limit, requestedAt);
            if (joined)
                return Cache.AddStaleFamilies(await run.WaitAsync(remaining, cancellationToken).ConfigureAwait(false));

            // A run that cannot be joined must end first.
            var isAbandoned = run.EndedOrAbandoned.IsCompleted;
            await run.EndedOrAbandoned.WaitAsync(remaining, _scheduler.Time, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!ReferenceEquals(Volatile.Read(ref _current), run) || cancellationToken.IsCancellationRequested)
                continue;

            // The caller timed out, or the run was abandoned and its collector has still not returned.
            if (isAbandoned)
                Failures.OnTimeout(run.Elapsed, waitsForSlot: false);
            else
                run.ReportScrapeTimeout();
            return Cache.AddStaleFamilies(run.CreateTimeout());
        }
    }

    /// <summary>Called when the run in flight has ended, before its callers get the outcome.</summary>
    /// <param name="outcome">The outcome; null if the run was cancelled because no caller was left.</param>
    public void OnEnded(CollectorOutcome? outcome)
    {
        // Under one lock, so that no scrape in between starts another run.
        lock (_lock)
        {
            _current = null;
            if (outcome is not null)
                Cache.Add(outcome);
        }
    }

    private CollectorRun CreateRun(Scrape scrape)
    {
        // A cached result must contain everything.
        var names = Cache.KeepsResults || _nextIsUnrestricted ? null : scrape.Names;
        _nextIsUnrestricted = false;
        return new CollectorRun(this, _scheduler, scrape, names);
    }
}
