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
            var slot = run.TakeSlotAsync(services.Slots);
            var waits = !slot.IsCompleted;
            await slot.ConfigureAwait(false);

            // Who waited is on the thread pool now, and the collector may block: see CollectorRunner.Start.
            var families = waits
                ? await Task.Factory.StartNew(
                    () => CollectInScopeAsync(run), CancellationToken.None, TaskCreationOptions.LongRunning,
                    TaskScheduler.Default).Unwrap().ConfigureAwait(false)
                : await CollectInScopeAsync(run).ConfigureAwait(false);

            // A copy, since the list is the collector's, and what is checked is to be what is written.
            return CollectedFamilies.Checked(families?.ToArray(), registration, services.Options);
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
                .Start(run.StartedBy, () => services.Remaining(services.TimeLimit(registration), run.StartedAt));
            var collector = registration.Factory(scope.ServiceProvider)
                ?? throw new InvalidOperationException(
                    $"The factory of collector '{registration.Name}' returned null.");
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
}
