using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Metrics.Outcomes;

namespace Orchestrator.Metrics.Collection;

/// <summary>
/// Gets the result of one run: from the collector, in a dedicated service scope, or from another replica. Then applies
/// the label policy.
/// </summary>
internal sealed class ResultSource(
    CollectorRun run, SharedCollector owner, CollectorScheduler scheduler, Scrape scrape)
{
    private CollectorRegistration Registration => owner.Registration;

    /// <summary>Returns the outcome of a successful run; throws if the run fails.</summary>
    public async Task<CollectorOutcome> GetAsync()
    {
        if (owner.Store is { } store)
            return await GetSharedAsync(store).ConfigureAwait(false);
        var families = Relabel(await CollectAsync().ConfigureAwait(false));
        return new(families, run.StartedAt, run.Elapsed);
    }

    private async Task<CollectorOutcome> GetSharedAsync(ICollectorResultStore store)
    {
        var remaining = scheduler.Time.Remaining(scrape.Timeout, run.StartedAt);
        var request = new CollectorResultRequest(
            owner.Name, Registration.SharedOptionsHash, remaining < run.Remaining ? remaining : run.Remaining);
        Task collecting = Task.CompletedTask;
        try
        {
            var result = await store.GetOrCollectAsync(request, Collect, run.Token).ConfigureAwait(false);
            return new(Relabel(result.Families), scheduler.Time.TimestampBefore(result.Age), result.Duration);
        }
        finally
        {
            // A store may return an older result before the collector has ended. It must not run twice at a time.
            await collecting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        Task<CollectorResult> Collect()
        {
            // The collector gets another dedicated thread: that of the run ends at the first await of the store.
            var result = Task.Factory.StartNew(
                CollectToShareAsync, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
                .Unwrap();
            collecting = result;
            return result;
        }
    }

    private async Task<CollectorResult> CollectToShareAsync()
    {
        var startedAt = scheduler.Time.GetTimestamp();
        var families = await CollectAsync().ConfigureAwait(false);
        var duration = scheduler.Time.ElapsedSince(startedAt);
        return new(families, duration, duration, owner.Cache.SharedMaxAge(duration));
    }

    /// <summary>Returns the valid families of the collector without the dropped labels.</summary>
    private async Task<IReadOnlyList<MetricFamily>> CollectAsync()
    {
        var families = Registration.Instance is { } collector
            ? await collector.CollectAsync(run.Token).ConfigureAwait(false)
            : await CollectInScopeAsync().ConfigureAwait(false);
        return Registration.Labels.Drop(FamilyValidator.Validate(families, Registration, scheduler.Options));
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
