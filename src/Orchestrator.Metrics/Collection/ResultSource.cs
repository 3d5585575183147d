using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Metrics.Outcomes;

namespace Orchestrator.Metrics.Collection;

/// <summary>
/// Gets the outcome of one run: calls the collector, in a service scope unless it is an instance, or reads the result
/// of another replica. Validates the families, and applies the label policy.
/// </summary>
internal sealed class ResultSource(
    CollectorRun run, SharedCollector owner, CollectorScheduler scheduler, Scrape scrape)
{
    private CollectorRegistration Registration => owner.Registration;

    /// <summary>Returns the outcome of a successful run; throws if the run fails.</summary>
    public async Task<CollectorOutcome> GetAsync()
    {
        var result = owner.Store is { } store
            ? await GetSharedAsync(store).ConfigureAwait(false)
            : await CollectAsync().ConfigureAwait(false);
        var startedAt = scheduler.Time.GetTimestampBefore(result.Age);
        return new(Relabel(result.Families), startedAt, result.Duration);
    }

    private async Task<CollectorResult> GetSharedAsync(ICollectorResultStore store)
    {
        var remaining = scheduler.Time.GetRemaining(scrape.Timeout, run.StartedAt);
        var request = new CollectorResultRequest(
            owner.Name, Registration.SharedOptionsHash, remaining < run.Remaining ? remaining : run.Remaining);
        Task<CollectorResult>? collecting = null;
        try
        {
            return await store.GetOrCollectAsync(request, Collect, run.Token).ConfigureAwait(false);
        }
        finally
        {
            // A store may return an older result early, but the runs of the collector must not overlap.
            await ((Task?)collecting ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        // On another dedicated thread, because that of the run ends at the first await of the store.
        Task<CollectorResult> Collect() => collecting = Task.Factory.StartNew(
            CollectSharedAsync, default, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();
    }

    /// <summary>Runs the collector. Throws if the result is invalid, or may be incomplete after cancellation.</summary>
    private async Task<CollectorResult> CollectSharedAsync()
    {
        var result = await CollectAsync().ConfigureAwait(false);
        run.Token.ThrowIfCancellationRequested();
        _ = Relabel(result.Families);
        return result;
    }

    /// <summary>Runs the collector. The duration excludes waits for a slot and for the store.</summary>
    private async Task<CollectorResult> CollectAsync()
    {
        var startedAt = scheduler.Time.GetTimestamp();
        var families = Registration.Instance is { } collector
            ? await collector.CollectAsync(run.Token).ConfigureAwait(false)
            : await CollectInScopeAsync().ConfigureAwait(false);
        families = Registration.Labels.Drop(FamilyValidator.Validate(families, Registration, scheduler.Options));
        var duration = scheduler.Time.GetElapsedSince(startedAt);
        return new(families, duration, duration, owner.Cache.GetSharedMaxAge(duration));
    }

    private IReadOnlyList<MetricFamily> Relabel(IReadOnlyList<MetricFamily> families)
    {
        families = Registration.Labels.Apply(families, scheduler.Options.LabelHashKey);
        if (scheduler.Options.CheckDuplicateSamples)
            FamilyValidator.RequireDistinctSeries(families, Registration);
        return families;
    }

    private async Task<IReadOnlyList<MetricFamily>> CollectInScopeAsync()
    {
        var scope = scheduler.Scopes!.CreateAsyncScope();
        IReadOnlyList<MetricFamily> families;
        try
        {
            scope.ServiceProvider.GetService<CollectorContext>()?.Attach(
                run, scrape, scheduler.Options.MaxSamplesPerCollector, Registration.Labels.Dropped);
            var collector = Registration.Factory(scope.ServiceProvider) ?? throw new InvalidOperationException(
                $"The factory of collector '{owner.Name}' returned null. Return a collector.");
            families = await collector.CollectAsync(run.Token).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            try
            {
                await scope.DisposeAsync().ConfigureAwait(false);
            }
            catch (Exception disposal)
            {
                throw new AggregateException(failure, disposal);
            }

            throw;
        }

        await scope.DisposeAsync().ConfigureAwait(false);
        return families;
    }
}
