using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.Metrics;

/// <summary>Runs a collector once: in a slot, with a span, in a service scope that lives as long as it does.</summary>
internal sealed class CollectorExecution(CollectorRegistration registration, CollectionServices services)
{
    /// <summary>Waits for a slot and runs the collector; what it returns is checked.</summary>
    public async Task<IReadOnlyList<MetricFamily>> CollectAsync(CollectorRun run, ActivityContext parent)
    {
        using var activity = CollectionServices.Activities.StartActivity(
            $"collect {registration.Name}", ActivityKind.Internal, parent);
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
        IReadOnlyList<MetricFamily> families;
        try
        {
            scope.ServiceProvider.GetService<CollectorRunContext>()?
                .Start(run.StartedBy, () => TimeLeft(run));
            var collector = registration.Factory(scope.ServiceProvider)
                ?? throw new InvalidOperationException($"The factory of collector '{registration.Name}' returned null.");
            families = await collector.CollectAsync(run.Token).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            await DisposeAfterAsync(failure, scope).ConfigureAwait(false);
            throw;
        }

        await scope.DisposeAsync().ConfigureAwait(false);
        return families;
    }

    /// <summary>Disposes the scope of a run that failed; that this may fail too must not hide the reason.</summary>
    private static async Task DisposeAfterAsync(Exception failure, AsyncServiceScope scope)
    {
        try
        {
            await scope.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception failureOfDisposal)
        {
            throw new AggregateException(failure, failureOfDisposal);
        }
    }

    private TimeSpan TimeLeft(CollectorRun run)
    {
        var left = run.TimeLimit - services.Time.GetElapsedTime(run.StartedAt);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
