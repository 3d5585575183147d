using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestrator.Metrics.AspNetCore.Server;

namespace Orchestrator.Metrics.Tests;

/// <summary>A worker: a host without a web application, with a metrics server on a free port.</summary>
internal sealed class WorkerHost : IAsyncDisposable
{
    private readonly IHost _host;

    private WorkerHost(IHost host)
    {
        _host = host;
        Client = new HttpClient { BaseAddress = Server(host.Services).Url };
    }

    public HttpClient Client { get; }

    public IServiceProvider Services => _host.Services;

    public static Task<WorkerHost> StartAsync(params IMetricsCollector[] collectors) => StartAsync(builder =>
    {
        foreach (var collector in collectors)
            builder.AddCollector(collector);
    });

    public static async Task<WorkerHost> StartAsync(
        Action<OrchestratorMetricsBuilder> build, Action<MetricsServerOptions>? configure = null, int port = 0,
        string[]? args = null, ListLogger? log = null)
    {
        var builder = Host.CreateApplicationBuilder(args ?? []);
        builder.Logging.ClearProviders();
        if (log is not null)
            builder.Logging.AddProvider(log);
        build(builder.Services.AddOrchestratorMetrics().AddMetricsServer(port, configure));
        var host = builder.Build();
        try
        {
            await host.StartAsync().Soon();
        }
        catch (Exception)
        {
            host.Dispose();
            throw;
        }

        return new WorkerHost(host);
    }

    /// <summary>The server of a host, whose address has the port that was chosen.</summary>
    public static MetricsServer Server(IServiceProvider services) =>
        services.GetServices<IHostedService>().OfType<MetricsServer>().Single();

    public Task StopAsync() => _host.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _host.StopAsync();
        _host.Dispose();
    }
}
