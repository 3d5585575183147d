using Orchestrator.Metrics.Logging;

namespace Orchestrator.Metrics.Collection;

/// <summary>
/// One collector of a registry: at most one run at a time, which overlapping scrapes share, and its last result, for
/// <see cref="CollectorOptions.CacheFor"/> and <see cref="CollectorOptions.ServeStaleFor"/>. Thread-safe.
/// </summary>
internal sealed class SharedCollector(CollectorRegistration registration, CollectorScheduler scheduler)
{
    private readonly Lock _lock = new();
    private CollectorRun? _current;
    private CollectorResult? _last;
    private bool _nextIsUnrestricted;
    private bool _wasScraped;
    private Exception? _lastError;
    private long? _lastDataFrom;

    public CollectorRegistration Registration => registration;

    public string Name => registration.Name;

    public TimeSpan Timeout => registration.Timeout ?? scheduler.Options.CollectorTimeout;

    public FailureLog Failures { get; } = new(registration.Name, scheduler.Time, scheduler.Log);

    private bool KeepsResults => registration.CacheFor > TimeSpan.Zero || registration.ServeStaleFor > TimeSpan.Zero;

    /// <summary>Returns the outcome of a cached result, of the run in flight, or of a new run.</summary>
    /// <exception cref="OperationCanceledException">The caller disconnected.</exception>
    public async Task<CollectorOutcome> GetAsync(Scrape scrape, CancellationToken cancellationToken)
    {
        var askedAt = scheduler.Time.GetTimestamp();
        var limit = scrape.Timeout < Timeout ? scrape.Timeout : Timeout;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            CollectorRun run;
            bool isNew, joined;
            lock (_lock)
            {
                if (_last is { } last && IsFresh(last))
                    return new CollectorOutcome(last, null, last.Duration);
                isNew = _current is null;
                run = _current ??= NewRun(scrape);
                joined = isNew || run.TryJoin(scrape.Names);

                // Otherwise scrapes with ever different names could keep this one waiting for ever.
                _nextIsUnrestricted |= !joined;
            }

            // Not under the lock: a run may end before Start returns.
            if (isNew)
                run.Start();
            var remaining = scheduler.Remaining(limit, askedAt);
            if (joined)
                return OrStale(run, await run.WaitAsync(remaining, cancellationToken).ConfigureAwait(false));

            // A run that cannot be joined must end first. An abandoned run is not waited for.
            await run.EndedOrAbandoned.WaitAsync(remaining, scheduler.Time, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!run.HasEnded && !cancellationToken.IsCancellationRequested)
                return OrStale(run, outcome: null);
        }
    }

    /// <summary>Called by the run in flight when it has ended, before its callers get the outcome.</summary>
    /// <param name="result">The result; null if the run failed or was cancelled.</param>
    public void OnEnded(CollectorResult? result)
    {
        lock (_lock)
        {
            _current = null;
            if (result is not null && KeepsResults)
                _last = result;
        }
    }

    /// <summary>The outcome for a caller that cannot wait any longer.</summary>
    public CollectorOutcome TimedOut(TimeSpan duration) =>
        new(null, new CollectorTimeoutException(Name, duration), duration);

    /// <summary>Records what a scrape used. Keeps no families, which may be large.</summary>
    public void OnScraped(CollectorOutcome outcome)
    {
        lock (_lock)
        {
            (_wasScraped, _lastError) = (true, outcome.Error);
            if (outcome.Result is { } result)
                _lastDataFrom = result.StartedAt;
        }
    }

    /// <summary>Returns what the last scrape found, without running the collector.</summary>
    public CollectorStatus GetStatus()
    {
        lock (_lock)
        {
            return new CollectorStatus(registration)
            {
                WasScraped = _wasScraped,
                Error = _lastError,
                DataAge = _lastDataFrom is { } from ? scheduler.ElapsedSince(from) : null,
            };
        }
    }

    private CollectorRun NewRun(Scrape scrape)
    {
        // A result that is kept must contain everything.
        var names = KeepsResults || _nextIsUnrestricted ? null : scrape.Names;
        _nextIsUnrestricted = false;
        return new CollectorRun(this, scheduler, scrape, names);
    }

    /// <summary>The outcome of a run, with the last result added if the run failed and that is not too old.</summary>
    private CollectorOutcome OrStale(CollectorRun run, CollectorOutcome? outcome)
    {
        outcome ??= TimedOut(run.Elapsed);
        var last = Volatile.Read(ref _last);
        return outcome.Error is not null && registration.ServeStaleFor > TimeSpan.Zero && last is not null
            && scheduler.ElapsedSince(last.StartedAt) <= registration.ServeStaleFor
                ? outcome with { Result = last }
                : outcome;
    }

    private bool IsFresh(CollectorResult result)
    {
        // Scrapes at intervals of exactly CacheFor would otherwise see every other result twice.
        var slack = TimeSpan.FromTicks(Math.Min(registration.CacheFor.Ticks / 20, TimeSpan.TicksPerSecond));
        return scheduler.ElapsedSince(result.StartedAt) < registration.CacheFor - slack;
    }
}
