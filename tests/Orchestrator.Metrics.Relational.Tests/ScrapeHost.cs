using System.Data.Common;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Orchestrator.Metrics.Tests;

internal sealed class ScrapeHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _client;

    private ScrapeHost(WebApplication app, ListLogger log)
    {
        _app = app;
        Log = log;
        _client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()), Timeout = TimeSpan.FromMinutes(2) };
    }

    public ListLogger Log { get; }

    public static async Task<ScrapeHost> StartAsync(
        DbDataSource database, Action<RelationalOptions>? relational = null,
        Action<OrchestratorMetricsOptions>? options = null, IMetricsCollector? another = null,
        Action<OrchestratorMetricsBuilder>? add = null)
    {
        var log = new ListLogger();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Logging.AddFilter(level => level >= LogLevel.Warning).AddProvider(log);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var collectors = builder.Services
            .Configure<MetricsEndpointOptions>(endpoint => endpoint.EnableEndpoint = true)
            .AddOrchestratorMetrics(options)
            .AddRelationalRepositories(database, relational);
        if (another is not null)
            collectors.AddCollector(
                _ => another, settings => (settings.Name, settings.FamilyNames) = ("another", ["another"]));
        add?.Invoke(collectors);
        var app = builder.Build();
        app.MapOrchestratorMetrics();
        app.MapGet("/alive", () => "yes");
        await app.StartAsync().Soon();
        return new ScrapeHost(app, log);
    }

    public Task<string> GetAsync(string path) => _client.GetStringAsync(path).Soon();

    /// <summary>Scrapes once. Sends a timeout in the header that Prometheus uses.</summary>
    public async Task<Scrape> ScrapeAsync(
        double? timeout = null, string query = "", CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/metrics" + query);
        if (timeout is { } seconds)
            request.Headers.Add(
                "X-Prometheus-Scrape-Timeout-Seconds", FormattableString.Invariant($"{seconds}"));
        using var response = await _client.SendAsync(request, cancellationToken).Soon();
        var body = await response.Content.ReadAsStringAsync(cancellationToken).Soon();
        return new Scrape(response.StatusCode, body, response.Headers.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
    }
}

internal sealed record Scrape(HttpStatusCode Status, string Body, string Headers)
{
    public int CountSamples(string family) =>
        Body.Split('\n').Count(line => line.StartsWith(family, StringComparison.Ordinal)
        && line.Length > family.Length && line[family.Length] is '{' or ' ');
}
