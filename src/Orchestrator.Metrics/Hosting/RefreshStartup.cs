using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Orchestrator.Metrics.Hosting;

/// <summary>
/// Starts the background refresh of collectors when the host starts, and waits for their first runs if the options
/// demand it.
/// </summary>
internal sealed class RefreshStartup(IServiceProvider provider) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var registry = provider.GetRequiredService<OrchestratorMetricsRegistry>();
        registry.Refreshes.Start();
        return provider.GetRequiredService<IOptions<OrchestratorMetricsOptions>>().Value.WaitForFirstRefresh
            ? registry.Refreshes.FirstRuns.WaitAsync(cancellationToken)
            : Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
