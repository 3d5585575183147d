namespace Orchestrator.Metrics.Logging;

/// <summary>
/// Counts and logs the failures of one collector. The first failure of each kind is logged in full. Later failures are
/// logged as reminders at growing intervals, until the collector succeeds and has not failed for a minute. Thread-safe.
/// </summary>
/// <remarks>
/// The kind of an exception is its type and, for a query of SQL metrics, the families of the query. The message is not
/// part of the kind, because it may contain values that change.
/// </remarks>
internal sealed class FailureLog(string collector, TimeProvider time, MetricsLog log)
{
    public static readonly TimeSpan MinInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan MaxInterval = TimeSpan.FromHours(1);

    // Limits the set and the log if a collector keeps failing in new ways.
    private const int MaxKinds = 16;

    // Values of the label 'reason'. 'timeout' is the timeout of the collector, not of a scrape.
    private const string Error = "error";
    private const string Timeout = "timeout";
    private const string ScrapeTimeout = "scrape_timeout";
    private const string FamilyConflict = "conflict";

    public const string NoResultYet = "no result yet";

    private readonly Lock _lock = new();
    private readonly OrderedDictionary<string, long> _totals =
        new() { [Error] = 0, [Timeout] = 0, [ScrapeTimeout] = 0, [FamilyConflict] = 0 };
    private readonly HashSet<string> _kinds = [];
    private volatile bool _isInConflict;
    private long _abandonedRuns;
    private long _failures;
    private long _firstFailure;
    private long _lastFailure;
    private long _lastReminder;
    private TimeSpan _interval;

    public long AbandonedRuns => Interlocked.Read(ref _abandonedRuns);

    public KeyValuePair<string, long>[] Totals
    {
        get
        {
            lock (_lock)
                return [.. _totals];
        }
    }

    public void OnError(Exception exception, bool wasCancelled)
    {
        var query = DescribeQuery(exception);
        if (wasCancelled)
            log.FailedAfterCancellation(exception, collector);
        else if (CountFailure(Error, exception.GetType() + query))
            log.Failed(exception, collector, query);
    }

    public void OnTimeout(TimeSpan elapsed, bool waitsForSlot)
    {
        if (!CountFailure(Timeout, waitsForSlot ? "timeout before the start" : "timeout"))
            return;
        if (waitsForSlot)
            log.NotStarted(collector, elapsed.TotalSeconds);
        else
            log.TimedOut(collector, elapsed.TotalSeconds);
    }

    public void OnScrapeTimeout(TimeSpan elapsed)
    {
        if (CountFailure(ScrapeTimeout, "timeout of a scrape"))
            log.CallerTimedOut(collector, elapsed.TotalSeconds);
    }

    public void OnConflict(string family, string other, string otherFamily, string reason)
    {
        _isInConflict = true;
        if (CountFailure(FamilyConflict, $"conflict of metric family {family} with collector {other}"))
            log.Conflict(collector, family, other, otherFamily, reason);
    }

    public void OnAbandoned(TimeSpan elapsed)
    {
        Interlocked.Increment(ref _abandonedRuns);
        if (TryAddKind("abandoned"))
            log.Abandoned(collector, elapsed.TotalSeconds);
    }

    public void OnEndedLate(TimeSpan duration, Exception? exception)
    {
        var query = DescribeQuery(exception);
        if (TryAddKind("ended late" + query))
            log.EndedLate(collector, duration.TotalSeconds, query);
    }

    // An error of an unlogged kind is logged once, but not counted, because no run failed.
    public void OnScraped(Exception? error, string? unloggedKind)
    {
        if (error is null)
        {
            _isInConflict = false;
            OnSuccess();
        }
        else if (unloggedKind is null || !TryAddKind(unloggedKind))
            return;
        else if (unloggedKind == NoResultYet)
            log.NoResultYet(collector);
        else
            log.Failed(error, collector, query: "");
    }

    public void OnSuccess()
    {
        // The usual case needs no lock. A refresh succeeds despite a conflict, which only scrapes detect.
        if (Interlocked.Read(ref _failures) == 0 || _isInConflict)
            return;
        long failures;
        TimeSpan duration;
        lock (_lock)
        {
            // A collector that fails every other time has not recovered.
            var now = time.GetTimestamp();
            if (_failures == 0 || time.GetElapsedTime(_lastFailure, now) < MinInterval)
                return;
            (failures, duration) = (_failures, time.GetElapsedTime(_firstFailure, _lastFailure));
            _failures = 0;
            _kinds.Clear();
        }

        log.Recovered(collector, failures, duration.TotalSeconds);
    }

    /// <summary>Counts a failure, and logs a reminder if its kind is known and a reminder is due.</summary>
    /// <returns>Whether this is the first failure of its kind, which the caller logs in full.</returns>
    private bool CountFailure(string reason, string kind)
    {
        long failures;
        TimeSpan duration;
        lock (_lock)
        {
            var now = time.GetTimestamp();
            if (_failures == 0)
                (_firstFailure, _lastReminder, _interval) = (now, now, MinInterval);
            _totals[reason]++;
            _failures++;
            _lastFailure = now;
            if (TryAddKind(kind))
                return true;
            if (time.GetElapsedTime(_lastReminder, now) < _interval)
                return false;
            _lastReminder = now;
            _interval = _interval * 2 < MaxInterval ? _interval * 2 : MaxInterval;
            (failures, duration) = (_failures, time.GetElapsedTime(_firstFailure, now));
        }

        log.StillFailing(collector, failures, duration.TotalSeconds, kind);
        return false;
    }

    private static string DescribeQuery(Exception? exception)
    {
        try
        {
            return exception?.Data["Families"] is string families ? $" in the query of {families}" : "";
        }
        catch (Exception)
        {
            // An exception that overrides Data must not prevent the run from ending.
            return "";
        }
    }

    private bool TryAddKind(string kind)
    {
        lock (_lock)
            return _kinds.Count < MaxKinds && _kinds.Add(kind);
    }
}
