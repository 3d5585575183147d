using System.Diagnostics;

namespace Orchestrator.Metrics.Collection;

/// <summary>
/// Runs one collector: never twice at once, shared by scrapes that overlap, bounded by time, with its last good
/// result at hand. Thread-safe.
/// </summary>
internal sealed class CollectorRunner(CollectorRegistration registration, CollectionServices services)
{
    /// <summary>
    /// How long a scrape waits for a run that was cancelled at its deadline to make way for a new one.
    /// </summary>
    internal static readonly TimeSpan WindDown = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lock = new();
    private readonly CollectorExecution _execution = new(registration, services);
    private CollectorRun? _current;
    private CollectorResult? _last;
    private long _abandonedRuns;

    public CollectorRegistration Registration => registration;

    public string Name => registration.Name;

    private bool KeepsResults => registration.CacheFor > TimeSpan.Zero || registration.ServeStaleFor > TimeSpan.Zero;

    private TimeSpan TimeLimit => services.TimeLimit(registration);

    /// <summary>How many runs were given up because their time was up.</summary>
    public long AbandonedRuns => Interlocked.Read(ref _abandonedRuns);

    /// <summary>Gets a result: from a run of its own, a run under way, or the last one if that may be used.</summary>
    /// <param name="scrape">The caller.</param>
    /// <param name="timeout">How long the caller can wait.</param>
    /// <param name="cancellationToken">Cancelled when the caller does not want the result any more.</param>
    /// <exception cref="OperationCanceledException">The caller's token was cancelled.</exception>
    public async Task<CollectorOutcome> GetAsync(ScrapeScope scrape, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var askedAt = services.Time.GetTimestamp();
        var patience = Shorter(timeout, TimeLimit);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            CollectorRun run;
            bool joined;
            lock (_lock)
            {
                if (_last is { } last && IsFresh(last))
                    return new CollectorOutcome(last, null, last.Duration);
                run = _current ??= Start(scrape);
                joined = !run.Cancelled;
                if (joined)
                    run.Waiting++;
            }

            if (joined)
                return await WaitAsync(run, services.Remaining(patience, askedAt), cancellationToken)
                    .ConfigureAwait(false);

            // It was cancelled and has not ended yet. It should soon, and then a new one can start.
            if (!await MakesWayAsync(run, services.Remaining(patience, askedAt), cancellationToken)
                .ConfigureAwait(false))
                return Failed(StillRunning(run), Elapsed(run));
        }
    }

    /// <summary>
    /// Whether a cancelled run ends before the caller's time and its own are up. One whose time was up already only
    /// gets what an obedient collector needs to end.
    /// </summary>
    private async Task<bool> MakesWayAsync(CollectorRun run, TimeSpan left, CancellationToken cancellationToken)
    {
        var patience = run.TimedOut
            ? Shorter(left, services.Remaining(WindDown, run.CancelledAt))
            : Shorter(left, services.Remaining(TimeLimit, run.StartedAt));
        if (await EndsWithinAsync(run, patience, cancellationToken).ConfigureAwait(false))
            return true;
        if (services.Remaining(TimeLimit, run.StartedAt) == TimeSpan.Zero)
            TimeIsUp(run);
        return false;
    }

    private async Task<CollectorOutcome> WaitAsync(CollectorRun run, TimeSpan left, CancellationToken cancellationToken)
    {
        var ended = false;
        var timedOut = false;
        try
        {
            ended = await EndsWithinAsync(
                run, Shorter(left, services.Remaining(TimeLimit, run.StartedAt)), cancellationToken)
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

    /// <summary>A caller does not wait any more. The last one to leave cancels the run.</summary>
    private void Leave(CollectorRun run, bool timedOut)
    {
        bool cancel;
        lock (_lock)
        {
            run.Waiting--;
            cancel = run.Waiting == 0 && !run.HasEnded && !run.Cancelled;
            if (cancel)
                run.CancelledAt = services.Time.GetTimestamp();
            run.Cancelled |= cancel;
        }

        if (cancel)
        {
            run.Cancel();
            run.LeaveScrape();
        }

        if (timedOut)
            TimeIsUp(run);
        else if (cancel)
            _ = EndsInTimeAsync(run);
        else
            AbandonIfOverdue(run);
    }

    /// <summary>
    /// Watches a cancelled run until it ends or its time is up: if nobody asks for the collector again, nobody else
    /// would take its slot from one that ignores its token.
    /// </summary>
    private async Task EndsInTimeAsync(CollectorRun run)
    {
        AbandonIfOverdue(run);
        if (!await EndsWithinAsync(run, services.Remaining(TimeLimit, run.StartedAt), CancellationToken.None)
            .ConfigureAwait(false))
            TimeIsUp(run);
    }

    /// <summary>Notes that somebody's time was up, and logs it the first time.</summary>
    private void TimeIsUp(CollectorRun run)
    {
        bool first;
        lock (_lock)
        {
            first = !run.TimedOut;
            run.TimedOut = true;
        }

        AbandonIfOverdue(run);
        if (first && run.HasStarted)
            services.Log.TimedOut(Name, Elapsed(run).TotalSeconds);
        else if (first)
            services.Log.NotStarted(Name, Elapsed(run).TotalSeconds);
    }

    /// <summary>
    /// Gives up a run that nobody waits for any more and whose time was up: counts it and frees its slot.
    /// </summary>
    private void AbandonIfOverdue(CollectorRun run)
    {
        lock (_lock)
        {
            if (run.Abandoned || run.HasEnded || !run.Cancelled || !run.TimedOut)
                return;
            run.Abandoned = true;
        }

        run.ReleaseSlot();
        Interlocked.Increment(ref _abandonedRuns);
    }

    private CollectorRun Start(ScrapeScope scrape)
    {
        scrape.Enter();
        var run = new CollectorRun(scrape, services.Time.GetTimestamp());
        var parent = Activity.Current?.Context ?? default;

        services.Threads.Start(Name, _execution.IsQuick, () => _ = RunAsync(run, parent));
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
            run.HasEnded = true;
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
            run.LeaveScrape();
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
        return new CollectorOutcome(
            usable && registration.ServeStaleFor > TimeSpan.Zero ? last : null, error, duration);
    }

    private bool IsFresh(CollectorResult result)
    {
        var slack = TimeSpan.FromTicks(Math.Min(registration.CacheFor.Ticks / 20, TimeSpan.TicksPerSecond));
        return services.Time.GetElapsedTime(result.StartedAt) < registration.CacheFor - slack;
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

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
