using System.IO.Compression;
using Orchestrator.Metrics.Benchmarks.Ratios;

namespace Orchestrator.Metrics.Benchmarks.Scenarios;

/// <summary>A scrape over HTTP beside what the server needs to send the same bytes.</summary>
internal static class OverHttp
{
    private const int Series = 10_000;
    private const int InARow = 25;
    private const int RoundsInARow = 5;

    // Each server and its connection keep a pace of their own: some send half as fast again as others.
    private const int Servers = 5;

    // The first until the code is optimized in full.
    private const int FirstWarmUps = 500;
    private const int WarmUps = 50;
    private const double TimesSending = 1.8;
    private const double TimesCompressing = 1.1;

    public static async Task RunAsync(Report report, int rounds)
    {
        var rows = SeriesRow.Create(Series);
        using var text = new MemoryStream();
        await RowsCollector.Registry(rows).WriteAsync(text, ExpositionFormat.PrometheusText);
        var bytes = text.GetBuffer().AsMemory(0, (int)text.Length);
        ScrapeServer server = null!;

        // One request at a time with other work between them, as the requests of a scraper come.
        var sending = Contender.Of("the same bytes from memory", () => server.GetAsync("/bytes"));
        var scrape = Contender.Of("scrape", () => server.GetAsync("/api/metrics"));
        var compressing = Contender.Of("the same bytes compressed, without HTTP", () => CompressAsync(bytes));
        var gzip = Contender.Of("scrape with gzip", () => server.GetAsync("/api/metrics", "gzip"));
        var sendingInARow = Repeated(() => server.GetAsync("/bytes"));
        var scrapesInARow = Repeated(() => server.GetAsync("/api/metrics"));
        var runs = new List<InterleavedRun>();
        var runsInARow = new List<InterleavedRun>();
        for (var i = 0; i < Servers; i++)
        {
            await using var started = server = await StartAsync(rows, bytes);
            runs.Add(await InterleavedRun.RunAsync(
                i == 0 ? FirstWarmUps : WarmUps, rounds, sending, scrape, compressing, gzip));
            runsInARow.Add(await InterleavedRun.RunAsync(1, RoundsInARow, sendingInARow, scrapesInARow));
        }

        var run = InterleavedRun.Together(runs);
        var inARow = InterleavedRun.Together(runsInARow).Ratio(scrapesInARow, sendingInARow);
        Report.Section($"{Series:N0} series over HTTP, one client (sending the same bytes from memory = 1)");
        Report.Table(run, sending);
        Report.Note($"\n{InARow} requests without a pause: a scrape takes {inARow:0.00}");
        report.AtMost(TimesSending, run.Ratio(scrape, sending), "HTTP: a scrape, times sending the same bytes");
        report.AtMost(TimesCompressing, run.RatioOfDifference(gzip, scrape, compressing),
            "HTTP: what gzip adds to a scrape, times the fastest level on the same bytes");
    }

    private static async Task<ScrapeServer> StartAsync(SeriesRow[] rows, ReadOnlyMemory<byte> bytes)
    {
        var server = await ScrapeServer.StartAsync(rows, bytes);
        await SampleSet.RequireAsync("the endpoint", rows, async stream =>
            await stream.WriteAsync(await server.Client.GetByteArrayAsync("/api/metrics")));
        return server;
    }

    private static Contender Repeated(Func<Task> work) => Contender.Of($"{InARow} in a row", async () =>
    {
        for (var i = 0; i < InARow; i++)
            await work();
    });

    private static async Task CompressAsync(ReadOnlyMemory<byte> bytes)
    {
        await using var gzip = new GZipStream(Stream.Null, CompressionLevel.Fastest);
        await gzip.WriteAsync(bytes);
    }
}
