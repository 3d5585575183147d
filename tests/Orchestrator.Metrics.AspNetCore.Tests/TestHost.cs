using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Orchestrator.Metrics.Tests;

/// <summary>A host on Kestrel, with a free port. The endpoint is enabled by default.</summary>
internal sealed class TestHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestHost(WebApplication app)
    {
        _app = app;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public HttpClient Client { get; }

    public IServiceProvider Services => _app.Services;

    public static Task<TestHost> StartAsync(params IMetricsCollector[] collectors) =>
        StartAsync(services =>
        {
            var builder = services.AddOrchestratorMetrics();
            for (var i = 0; i < collectors.Length; i++)
            {
                var name = $"Collector{i + 1}";
                builder.AddCollector(collectors[i], options => options.Name = name);
            }
        });

    public static async Task<TestHost> StartAsync(
        Action<IServiceCollection> configure,
        Action<WebApplication>? map = null,
        Action<OrchestratorMetricsOptions>? options = null,
        Action<MetricsEndpointOptions>? endpoint = null,
        params string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.Configure<MetricsEndpointOptions>(defaults => defaults.EnableEndpoint = true);
        configure(builder.Services);
        if (options is not null)
            builder.Services.Configure(options);
        if (endpoint is not null)
            builder.Services.Configure(endpoint);
        var app = builder.Build();
        (map ?? (mapped => mapped.MapOrchestratorMetrics()))(app);
        await app.StartAsync();
        return new TestHost(app);
    }

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }
}
