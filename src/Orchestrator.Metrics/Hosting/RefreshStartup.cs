using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Orchestrator.Metrics.Hosting;

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
