using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sample;

namespace Orchestrator.Metrics.Tests;

internal static class PageHost
{
    public static readonly string Folder = Path.Combine(TestFiles.Root, "samples", "Orchestrator.Metrics.Sample");

    public static Task<WebApplication> StartAsync(IMetricsCollector collector) => StartAsync(
        builder => builder.Services.AddOrchestratorMetrics()
            .AddCollector(collector, options => options.Name = "Tested"),
        app => app.MapOrchestratorMetrics(configure: options => options.EnableEndpoint = true));

    public static Task<WebApplication> StartAsync(byte[] exposition) => StartAsync(
        _ => { },
        app => app.MapGet(
            "/api/metrics", () => Results.Bytes(exposition, "text/plain; version=0.0.4; charset=utf-8")));

    public static Uri GetAddress(this WebApplication app) => new(app.Urls.Single());

    public static Uri GetAddress(this SampleProgram sample) => sample.Client.BaseAddress!;

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
