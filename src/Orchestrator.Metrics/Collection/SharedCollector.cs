using Orchestrator.Metrics.Logging;

namespace Orchestrator.Metrics.Collection;

/// <summary>
/// One collector of a registry: at most one run at a time, which overlapping scrapes share, and its last result, for
/// <see cref="CollectorOptions.CacheFor"/>, <see cref="CollectorOptions.ServeStaleFor"/> and
/// <see cref="CollectorOptions.RefreshEvery"/>. Thread-safe.
/// </summary>
internal sealed class SharedCollector(CollectorRegistration registration, CollectorScheduler scheduler)
{
    private readonly Lock _lock = new();
    private CollectorRun? _current;
    private RunResult? _last;
    private CollectorOutcome? _lastOutcome;
    private bool _nextIsUnrestricted;
    private bool _wasScraped;
    private Exception? _lastScrapeError;
    private long? _lastDataFrom;

    public CollectorRegistration Registration => registration;

    public string Name => registration.Name;

    public TimeSpan Timeout => registration.Timeout ?? scheduler.Options.CollectorTimeout;

    public FailurePolicy FailurePolicy => registration.FailurePolicy ?? scheduler.Options.FailurePolicy;

    public FailureLog Failures { get; } = new(registration.Name, scheduler.Time, scheduler.Log);

    /// <summary>The background refresh; null if the collector runs when it is scraped.</summary>
    public CollectorRefresher? Refresher { get; } =
        registration.RefreshEvery > TimeSpan.Zero ? new CollectorRefresher(scheduler) : null;

    /// <summary>
    /// The interval between two refreshes: longer than configured if the last run took long, to run at most the
    /// <see cref="CollectorOptions.MaxRefreshShare"/> of the time.
    /// </summary>
    public TimeSpan RefreshInterval => IntervalAfter(Volatile.Read(ref _lastOutcome)?.Duration ?? TimeSpan.Zero);

    /// <summary>The store of the collector's results; null if each replica runs the collector itself.</summary>
    public ICollectorResultStore? Store { get; } = registration.SharesResults ? scheduler.ResultStore : null;

    private bool KeepsResults =>
        Refresher is not null || registration.CacheFor > TimeSpan.Zero || registration.ServeStaleFor > TimeSpan.Zero;

    /// <summary>Returns the outcome of a kept result, of the run in flight, or of a new run.</summary>
    /// <exception cref="OperationCanceledException">The caller disconnected.</exception>
    public Task<CollectorOutcome> GetAsync(Scrape scrape, CancellationToken cancellationToken) =>
        RunAsync(scrape, isRefresh: false, cancellationToken);

    /// <summary>Runs the collector for later scrapes.</summary>
    /// <returns>
    /// The timestamp at which the interval to the next refresh begins: the start of the run, which may have been in
    /// another replica.
    /// </returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<long> RefreshAsync(CancellationToken cancellationToken)
    {
        var startedAt = scheduler.Time.GetTimestamp();
        var scrape = new Scrape();
        try
        {
            var outcome = await RunAsync(scrape, isRefresh: true, cancellationToken).ConfigureAwait(false);
            if (outcome.Error is null)
                Failures.OnSuccess();
            else
                OnFailedRefresh(outcome);
            return outcome.Result?.StartedAt ?? startedAt;
        }
        finally
        {
            _ = scrape.EndAsync();
        }
    }

    /// <summary>
    /// Remembers a failure, also that of a run that has not ended because it ignores its cancellation.
    /// </summary>
    private void OnFailedRefresh(CollectorOutcome outcome)
    {
        lock (_lock)
            _lastOutcome = outcome;
    }

    private async Task<CollectorOutcome> RunAsync(
        Scrape scrape, bool isRefresh, CancellationToken cancellationToken)
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
                if (!isRefresh && _last is { } last && Kept(last) is { } kept)
                    return kept;

                if (!isRefresh && Refresher is not null && BeforeFirstResult() is { } failed)
                    return failed;
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
    /// <param name="outcome">The outcome, without the result of a run that was cancelled.</param>
    public void OnEnded(CollectorOutcome outcome)
    {
        lock (_lock)
        {
            _current = null;
            if (!KeepsResults)
                return;
            _lastOutcome = outcome;
            if (outcome.Result is { } result)
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
            (_wasScraped, _lastScrapeError) = (true, outcome.Error);
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
                Error = _lastScrapeError,
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
        return outcome.Error is not null && Refresher is null && registration.ServeStaleFor > TimeSpan.Zero
            && last is not null
            && scheduler.ElapsedSince(last.StartedAt) <= registration.ServeStaleFor
                ? outcome with { Result = last }
                : outcome;
    }

    /// <summary>Returns the outcome of the last result; null if the collector must run.</summary>
    private CollectorOutcome? Kept(RunResult last)
    {
        if (Refresher is null)
            return IsFresh(last) ? new(last, null, last.Duration) : null;

        // Three intervals: one refresh may fail and the next one be late.
        var interval = TimeSpan.FromTicks(Math.Max(IntervalAfter(last.Duration).Ticks, RefreshInterval.Ticks));
        var limit = registration.ServeStaleFor > TimeSpan.Zero ? registration.ServeStaleFor : 3 * interval + Timeout;
        var error = _lastOutcome?.Error;
        return scheduler.ElapsedSince(last.StartedAt) <= limit
            ? new(last, error, last.Duration)
            : new(null, new InvalidOperationException(FormattableString.Invariant(
                $"The last result of collector '{Name}' is older than {limit.TotalSeconds:0.###} s."), error),
                last.Duration);
    }

    /// <summary>
    /// Returns the failure of a scrape before the first success of the background refresh; null if the scrape may wait
    /// for a run. Such a scrape joins a refresh, but starts no separate run after a failure.
    /// </summary>
    private CollectorOutcome? BeforeFirstResult()
    {
        if (registration.WaitForFirstResult)
            return _current is null && _lastOutcome is { Error: not null } ? _lastOutcome : null;
        return _lastOutcome ?? new(null, new InvalidOperationException(
            $"Collector '{Name}' has no result yet, because its first background refresh has not finished."),
            TimeSpan.Zero);
    }

    /// <summary>The age up to which the replicas use a shared result of a run of this duration.</summary>
    public TimeSpan SharedMaxAge(TimeSpan duration) => Refresher is null
        ? CachedFor
        : IntervalAfter(duration) * CollectorRefresher.SharedMaxAge;

    // Scrapes at intervals of exactly CacheFor would otherwise see every other result twice.
    private TimeSpan CachedFor => registration.CacheFor
        - TimeSpan.FromTicks(Math.Min(registration.CacheFor.Ticks / 20, TimeSpan.TicksPerSecond));

    private TimeSpan IntervalAfter(TimeSpan duration)
    {
        // How long a run hangs after its timeout does not count.
        var seconds = Math.Min(duration.TotalSeconds, Timeout.TotalSeconds) / registration.MaxRefreshShare;
        return TimeSpan.FromSeconds(Math.Clamp(
            seconds, registration.RefreshEvery.TotalSeconds, OptionsValidator.MaxTimeout.TotalSeconds));
    }

    private bool IsFresh(RunResult result) => scheduler.ElapsedSince(result.StartedAt) < CachedFor;
}
