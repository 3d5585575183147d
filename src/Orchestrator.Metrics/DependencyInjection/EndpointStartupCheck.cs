using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Orchestrator.Metrics.Logging;

namespace Orchestrator.Metrics.DependencyInjection;

// In the core package, because a host that maps no endpoint does not call the endpoint package.
internal sealed class EndpointStartupCheck(
    MappedMetricsEndpoints endpoints, IConfiguration? configuration, MetricsLog log) : IHostedLifecycleService
{
    private static readonly string[] Settings =
        [SettingsSection.Endpoint + ":EnableEndpoint", SettingsSection.EnableEndpointKey];

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        if (!endpoints.Validate() && Array.Find(Settings, IsTrue) is { } setting)
            log.EndpointNotMapped(setting);
        return Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private bool IsTrue(string setting) =>
        configuration?[setting] is { } value && SettingsSection.TryParseBoolean(value, out var isOn) && isOn;
}
