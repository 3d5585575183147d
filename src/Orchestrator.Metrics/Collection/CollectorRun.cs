using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Orchestrator.Metrics.Outcomes;

namespace Orchestrator.Metrics.Collection;

/// <summary>
/// One run of a collector, shared by the scrapes that wait for it: its span, its callers, its timeout and its
/// cancellation. Thread-safe.
/// </summary>
/// <remarks>
/// A run is cancelled when its last caller disconnects, when the collector times out, or when the host stops and no
/// caller is left. If a caller timed out, the run continues without callers, and the next scrape joins it. A collector
/// that reads the requested names restricts the run to them, unless a caller that requests other names has joined.
/// </remarks>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification =
    "The token source has neither a timer nor a wait handle, and the timer is disposed at the end of the run.")]
internal sealed class CollectorRun
{
    /// <summary>The grace period after the timeout of a collector, before its run is abandoned.</summary>
    internal static readonly TimeSpan AbandonAfter = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lock = new();
    private readonly SharedCollector _owner;
    private readonly CollectorScheduler _scheduler;
    private readonly Scrape _scrape;
    private readonly ActivityContext _parentSpan = Activity.Current?.Context ?? default;
    private readonly CancellationTokenSource _cancellation = new();
    private readonly ITimer _timer;

    private readonly TaskCompletionSource<CollectorOutcome> _ended =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Null if the run must return everything.
    private IReadOnlySet<string>? _names;
    private int _callers = 1;
    private bool _hasStarted;
    private bool _isRestricted;
    private bool _callerTimedOut;
    private bool _scrapeTimeoutIsReported;
    private bool _isCancelled;
    private bool _timedOut;
    private bool _hasEnded;

    /// <summary>Creates a run for its first caller. The run must collect everything if the names are null.</summary>
    public CollectorRun(
        SharedCollector owner, CollectorScheduler scheduler, Scrape scrape, IReadOnlySet<string>? names)
    {
        (_owner, _scheduler, _scrape, _names) = (owner, scheduler, scrape, names);
        StartedAt = scheduler.Time.GetTimestamp();
        _timer = scheduler.Time.CreateTimer(
            static run => ((CollectorRun)run!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        scrape.Keep();
    }

    public string Name => _owner.Name;

    public CancellationToken Token => _cancellation.Token;

    public long StartedAt { get; }

    public TimeSpan Elapsed => _scheduler.Time.GetElapsedSince(StartedAt);

    public TimeSpan Remaining => _scheduler.Time.GetRemaining(_owner.Timeout, StartedAt);

    /// <summary>Completes when the run has ended or was abandoned. Never fails.</summary>
    public Task EndedOrAbandoned => _ended.Task;

    /// <summary>Starts the run. Called once, outside any lock: the run may end before this method returns.</summary>
    public void Start()
    {
        _timer.Change(_owner.Timeout, Timeout.InfiniteTimeSpan);
        _ = _scheduler.ScheduleAsync(this);
    }

    /// <summary>Adds a caller; returns false if the run was cancelled or is restricted to other names.</summary>
    public bool TryJoin(IReadOnlySet<string>? names)
    {
        lock (_lock)
        {
            var sameNames = _names is null || (names is not null && _names.SetEquals(names));
            if (_isCancelled || (_isRestricted && !sameNames))
                return false;
            if (!sameNames)
                _names = null;
            _callers++;
            return true;
        }
    }

    /// <summary>Restricts the run to the requested names, so only callers with the same names can join.</summary>
    /// <returns>The names without the collector's prefix; null if the run must return everything.</returns>
    public IReadOnlyCollection<string>? Restrict()
    {
        lock (_lock)
        {
            _isRestricted = _names is not null;
            return _owner.Registration.Labels.RemovePrefix(_names);
        }
    }

    /// <summary>Waits for the outcome, for a caller that has joined.</summary>
    /// <returns>The outcome of the run; a timeout after the limit or after the collector has timed out.</returns>
    /// <exception cref="OperationCanceledException">The caller disconnected.</exception>
    public async Task<CollectorOutcome> WaitAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        limit = limit < Remaining ? limit : Remaining;
        var waitingSince = _scheduler.Time.GetTimestamp();
        try
        {
            return await _ended.Task.WaitAsync(limit, _scheduler.Time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            _scheduler.Starvation.Report(_scheduler.Time.GetElapsedSince(waitingSince) - limit);
            RemoveCaller(timedOut: true);
            return CreateTimeout();
        }
        catch (OperationCanceledException)
        {
            RemoveCaller(timedOut: false);
            throw;
        }
    }

    /// <summary>Returns the outcome for a caller that timed out.</summary>
    public CollectorOutcome CreateTimeout() => CollectorOutcome.CreateTimeout(Name, Elapsed);

    /// <summary>Reports, once per run, that a scrape timed out before the collector did.</summary>
    public void ReportScrapeTimeout()
    {
        // At the timeout of the collector, the timer logs instead. It may fire a few milliseconds late.
        if (Remaining > TimeSpan.FromMilliseconds(25) && !Interlocked.Exchange(ref _scrapeTimeoutIsReported, true))
            _owner.Failures.OnScrapeTimeout(Elapsed);
    }

    /// <summary>Ends a run that got no slot or no thread.</summary>
    public void EndWithoutStart(Exception exception) => End(CollectorOutcome.CreateFailure(exception, Elapsed));

    /// <summary>Runs the collector. Called on a dedicated thread.</summary>
    public async Task ExecuteAsync()
    {
        lock (_lock)
            _hasStarted = true;
        CollectorOutcome outcome;
        try
        {
            outcome = await CollectInSpanAsync().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // Not only the collector throws: the validation, the store or an activity listener may fail too.
            outcome = CollectorOutcome.CreateFailure(exception, Elapsed);
        }

        End(outcome);
    }

    // A separate method, so that the ambient span ends with it even if a listener throws.
    private async Task<CollectorOutcome> CollectInSpanAsync()
    {
        using var span = CollectorScheduler.Activities.StartActivity(
            $"collect {Name}", ActivityKind.Internal, _parentSpan);
        try
        {
            return await new ResultSource(this, _owner, _scheduler, _scrape).GetAsync().ConfigureAwait(false);
        }
        catch (Exception)
        {
            span?.SetStatus(ActivityStatusCode.Error);
            throw;
        }
    }

    private void End(CollectorOutcome outcome)
    {
        bool cancelled, timedOut, hasStarted;
        lock (_lock)
        {
            _hasEnded = true;
            (cancelled, timedOut, hasStarted) = (_isCancelled, _timedOut, _hasStarted);
        }

        _timer.Dispose();

        // A cancelled run has already released the scrape.
        if (!cancelled)
            _ = _scrape.ReleaseAsync();

        // The result of a collector may be incomplete after its cancellation.
        var reported = timedOut ? CreateTimeout() : outcome;
        _owner.OnEnded(cancelled && !timedOut ? null : reported);
        if (timedOut && hasStarted)
            _owner.Failures.OnEndedLate(Elapsed, outcome.Error);
        if (outcome.Error is not null)
            _owner.Failures.OnError(outcome.Error, cancelled);
        _ended.TrySetResult(reported);
    }

    /// <summary>Removes a caller that timed out or disconnected. May cancel the run.</summary>
    private void RemoveCaller(bool timedOut)
    {
        lock (_lock)
        {
            _callers--;
            _callerTimedOut |= timedOut;
        }

        if (timedOut)
            ReportScrapeTimeout();
        CancelIfUnattended();
    }

    /// <summary>Cancels a run without callers. After a caller timed out, does so only when the host stops.</summary>
    public void CancelIfUnattended()
    {
        lock (_lock)
        {
            var mayContinue = _callerTimedOut && !_scheduler.Stopping.IsCancellationRequested;
            if (_callers > 0 || mayContinue || _isCancelled || _hasEnded)
                return;
            _isCancelled = true;
        }

        _ = CancelAsync();
    }

    /// <summary>Times out the run at the first call, and abandons it at the second.</summary>
    private void OnTimer()
    {
        bool isFirst, cancel, hasStarted;
        lock (_lock)
        {
            if (_hasEnded)
                return;
            (isFirst, cancel, hasStarted) = (!_timedOut, !_isCancelled, _hasStarted);
            (_timedOut, _isCancelled) = (true, true);
        }

        if (!isFirst)
        {
            // A run that waits for a slot does not ignore its cancellation: it ends as soon as the wait is cancelled.
            if (hasStarted)
                _owner.Failures.OnAbandoned(Elapsed);
            _ended.TrySetResult(CreateTimeout());
            return;
        }

        var waitsForSlot = !hasStarted && _scheduler.Options.MaxConcurrentCollectors < int.MaxValue;
        _owner.Failures.OnTimeout(Elapsed, waitsForSlot);
        if (cancel)
            _ = CancelAsync();
        _timer.Change(AbandonAfter, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Cancels the token on another thread, because callbacks of the collector may block or throw.</summary>
    private async Task CancelAsync()
    {
        _ = _scrape.ReleaseAsync();
        await _cancellation.CancelAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
