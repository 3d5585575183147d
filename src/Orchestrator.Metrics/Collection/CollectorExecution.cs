using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.Metrics.Collection;

/// <summary>Runs a collector once: in a slot, with a span, in a service scope that lives as long as it does.</summary>
internal sealed class CollectorExecution(CollectorRegistration registration, CollectionServices services)
{
    // A collector that holds its thread for longer does not notice what a thread of its own costs.
    private static readonly TimeSpan Quick = TimeSpan.FromMilliseconds(1);

    /// <summary>
    /// Whether the collector gave back its thread at once, by an await or by its result, when it last ran.
    /// </summary>
    public bool IsQuick { get; private set; }

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

            // Who waited is on the thread pool now, and the collector may block.
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
            scope.ServiceProvider.GetService<CollectorContext>()?.Attach(
                run.StartedBy,
                () => services.Remaining(services.TimeLimit(registration), run.StartedAt),
                services.Options.MaxSamplesPerCollector);
            families = await StartCollector(scope.ServiceProvider, run.Token).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            await DisposeAfterAsync(failure, scope).ConfigureAwait(false);
            throw;
        }

        await scope.DisposeAsync().ConfigureAwait(false);
        return families;
    }

    /// <summary>Creates the collector and calls it; this may take the thread for as long as it likes.</summary>
    private Task<IReadOnlyList<MetricFamily>> StartCollector(IServiceProvider provider, CancellationToken token)
    {
        var startedAt = services.Time.GetTimestamp();
        try
        {
            var collector = registration.Factory(provider)
                ?? throw new InvalidOperationException(
                    $"The factory of collector '{registration.Name}' returned null.");
            return collector.CollectAsync(token);
        }
        finally
        {
            IsQuick = services.Time.GetElapsedTime(startedAt) < Quick;
        }
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
