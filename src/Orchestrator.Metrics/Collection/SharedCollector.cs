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
    private CollectorOutcome? _lastSuccess;
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
                RememberFailure(outcome);
            return outcome.Error is null ? outcome.StartedAt : startedAt;
        }
        finally
        {
            _ = scrape.ReleaseAsync();
        }
    }

    /// <summary>
    /// Remembers a failure, also that of a run that has not ended because it ignores its cancellation.
    /// </summary>
    private void RememberFailure(CollectorOutcome outcome)
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
                if (!isRefresh && _lastSuccess is { } last && Kept(last) is { } kept)
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
                return OrStale(await run.WaitAsync(remaining, cancellationToken).ConfigureAwait(false));

            // A run that cannot be joined must end first. An abandoned run is not waited for.
            await run.Ended.WaitAsync(remaining, scheduler.Time, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!ReferenceEquals(Volatile.Read(ref _current), run) || cancellationToken.IsCancellationRequested)
                continue;
            if (!run.HasTimedOut)
                Failures.OnScrapeTimeout(run.Elapsed);
            return OrStale(TimedOut(run.Elapsed));
        }
    }

    /// <summary>Called by the run in flight when it has ended, before its callers get the outcome.</summary>
    /// <param name="outcome">The outcome; null if all callers left the run, so that it was cancelled.</param>
    public void OnEnded(CollectorOutcome? outcome)
    {
        lock (_lock)
        {
            _current = null;
            if (!KeepsResults || outcome is null)
                return;
            _lastOutcome = outcome;
            if (outcome.Error is null)
                _lastSuccess = outcome;
        }
    }

    /// <summary>The outcome for a caller that cannot wait any longer.</summary>
    public CollectorOutcome TimedOut(TimeSpan duration)
    {
        var error = new TimeoutException(FormattableString.Invariant(
            $"Collector '{Name}' did not finish within {duration.TotalSeconds:0.###} s."));
        return CollectorOutcome.Failed(error, duration) with { TimedOut = true };
    }

    /// <summary>Records what a scrape used. Keeps no families, which may be large.</summary>
    public void OnScraped(CollectorOutcome outcome)
    {
        lock (_lock)
        {
            (_wasScraped, _lastScrapeError) = (true, outcome.Error);
            if (outcome.Families is not null)
                _lastDataFrom = outcome.StartedAt;
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

    /// <summary>The outcome of a run, with the last families added if the run failed and they are not too old.</summary>
    private CollectorOutcome OrStale(CollectorOutcome outcome)
    {
        var last = Volatile.Read(ref _lastSuccess);
        return outcome.Error is not null && Refresher is null && registration.ServeStaleFor > TimeSpan.Zero
            && last is not null
            && scheduler.ElapsedSince(last.StartedAt) <= registration.ServeStaleFor
                ? outcome with { Families = last.Families, StartedAt = last.StartedAt }
                : outcome;
    }

    /// <summary>Returns the outcome of the last success; null if the collector must run.</summary>
    private CollectorOutcome? Kept(CollectorOutcome last)
    {
        if (Refresher is null)
            return scheduler.ElapsedSince(last.StartedAt) < CachedFor ? last : null;

        var limit = MaxAge(last);
        var error = _lastOutcome?.Error;
        return scheduler.ElapsedSince(last.StartedAt) <= limit
            ? last with { Error = error }
            : CollectorOutcome.Failed(
                new InvalidOperationException(FormattableString.Invariant(
                    $"The last result of collector '{Name}' is older than {limit.TotalSeconds:0.###} s."), error),
                last.Duration);
    }

    /// <summary>The age up to which scrapes get the last success of the background refresh.</summary>
    private TimeSpan MaxAge(CollectorOutcome last)
    {
        // Three intervals: one refresh may fail and the next one be late.
        var interval = IntervalAfter(last.Duration);
        if (registration.ServeStaleFor <= TimeSpan.Zero)
            return 3 * Longest(interval, RefreshInterval) + Timeout;

        // Otherwise a collector whose runs take long would fail between two refreshes that succeed.
        return interval > registration.RefreshEvery
            ? Longest(registration.ServeStaleFor, interval + Timeout)
            : registration.ServeStaleFor;
    }

    private static TimeSpan Longest(TimeSpan one, TimeSpan other) => one > other ? one : other;

    /// <summary>
    /// Returns the failure of a scrape before the first success of the background refresh; null if the scrape may wait
    /// for a run. Such a scrape joins a refresh, but starts no separate run after a failure.
    /// </summary>
    private CollectorOutcome? BeforeFirstResult()
    {
        if (registration.WaitForFirstResult)
            return _current is null && _lastOutcome is { Error: not null } ? _lastOutcome : null;
        return _lastOutcome ?? CollectorOutcome.Failed(
            new InvalidOperationException(
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
}
