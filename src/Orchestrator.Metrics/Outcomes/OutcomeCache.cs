using Orchestrator.Metrics.Logging;

namespace Orchestrator.Metrics.Outcomes;

/// <summary>
/// Keeps the last outcomes of a collector, and decides how long scrapes, refreshes and other replicas use them,
/// according to <see cref="CollectorOptions.CacheFor"/>, <see cref="CollectorOptions.ServeStaleFor"/> and
/// <see cref="CollectorOptions.RefreshEvery"/>. Also determines the interval to the next refresh, and keeps the status
/// after the last scrape. Thread-safe.
/// </summary>
internal sealed class OutcomeCache(CollectorRegistration registration, TimeSpan timeout, TimeProvider time)
{
    /// <summary>
    /// The random variation of an interval, as a share of the interval. Without jitter, replicas that start together
    /// would always query the database at the same time.
    /// </summary>
    private const double Jitter = 0.05;

    private readonly Lock _lock = new();

    // Hold the lock to use the fields and the private members that read them.
    private CollectorOutcome? _lastSuccess;

    // The last failure since the last success.
    private CollectorOutcome? _lastFailure;
    private (Exception? Error, long? DataFrom)? _lastScrape;

    /// <summary>Whether results are kept for reuse.</summary>
    public bool KeepsResults => registration.IsRefreshed
        || registration.CacheFor > TimeSpan.Zero || registration.ServeStaleFor > TimeSpan.Zero;

    /// <summary>Adds the outcome of a run that has ended, or of one that a refresh no longer waits for.</summary>
    public void Add(CollectorOutcome outcome)
    {
        if (!KeepsResults)
            return;
        lock (_lock)
        {
            if (outcome.Error is null)
                (_lastSuccess, _lastFailure) = (outcome, null);
            else
                _lastFailure = outcome;
        }
    }

    /// <summary>Returns the outcome for a scrape; null if the scrape needs a run.</summary>
    /// <param name="isRunning">Whether a run is in flight.</param>
    public CollectorOutcome? GetForScrape(bool isRunning)
    {
        lock (_lock)
        {
            if (!registration.IsRefreshed)
                return _lastSuccess is { } last && GetAge(last) < CachedFor ? last : null;
            return _lastSuccess is { } refreshed ? FailIfTooOld(refreshed) : GetFailureBeforeFirstResult(isRunning);
        }
    }

    /// <summary>
    /// Returns the last success if no refresh is due yet, for example after a scrape that preceded the first refresh;
    /// null if the refresh needs a run.
    /// </summary>
    public CollectorOutcome? GetForRefresh()
    {
        lock (_lock)
            return _lastFailure is null && _lastSuccess is { } last && GetAge(last) < GetSharedMaxAge(last.Duration)
                ? last
                : null;
    }

    /// <summary>
    /// Returns the outcome of a run. If the run failed, adds the last families for up to
    /// <see cref="CollectorOptions.ServeStaleFor"/>. With a background refresh, returns the outcome unchanged.
    /// </summary>
    public CollectorOutcome AddStaleFamilies(CollectorOutcome outcome)
    {
        lock (_lock)
            return outcome.Error is not null && !registration.IsRefreshed && registration.ServeStaleFor > TimeSpan.Zero
                && _lastSuccess is { } last && GetAge(last) <= registration.ServeStaleFor
                    ? outcome with { Families = last.Families, StartedAt = last.StartedAt }
                    : outcome;
    }

    /// <summary>Records the outcome that a scrape used, without its families, which may be large.</summary>
    public void OnScraped(CollectorOutcome outcome)
    {
        lock (_lock)
            _lastScrape = (outcome.Error, outcome.Families is null ? _lastScrape?.DataFrom : outcome.StartedAt);
    }

    /// <summary>Returns the status after the last scrape.</summary>
    public CollectorStatus GetStatus()
    {
        lock (_lock)
        {
            return new CollectorStatus(registration)
            {
                WasScraped = _lastScrape is not null,
                Error = _lastScrape?.Error,
                DataAge = _lastScrape?.DataFrom is { } from ? time.GetElapsedSince(from) : null,
            };
        }
    }

    /// <summary>
    /// Returns the interval to the next refresh. After a slow run it is longer than configured, so that runs take at
    /// most <see cref="CollectorOptions.MaxRefreshShare"/> of the time. Varies by up to <see cref="Jitter"/>.
    /// </summary>
    public TimeSpan GetNextInterval()
    {
        TimeSpan duration;
        lock (_lock)
            duration = LastDuration;

        // MaxRefreshShare is a limit, so jitter must not shorten the interval that it requires.
        var interval = GetIntervalAfter(duration);
        var shortest = GetLonger(interval * (1 - Jitter), GetMinIntervalAfter(duration));
        return shortest + (interval * (1 + Jitter) - shortest) * Random.Shared.NextDouble();
    }

    /// <summary>Returns the maximum age at which replicas use a shared result of a run of this duration.</summary>
    /// <remarks>
    /// With a background refresh, the age is below the shortest interval after such a run, so that the next refresh
    /// does not get its own last result again.
    /// </remarks>
    public TimeSpan GetSharedMaxAge(TimeSpan duration) =>
        registration.IsRefreshed ? GetIntervalAfter(duration) * (1 - 2 * Jitter) : CachedFor;

    // The subtraction gives scrapes at intervals of exactly CacheFor a new result each time.
    private TimeSpan CachedFor => registration.CacheFor
        - TimeSpan.FromTicks(Math.Min(registration.CacheFor.Ticks / 20, TimeSpan.TicksPerSecond));

    private TimeSpan LastDuration => (_lastFailure ?? _lastSuccess)?.Duration ?? TimeSpan.Zero;

    private TimeSpan GetAge(CollectorOutcome success) => time.GetElapsedSince(success.StartedAt);

    private CollectorOutcome FailIfTooOld(CollectorOutcome last)
    {
        var limit = GetMaxAge(last);
        var error = _lastFailure?.Error;
        return GetAge(last) <= limit
            ? last with { Error = error }
            : CollectorOutcome.CreateFailure(
                new InvalidOperationException(FormattableString.Invariant(
                    $"The last result of collector '{registration.Name}' is older than {limit.TotalSeconds:0.###} s."),
                    error),
                last.Duration,
                unloggedKind: "result too old");
    }

    /// <summary>Returns the maximum age at which scrapes get the last success of the background refresh.</summary>
    private TimeSpan GetMaxAge(CollectorOutcome last)
    {
        // Three intervals: one refresh may fail, and the next one may be late.
        var interval = GetIntervalAfter(last.Duration);
        if (registration.ServeStaleFor <= TimeSpan.Zero)
            return 3 * GetLonger(interval, GetIntervalAfter(LastDuration)) + timeout;

        // The longer limit keeps a collector from failing between two successful refreshes.
        return GetLonger(registration.ServeStaleFor, interval * (1 + Jitter) + timeout);
    }

    private static TimeSpan GetLonger(TimeSpan one, TimeSpan other) => one > other ? one : other;

    /// <summary>
    /// Returns the failure of a scrape before the first success of the background refresh; null if the scrape may wait
    /// for a run. A scrape joins a refresh in flight, but starts no run after a failure.
    /// </summary>
    private CollectorOutcome? GetFailureBeforeFirstResult(bool isRunning)
    {
        if (registration.WaitForFirstResult)
            return isRunning ? null : _lastFailure;
        return _lastFailure ?? CollectorOutcome.CreateFailure(
            new InvalidOperationException(
                $"Collector '{registration.Name}' has no result yet, because its first background refresh has not " +
                "finished."),
            TimeSpan.Zero,
            unloggedKind: FailureLog.NoResultYet);
    }

    private TimeSpan GetIntervalAfter(TimeSpan duration) =>
        GetLonger(registration.RefreshEvery, GetMinIntervalAfter(duration));

    /// <summary>Returns the shortest interval that <see cref="CollectorOptions.MaxRefreshShare"/> allows.</summary>
    private TimeSpan GetMinIntervalAfter(TimeSpan duration)
    {
        // The time that a run hangs after its timeout does not count.
        var seconds = Math.Min(duration.TotalSeconds, timeout.TotalSeconds) / registration.MaxRefreshShare;
        return TimeSpan.FromSeconds(Math.Min(seconds, OptionsValidator.MaxTimeout.TotalSeconds));
    }
}
