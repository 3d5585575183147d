using System.Diagnostics;

namespace Orchestrator.Metrics;

/// <summary>
/// Runs one collector: never twice at once, shared by scrapes that overlap, bounded by time, with its last good
/// result at hand. Thread-safe.
/// </summary>
internal sealed class CollectorRunner(CollectorRegistration registration, CollectionServices services)
{
    private readonly Lock _lock = new();
    private readonly CollectorExecution _execution = new(registration, services);
    private CollectorRun? _current;
    private CollectorResult? _last;
    private long _abandonedRuns;

    public CollectorRegistration Registration => registration;

    public string Name => registration.Name;

    private bool KeepsResults => registration.CacheFor > TimeSpan.Zero || registration.ServeStaleFor > TimeSpan.Zero;

    private TimeSpan TimeLimit => registration.Timeout ?? services.Options.CollectorTimeout;

    /// <summary>How many runs were given up because their time was up.</summary>
    public long AbandonedRuns => Interlocked.Read(ref _abandonedRuns);

    /// <summary>Gets a result: from a run of its own, a run under way, or the last one if that may be used.</summary>
    /// <param name="scrape">The caller.</param>
    /// <param name="timeout">How long the caller can wait.</param>
    /// <param name="cancellationToken">Cancelled when the caller does not want the result any more.</param>
    /// <exception cref="OperationCanceledException">The caller's token was cancelled.</exception>
    public async Task<CollectorOutcome> GetAsync(Scrape scrape, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var askedAt = services.Time.GetTimestamp();
        var patience = timeout < TimeLimit ? timeout : TimeLimit;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            CollectorRun run;
            bool joined;
            lock (_lock)
            {
                if (_last is { } last && IsFresh(last))
                    return new CollectorOutcome(last, null, last.Duration);
                run = _current ??= Start(scrape, patience);
                joined = !run.Cancelled;
                if (joined)
                    run.Waiting++;
            }

            if (joined)
                return await WaitAsync(run, Remaining(patience, askedAt), cancellationToken).ConfigureAwait(false);

            // It was cancelled and has not ended yet. It should soon, and then a new one can start.
            if (!await MakesWayAsync(run, Remaining(patience, askedAt), cancellationToken).ConfigureAwait(false))
                return Failed(StillRunning(run), Elapsed(run));
        }
    }

    /// <summary>Whether a cancelled run ends before the caller's time and its own are up.</summary>
    private async Task<bool> MakesWayAsync(CollectorRun run, TimeSpan left, CancellationToken cancellationToken)
    {
        if (run.TimedOut)
            return false;
        if (await EndsWithinAsync(run, Shorter(left, untilDeadline: run), cancellationToken).ConfigureAwait(false))
            return true;
        if (Remaining(TimeLimit, run.StartedAt) == TimeSpan.Zero && MarkTimedOut(run))
            Interlocked.Increment(ref _abandonedRuns);
        return false;
    }

    private async Task<CollectorOutcome> WaitAsync(CollectorRun run, TimeSpan left, CancellationToken cancellationToken)
    {
        var ended = false;
        var timedOut = false;
        try
        {
            ended = await EndsWithinAsync(run, Shorter(left, untilDeadline: run), cancellationToken)
                .ConfigureAwait(false);
            timedOut = !ended;
        }
        finally
        {
            if (!ended)
                Leave(run, timedOut);
        }

        if (timedOut)
            return Failed(OutOfTime(run), Elapsed(run));
        var outcome = await run.Ended.ConfigureAwait(false);
        return outcome.Error is { } error ? Failed(error, outcome.Duration) : outcome;
    }

    private async Task<bool> EndsWithinAsync(CollectorRun run, TimeSpan left, CancellationToken cancellationToken)
    {
        try
        {
            await run.Ended.WaitAsync(left, services.Time, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return run.Ended.IsCompleted;
        }
    }

    /// <summary>A caller does not wait any more. The last one to leave ends the run.</summary>
    private void Leave(CollectorRun run, bool timedOut)
    {
        bool cancel;
        lock (_lock)
        {
            run.Waiting--;
            cancel = run.Waiting == 0 && !run.Ended.IsCompleted && !run.Cancelled;
            run.Cancelled |= cancel;
        }

        if (cancel)
            run.Cancel();
        if (cancel && timedOut)
            Interlocked.Increment(ref _abandonedRuns);
        if (timedOut)
            MarkTimedOut(run);
    }

    /// <summary>Notes and logs that somebody's time was up, the first time.</summary>
    private bool MarkTimedOut(CollectorRun run)
    {
        lock (_lock)
        {
            if (run.TimedOut)
                return false;
            run.TimedOut = true;
        }

        if (run.HasStarted)
            services.Log.TimedOut(Name, Elapsed(run).TotalSeconds);
        else
            services.Log.NotStarted(Name, Elapsed(run).TotalSeconds);
        return true;
    }

    private CollectorRun Start(Scrape scrape, TimeSpan patience)
    {
        var run = new CollectorRun(scrape, services.Time.GetTimestamp(), patience);
        var parent = Activity.Current?.Context ?? default;

        // Not on the caller's stack, so that a collector that blocks holds up nobody, and without its ambient state
        // (request, activity), which is not that of the other callers.
        ThreadPool.UnsafeQueueUserWorkItem(_ => _ = RunAsync(run, parent), null);
        return run;
    }

    private async Task RunAsync(CollectorRun run, ActivityContext parent)
    {
        CollectorOutcome outcome;
        try
        {
            var families = await _execution.CollectAsync(run, parent).ConfigureAwait(false);
            outcome = new CollectorOutcome(
                new CollectorResult(families, run.StartedAt, Elapsed(run)), null, Elapsed(run));
        }
        catch (Exception exception)
        {
            outcome = new CollectorOutcome(null, exception, Elapsed(run));
        }

        End(run, outcome);
    }

    private void End(CollectorRun run, CollectorOutcome outcome)
    {
        bool cancelled;
        lock (_lock)
        {
            _current = null;
            cancelled = run.Cancelled;

            // What a cancelled collector returns may be half of it.
            if (outcome.Result is not null && !cancelled && KeepsResults)
                _last = outcome.Result;
        }

        try
        {
            LogEnd(run, outcome, cancelled);
        }
        finally
        {
            run.End(outcome);
        }
    }

    private void LogEnd(CollectorRun run, CollectorOutcome outcome, bool cancelled)
    {
        if (cancelled && run.TimedOut)
            services.Log.EndedLate(Name, outcome.Duration.TotalSeconds);
        if (outcome.Error is not { } error)
            return;
        if (cancelled)
            services.Log.FailedAfterCancellation(error, Name);
        else
            services.Log.Failed(error, Name);
    }

    private CollectorOutcome Failed(Exception error, TimeSpan duration)
    {
        var last = Volatile.Read(ref _last);
        var usable = last is not null && services.Time.GetElapsedTime(last.StartedAt) <= registration.ServeStaleFor;
        return new CollectorOutcome(usable && registration.ServeStaleFor > TimeSpan.Zero ? last : null, error, duration);
    }

    private bool IsFresh(CollectorResult result)
    {
        var slack = TimeSpan.FromTicks(Math.Min(registration.CacheFor.Ticks / 20, TimeSpan.TicksPerSecond));
        return services.Time.GetElapsedTime(result.StartedAt) < registration.CacheFor - slack;
    }

    private TimeSpan Shorter(TimeSpan left, CollectorRun untilDeadline)
    {
        var untilThen = Remaining(TimeLimit, untilDeadline.StartedAt);
        return left < untilThen ? left : untilThen;
    }

    private TimeSpan Remaining(TimeSpan limit, long since)
    {
        var left = limit - services.Time.GetElapsedTime(since);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private TimeSpan Elapsed(CollectorRun run) => services.Time.GetElapsedTime(run.StartedAt);

    private CollectorTimeoutException OutOfTime(CollectorRun run) => new(
        $"Collector '{Name}' did not finish within {Elapsed(run).TotalSeconds:0.###} s.");

    private CollectorTimeoutException StillRunning(CollectorRun run)
    {
        bool log;
        lock (_lock)
        {
            log = !run.OverrunLogged && !run.Ended.IsCompleted;
            run.OverrunLogged |= log;
        }

        if (log)
            services.Log.StillRunning(Name, Elapsed(run).TotalSeconds);
        return new CollectorTimeoutException(
            $"Collector '{Name}' was cancelled and still runs, since " +
            $"{Elapsed(run).TotalSeconds:0.###} s. It is not started again before it ends.");
    }
}
