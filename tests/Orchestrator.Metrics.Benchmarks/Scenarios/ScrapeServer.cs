using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orchestrator.Metrics.Benchmarks.Ratios;

namespace Orchestrator.Metrics.Benchmarks.Scenarios;

/// <summary>A host on Kestrel with the endpoint and, to compare, one that sends the same bytes from memory.</summary>
internal sealed class ScrapeServer : IAsyncDisposable
{
    private readonly WebApplication _application;

    private ScrapeServer(WebApplication application, RowsCollector collector, HttpClient client) =>
        (_application, Collector, Client) = (application, collector, client);

    public HttpClient Client { get; }

    public RowsCollector Collector { get; }

    public static async Task<ScrapeServer> StartAsync(IReadOnlyList<SeriesRow> rows, ReadOnlyMemory<byte> text)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var collector = new RowsCollector(rows);
        builder.Services
            .AddOrchestratorMetrics(options =>
            {
                options.EnableEndpoint = true;
                options.DefaultCollectors = DefaultCollectors.None;
            })
            .AddCollector(collector);
        var application = builder.Build();
        application.MapOrchestratorMetrics();
        application.MapGet("/bytes", async (HttpContext context) =>
        {
            context.Response.ContentType = ExpositionFormat.PrometheusText.ContentType;
            await context.Response.BodyWriter.WriteAsync(text, context.RequestAborted);
        });
        await application.StartAsync();
        var client = new HttpClient { BaseAddress = new Uri(application.Urls.First()) };
        return new ScrapeServer(application, collector, client);
    }

    /// <summary>Reads an answer to its end and returns how many bytes it had.</summary>
    public async Task<long> GetAsync(string path, string? acceptEncoding = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (acceptEncoding is not null)
            request.Headers.Add("Accept-Encoding", acceptEncoding);
        using var response = await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        await using var body = await response.Content.ReadAsStreamAsync();
        var buffer = new byte[64 * 1024];
        var total = 0L;
        for (int read; (read = await body.ReadAsync(buffer)) > 0;)
            total += read;
        return total;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _application.DisposeAsync();
    }
}
