using System.Buffers;
using System.IO.Compression;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orchestrator.Metrics.Benchmarks.Ratios;

namespace Orchestrator.Metrics.Benchmarks.Scenarios;

/// <summary>A host on Kestrel with the metrics endpoint, and endpoints that send the same bytes from memory.</summary>
internal sealed class ScrapeServer : IAsyncDisposable
{
    public const string Metrics = "/api/metrics";

    // Sends blocks of the endpoint's size. One block is copied while Kestrel sends another.
    public const string Blocks = "/bytes/blocks";

    // Kestrel copies all bytes before it sends them.
    public const string AtOnce = "/bytes/at-once";
    public const string Compressed = "/bytes/compressed";

    // As large as the blocks of the endpoint.
    private const int Block = 60 * 1024;

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
            .AddOrchestratorMetrics(options => options.CheckDuplicateSamples = false)
            .AddCollector(collector);
        var application = builder.Build();
        application.MapOrchestratorMetrics(configure: options => options.EnableEndpoint = true);
        application.MapGet(Blocks, (HttpContext context) => SendBlocksAsync(context.Response, text));
        application.MapGet(AtOnce, (HttpContext context) => SendAtOnceAsync(context.Response, text));
        application.MapGet(Compressed, (HttpContext context) => SendCompressedAsync(context.Response, text));
        await application.StartAsync();
        var client = new HttpClient { BaseAddress = new Uri(application.Urls.First()) };
        return new ScrapeServer(application, collector, client);
    }

    public async Task GetAsync(string path, long? bytes = null, string? acceptEncoding = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (acceptEncoding is not null)
            request.Headers.Add("Accept-Encoding", acceptEncoding);
        using var response = await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        await using var body = await response.Content.ReadAsStreamAsync();
        var buffer = ArrayPool<byte>.Shared.Rent(Block);
        var total = 0L;
        for (int read; (read = await body.ReadAsync(buffer)) > 0;)
            total += read;
        ArrayPool<byte>.Shared.Return(buffer);
        if (total != (bytes ?? total))
            throw new InvalidOperationException($"{path} returned {total} bytes instead of {bytes}.");
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _application.DisposeAsync();
    }

    private static async Task SendBlocksAsync(HttpResponse response, ReadOnlyMemory<byte> text)
    {
        response.ContentType = ExpositionFormat.PrometheusText.ContentType;
        var writer = response.BodyWriter;
        for (ReadOnlyMemory<byte> block; text.Length > 0; text = text[block.Length..])
        {
            block = text[..Math.Min(Block, text.Length)];
            block.CopyTo(writer.GetMemory(block.Length));
            writer.Advance(block.Length);
            await writer.FlushAsync();
        }
    }

    private static async Task SendAtOnceAsync(HttpResponse response, ReadOnlyMemory<byte> text)
    {
        response.ContentType = ExpositionFormat.PrometheusText.ContentType;
        await response.BodyWriter.WriteAsync(text);
    }

    private static async Task SendCompressedAsync(HttpResponse response, ReadOnlyMemory<byte> text)
    {
        response.ContentType = ExpositionFormat.PrometheusText.ContentType;
        response.Headers.ContentEncoding = "gzip";
        await using var gzip = new GZipStream(response.Body, CompressionLevel.Fastest);
        await gzip.WriteAsync(text);
    }
}
