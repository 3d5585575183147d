using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Metrics.Logging;

namespace Orchestrator.Metrics.Collection;

/// <summary>
/// Starts the runs of all collectors of a registry: waits for one of the
/// <see cref="OrchestratorMetricsOptions.MaxConcurrentCollectors"/> slots, then starts a thread. Also provides the
/// clock, logger, options and services of the runs. Thread-safe.
/// </summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification =
    "The semaphore has no wait handle, and lives as long as the application.")]
internal sealed class CollectorScheduler(
    IServiceScopeFactory? scopes, TimeProvider time, MetricsLog log, OrchestratorMetricsOptions options,
    CancellationToken stopping, ICollectorResultStore? resultStore = null)
{
    public static readonly ActivitySource Activities = new("Orchestrator.Metrics");

    private readonly SemaphoreSlim _slots = new(options.MaxConcurrentCollectors);

    // Null in a registry without a container.
    public IServiceScopeFactory? Scopes => scopes;

    public TimeProvider Time => time;

    public MetricsLog Log => log;

    public OrchestratorMetricsOptions Options => options;

    public CancellationToken Stopping => stopping;

    public ICollectorResultStore? ResultStore => resultStore;

    public StarvationMonitor Starvation { get; } = new(time, log);

    public async Task ScheduleAsync(CollectorRun run)
    {
        using var registration = stopping.UnsafeRegister(static run => ((CollectorRun)run!).CancelIfUnattended(), run);
        try
        {
            await _slots.WaitAsync(run.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception)
        {
            run.EndWithoutStart(exception);
            return;
        }

        Starvation.Add(run.Name);
        try
        {
            // The run has a dedicated thread until its first await, so that a collector that blocks does not starve the
            // thread pool. The other collectors, all timeouts and the server depend on the pool. UnsafeStart does not
            // flow the execution context of this caller, because other callers may join the run.
            var name = $"Collector {run.Name}";
            new Thread(() => _ = run.ExecuteAsync()) { IsBackground = true, Name = name }.UnsafeStart();
        }
        catch (Exception exception)
        {
            // The system lacks the resources for another thread.
            run.EndWithoutStart(exception);
        }

        await run.EndedOrAbandoned.ConfigureAwait(false);
        Starvation.Remove(run.Name);
        _slots.Release();
    }
}
