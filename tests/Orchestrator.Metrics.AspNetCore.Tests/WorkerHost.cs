using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestrator.Metrics.AspNetCore.Server;

namespace Orchestrator.Metrics.Tests;

/// <summary>A worker: a host without a web application, with a metrics server, by default on a free port.</summary>
internal sealed class WorkerHost : IAsyncDisposable
{
    public const string Exposition = "# HELP acme_a \n# TYPE acme_a gauge\nacme_a 1.0\n";

    private readonly IHost _host;

    private WorkerHost(IHost host)
    {
        _host = host;
        Client = new HttpClient { BaseAddress = GetUrl(host.Services) };
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

    public static Uri GetUrl(IServiceProvider services) =>
        services.GetServices<IHostedService>().OfType<MetricsServer>().Single().Url;

    public Task StopAsync() => _host.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _host.StopAsync();
        _host.Dispose();
    }
}
