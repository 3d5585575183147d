using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.Metrics;

/// <summary>
/// Runs one collector: never twice at once, shared by scrapes that overlap, bounded by time, with its last good
/// result at hand. Thread-safe.
/// </summary>
internal sealed class CollectorRunner(CollectorRegistration registration, CollectionServices services)
{
    private readonly Lock _lock = new();
    private CollectorRun? _current;
    private CollectorResult? _last;
    private long _abandonedRuns;

    public CollectorRegistration Registration => registration;

    public string Name => registration.Name;

    private TimeSpan TimeLimit => registration.Timeout ?? services.Options.CollectorTimeout;

    /// <summary>How many runs did not end when they were cancelled because their time was up.</summary>
    public long AbandonedRuns => Interlocked.Read(ref _abandonedRuns);

    /// <summary>Gets a result: from a run of its own, a run under way, or the last one if that may be used.</summary>
    /// <param name="timeout">How long the caller can wait.</param>
    /// <param name="cancellationToken">Cancelled when the caller does not want the result any more.</param>
    /// <exception cref="OperationCanceledException">The caller's token was cancelled.</exception>
    public async Task<CollectorOutcome> GetAsync(TimeSpan timeout, CancellationToken cancellationToken)
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
                run = _current ??= Start(patience);
                joined = !run.Cancelled;
                if (joined)
                    run.Waiting++;
            }

            var left = Remaining(patience, askedAt);
            if (joined)
                return await WaitAsync(run, left, cancellationToken).ConfigureAwait(false);

            // A run that was out of time ignores its token. One that nobody wanted any more should end soon, and then
            // a new one can start.
            if (run.TimedOut || !await EndsWithinAsync(run, left, cancellationToken).ConfigureAwait(false))
                return Failed(StillRunning(run), Elapsed(run));
        }
    }

    private async Task<CollectorOutcome> WaitAsync(CollectorRun run, TimeSpan left, CancellationToken cancellationToken)
    {
        var ended = false;
        var timedOut = false;
        try
        {
            var untilDeadline = Remaining(TimeLimit, run.StartedAt);
            ended = await EndsWithinAsync(run, left < untilDeadline ? left : untilDeadline, cancellationToken)
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
        bool cancel, log;
        lock (_lock)
        {
            run.Waiting--;
            cancel = run.Waiting == 0 && !run.Ended.IsCompleted && !run.Cancelled;
            run.Cancelled |= cancel;
            log = timedOut && !run.TimedOut;
            run.TimedOut |= timedOut;
        }

        if (cancel)
            run.Cancel();
        if (cancel && timedOut)
            Interlocked.Increment(ref _abandonedRuns);
        if (log)
            services.Log.TimedOut(Name, Elapsed(run).TotalSeconds);
    }

    private CollectorRun Start(TimeSpan patience)
    {
        var run = new CollectorRun(services.Time.GetTimestamp(), patience);
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
            var families = await CollectAsync(run, parent).ConfigureAwait(false);
            outcome = new CollectorOutcome(
                new CollectorResult(families, services.Time.GetTimestamp(), Elapsed(run)), null, Elapsed(run));
        }
        catch (Exception exception)
        {
            outcome = new CollectorOutcome(null, exception, Elapsed(run));
        }

        End(run, outcome);
    }

    private async Task<IReadOnlyList<MetricFamily>> CollectAsync(CollectorRun run, ActivityContext parent)
    {
        using var activity = CollectionServices.Activities.StartActivity(
            $"collect {Name}", ActivityKind.Internal, parent);
        try
        {
            await run.TakeSlotAsync(services.Slots).ConfigureAwait(false);
            var families = await CollectInScopeAsync(run).ConfigureAwait(false);
            CollectedFamilies.Check(families, registration, services.Options);
            return [.. families];
        }
        catch (Exception)
        {
            activity?.SetStatus(ActivityStatusCode.Error);
            throw;
        }
        finally
        {
            run.ReleaseSlot();
        }
    }

    private async Task<IReadOnlyList<MetricFamily>> CollectInScopeAsync(CollectorRun run)
    {
        var scope = services.Scopes.CreateAsyncScope();
        await using (scope.ConfigureAwait(false))
        {
            scope.ServiceProvider.GetService<CollectorRunContext>()?.Start(() => Remaining(run.TimeLimit, run.StartedAt));
            var collector = registration.Factory(scope.ServiceProvider)
                ?? throw new InvalidOperationException($"The factory of collector '{Name}' returned null.");
            return await collector.CollectAsync(run.Token).ConfigureAwait(false);
        }
    }

    private void End(CollectorRun run, CollectorOutcome outcome)
    {
        bool cancelled;
        lock (_lock)
        {
            _current = null;
            cancelled = run.Cancelled;

            // What a cancelled collector returns may be half of it.
            if (outcome.Result is not null && !cancelled)
                _last = outcome.Result;
        }

        if (run.OverrunLogged)
            services.Log.EndedLate(Name, outcome.Duration.TotalSeconds);
        if (outcome.Error is { } error)
        {
            if (cancelled)
                services.Log.FailedAfterCancellation(error, Name);
            else
                services.Log.Failed(error, Name);
        }

        run.End(outcome);
    }

    private CollectorOutcome Failed(Exception error, TimeSpan duration)
    {
        var last = Volatile.Read(ref _last);
        var usable = last is not null && services.Time.GetElapsedTime(last.CollectedAt) <= registration.ServeStaleFor;
        return new CollectorOutcome(usable && registration.ServeStaleFor > TimeSpan.Zero ? last : null, error, duration);
    }

    private bool IsFresh(CollectorResult result)
    {
        var slack = TimeSpan.FromTicks(Math.Min(registration.CacheFor.Ticks / 20, TimeSpan.TicksPerSecond));
        return services.Time.GetElapsedTime(result.CollectedAt) < registration.CacheFor - slack;
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
