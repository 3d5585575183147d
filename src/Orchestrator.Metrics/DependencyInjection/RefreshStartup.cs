using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Orchestrator.Metrics.DependencyInjection;

/// <summary>
/// Creates the registry when the host starts, which starts the background refresh of its collectors, and waits for
/// their first runs if the options demand it. Ends the refresh when the container is disposed, also after a failed
/// start.
/// </summary>
internal sealed class RefreshStartup(IServiceProvider provider) : IHostedService, IDisposable
{
    private OrchestratorMetricsRegistry? _registry;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _registry = provider.GetRequiredService<OrchestratorMetricsRegistry>();
        return provider.GetRequiredService<IOptions<OrchestratorMetricsOptions>>().Value.WaitForFirstRefresh
            ? _registry.FirstRefreshes.WaitAsync(cancellationToken)
            : Task.CompletedTask;
    }

    public void Dispose() => _registry?.StopRefreshes();

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
