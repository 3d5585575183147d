using System.IO.Compression;
using Orchestrator.Metrics.Benchmarks.Ratios;

namespace Orchestrator.Metrics.Benchmarks.Scenarios;

/// <summary>A scrape over HTTP, compared with sending the same bytes.</summary>
internal static class OverHttp
{
    private const int Series = 10_000;
    private const int InARow = 25;
    private const int WarmUps = 60;
    private const double TimesSending = 1.8;
    private const double TimesCompressing = 1.1;

    // The speed of servers and their connections varies: some are 1.5 times as fast as others. The rounds therefore use
    // all servers in turn.
    private const int Servers = 5;

    // A scraper sends one request at a time, to a server that has been idle since the last one.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(15);

    public static async Task RunAsync(Report report, int rounds)
    {
        var rows = SeriesRow.Create(Series);
        var registry = RowsCollector.Registry(rows);
        using var text = new MemoryStream();
        await registry.WriteAsync(text, ExpositionFormat.PrometheusText);
        var servers = new List<ScrapeServer>();
        try
        {
            while (servers.Count < Servers)
                servers.Add(await StartAsync(rows, text.ToArray()));
            await RunAsync(report, rounds, registry, servers, text.Length);
        }
        finally
        {
            foreach (var server in servers)
                await server.DisposeAsync();
        }
    }

    private static async Task RunAsync(
        Report report, int rounds, OrchestratorMetricsRegistry registry, List<ScrapeServer> servers, long bytes)
    {
        var sending = Paced("the same bytes from memory, in blocks", server => server.GetAsync(ScrapeServer.Blocks, bytes));
        var whole = Paced("the same bytes from memory, at once", server => server.GetAsync(ScrapeServer.AtOnce, bytes));
        var scrape = Paced("scrape", server => server.GetAsync(ScrapeServer.Metrics, bytes));
        var thread = Paced("  of it the thread of the run", _ => Rendering.StartThreadAsync());
        var sendingGzip = Paced("the same bytes compressed", server => server.GetAsync(ScrapeServer.Compressed));
        var gzip = Paced("scrape with gzip", server => server.GetAsync(ScrapeServer.Metrics, acceptEncoding: "gzip"));
        var rendering = Paced("rows to text, without HTTP",
            _ => registry.WriteAsync(Stream.Null, ExpositionFormat.PrometheusText));
        var run = await InterleavedRun.RunAsync(Servers, rounds, sending, whole, scrape, thread, sendingGzip, gzip, rendering);

        var sendingInARow = Paced("sending in a row", server => RepeatAsync(() => server.GetAsync(ScrapeServer.Blocks, bytes)));
        var scrapesInARow = Paced("scrapes in a row", server => RepeatAsync(() => server.GetAsync(ScrapeServer.Metrics, bytes)));
        var inARow = await InterleavedRun.RunAsync(1, 3 * Servers, sendingInARow, scrapesInARow);

        Report.Section($"{Series:N0} series over HTTP, one client (sending the same bytes from memory, in blocks = 1)");
        Report.Table(run, sending);
        Report.Note($"\n{InARow} requests without a pause: a scrape takes {inARow.Ratio(scrapesInARow, sendingInARow):0.00}");
        Report.Note($"With the thread {run.Ratio(scrape, sending):0.00} times sending the same bytes; the target excludes it");
        report.AtMost(TimesSending, run.RatioOfDifference(scrape, thread, sending), "HTTP: a scrape, times sending the same bytes");

        // The rest of the time is for gzip and for sending the compressed text.
        report.AtMost(TimesCompressing, run.RatioOfDifference(gzip, rendering, sendingGzip),
            "HTTP: what gzip adds to a scrape, times sending the same bytes compressed");

        Contender Paced(string name, Func<ScrapeServer, Task> work)
        {
            var next = 0;
            return Contender.After(Pause, name, () => work(servers[next++ % servers.Count]));
        }
    }

    /// <summary>Starts a server, verifies its responses, and warms it up until its code is optimized.</summary>
    private static async Task<ScrapeServer> StartAsync(SeriesRow[] rows, byte[] text)
    {
        var server = await ScrapeServer.StartAsync(rows, text);
        foreach (var path in (string[])[ScrapeServer.Metrics, ScrapeServer.Blocks, ScrapeServer.AtOnce])
            await SampleSet.RequireAsync(path, rows, async stream =>
                await stream.WriteAsync(await server.Client.GetByteArrayAsync(path)));
        foreach (var path in (string[])[ScrapeServer.Metrics, ScrapeServer.Compressed])
            await SampleSet.RequireAsync($"{path} with gzip", rows, stream => DecompressAsync(server, path, stream));

        for (var i = 0; i < WarmUps; i++)
        {
            foreach (var path in (string[])[ScrapeServer.Metrics, ScrapeServer.Blocks, ScrapeServer.AtOnce, ScrapeServer.Compressed])
                await server.GetAsync(path);
            await server.GetAsync(ScrapeServer.Metrics, acceptEncoding: "gzip");
        }

        return server;
    }

    private static async Task DecompressAsync(ScrapeServer server, string path, Stream stream)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("Accept-Encoding", "gzip");
        using var response = await server.Client.SendAsync(request);
        await using var gzip = new GZipStream(await response.Content.ReadAsStreamAsync(), CompressionMode.Decompress);
        await gzip.CopyToAsync(stream);
    }

    private static async Task RepeatAsync(Func<Task> work)
    {
        for (var i = 0; i < InARow; i++)
            await work();
    }
}
