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

    // The last failure after the last success.
    private CollectorOutcome? _lastFailure;
    private bool _nextIsUnrestricted;
    private (Exception? Error, long? DataFrom)? _lastScrape;

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
    public TimeSpan RefreshInterval => IntervalAfter(
        (Volatile.Read(ref _lastFailure) ?? Volatile.Read(ref _lastSuccess))?.Duration ?? TimeSpan.Zero);

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
            {
                Failures.OnSuccess();
                return outcome.StartedAt;
            }

            // Also that of a run that has not ended, because it ignores its cancellation.
            lock (_lock)
                _lastFailure = outcome;
            return startedAt;
        }
        finally
        {
            _ = scrape.ReleaseAsync();
        }
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
                if ((isRefresh ? Recent() : Kept()) is { } kept)
                    return kept;
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
            run.ReportScrapeTimeout();
            return OrStale(run.TimedOut());
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
            if (outcome.Error is null)
                (_lastSuccess, _lastFailure) = (outcome, null);
            else
                _lastFailure = outcome;
        }
    }

    /// <summary>Records what a scrape used. Keeps no families, which may be large.</summary>
    public void OnScraped(CollectorOutcome outcome)
    {
        lock (_lock)
            _lastScrape = (outcome.Error, outcome.Families is null ? _lastScrape?.DataFrom : outcome.StartedAt);
    }

    /// <summary>Returns what the last scrape found, without running the collector.</summary>
    public CollectorStatus GetStatus()
    {
        lock (_lock)
        {
            return new CollectorStatus(registration)
            {
                WasScraped = _lastScrape is not null,
                Error = _lastScrape?.Error,
                DataAge = _lastScrape?.DataFrom is { } from ? scheduler.ElapsedSince(from) : null,
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

    /// <summary>
    /// Returns the last success if no refresh is due yet, as when a scrape came before the first one; otherwise null.
    /// </summary>
    private CollectorOutcome? Recent() =>
        _lastFailure is null && _lastSuccess is { } last
        && scheduler.ElapsedSince(last.StartedAt) < SharedMaxAge(last.Duration)
            ? last
            : null;

    /// <summary>Returns the outcome for a scrape without a run; null if the scrape needs one.</summary>
    private CollectorOutcome? Kept() =>
        _lastSuccess is { } last ? Kept(last) : Refresher is not null ? BeforeFirstResult() : null;

    private CollectorOutcome? Kept(CollectorOutcome last)
    {
        if (Refresher is null)
            return scheduler.ElapsedSince(last.StartedAt) < CachedFor ? last : null;

        var limit = MaxAge(last);
        var error = _lastFailure?.Error;
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

        // Otherwise a collector with slow runs would fail between two refreshes that succeed.
        return interval > registration.RefreshEvery
            ? Longest(registration.ServeStaleFor, interval * (1 + CollectorRefresher.Jitter) + Timeout)
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
            return _current is null ? _lastFailure : null;
        return _lastFailure ?? CollectorOutcome.Failed(
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
