using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sample;

namespace Orchestrator.Metrics.Tests;

/// <summary>The page of the sample with the metrics of a test, on a real Kestrel with a free port.</summary>
internal static class PageHost
{
    public static readonly string Folder = Path.Combine(TestFiles.Root, "samples", "Orchestrator.Metrics.Sample");

    /// <summary>Starts the page with the endpoint of the library.</summary>
    public static Task<WebApplication> StartAsync(IMetricsCollector collector) => StartAsync(
        builder => builder.Services.AddOrchestratorMetrics()
            .AddCollector(collector, options => options.Name = "Tested"),
        app => app.MapOrchestratorMetrics(configure: options => options.EnableEndpoint = true));

    /// <summary>Starts the page with a fixed exposition instead of the endpoint.</summary>
    public static Task<WebApplication> StartAsync(byte[] exposition) => StartAsync(
        _ => { },
        app => app.MapGet(
            "/api/metrics", () => Results.Bytes(exposition, "text/plain; version=0.0.4; charset=utf-8")));

    public static Uri Address(this WebApplication app) => new(app.Urls.Single());

    public static Uri Address(this SampleProgram sample) => sample.Client.BaseAddress!;

    private static async Task<WebApplication> StartAsync(
        Action<WebApplicationBuilder> configure, Action<WebApplication> map)
    {
        var builder = WebApplication.CreateSlimBuilder(
            new WebApplicationOptions { WebRootPath = Path.Combine(Folder, "wwwroot") });
        builder.Logging.ClearProviders();
        configure(builder);
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.UseTrialPage();
        map(app);
        await app.StartAsync();
        return app;
    }
}
