using System.IO.Compression;
using Orchestrator.Metrics.Benchmarks.Ratios;

namespace Orchestrator.Metrics.Benchmarks.Scenarios;

/// <summary>A scrape over HTTP, compared with sending the same bytes.</summary>
internal static class HttpScenario
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
        var registry = RowsCollector.CreateRegistry(rows);
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
        var sending = CreateContender("the same bytes from memory, in blocks", server => server.GetAsync(ScrapeServer.Blocks, bytes));
        var whole = CreateContender("the same bytes from memory, at once", server => server.GetAsync(ScrapeServer.AtOnce, bytes));
        var scrape = CreateContender("scrape", server => server.GetAsync(ScrapeServer.Metrics, bytes));
        var thread = CreateContender("  the start of the thread alone", _ => Rendering.StartThreadAsync());
        var sendingGzip = CreateContender("the same bytes compressed", server => server.GetAsync(ScrapeServer.Compressed));
        var gzip = CreateContender("scrape with gzip", server => server.GetAsync(ScrapeServer.Metrics, acceptEncoding: "gzip"));
        var rendering = CreateContender("rows to text, without HTTP",
            _ => registry.WriteAsync(Stream.Null, ExpositionFormat.PrometheusText));
        var run = await InterleavedRun.RunAsync(Servers, rounds, sending, whole, scrape, thread, sendingGzip, gzip, rendering);

        var sendingInARow = CreateContender("sending in a row", server => RepeatAsync(() => server.GetAsync(ScrapeServer.Blocks, bytes)));
        var scrapesInARow = CreateContender("scrapes in a row", server => RepeatAsync(() => server.GetAsync(ScrapeServer.Metrics, bytes)));
        var inARow = await InterleavedRun.RunAsync(1, 3 * Servers, sendingInARow, scrapesInARow);

        Report.PrintSection($"{Series:N0} series over HTTP, one client (sending the same bytes from memory, in blocks = 1)");
        Report.PrintTable(run, sending);
        Console.WriteLine($"\n{InARow} requests without a pause: a scrape takes {inARow.ComputeRatio(scrapesInARow, sendingInARow):0.00} times as long as sending.");
        Console.WriteLine($"With the start of the thread, a scrape takes {run.ComputeRatio(scrape, sending):0.00} times as long as sending. The target excludes the start.");
        report.ExpectAtMost(TimesSending, run.ComputeRatioOfDifference(scrape, thread, sending), "HTTP: a scrape, times sending the same bytes");

        // Without rendering, a scrape with gzip only compresses and sends the text.
        report.ExpectAtMost(TimesCompressing, run.ComputeRatioOfDifference(gzip, rendering, sendingGzip),
            "HTTP: compressing and sending in a scrape, times those of the same bytes");

        Contender CreateContender(string name, Func<ScrapeServer, Task> work)
        {
            var next = 0;
            return Contender.CreateWithPause(Pause, name, () => work(servers[next++ % servers.Count]));
        }
    }

    /// <summary>Starts a server, checks its output, and warms it up until its code is optimized.</summary>
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
