using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Orchestrator.Metrics.DependencyInjection;

/// <summary>
/// Creates the registry when the host starts, which starts the background refresh of its collectors, and waits for
/// their first runs if the options demand it.
/// </summary>
internal sealed class RefreshStartup(IServiceProvider provider) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var registry = provider.GetRequiredService<OrchestratorMetricsRegistry>();
        return provider.GetRequiredService<IOptions<OrchestratorMetricsOptions>>().Value.WaitForFirstRefresh
            ? registry.FirstRefreshes.WaitAsync(cancellationToken)
            : Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
