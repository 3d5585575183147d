using System.Diagnostics;
using Orchestrator.Metrics.Benchmarks.Ratios;

namespace Orchestrator.Metrics.Benchmarks.Scenarios;

/// <summary>
/// The throughput of many concurrent clients, compared with that of one, and their latencies and collector runs.
/// </summary>
internal static class Concurrency
{
    private const int Series = 1_000;
    private const int Clients = 64;
    private const double LongestToMedian = 3;

    public static async Task RunAsync(Report report, int rounds, int scrapes)
    {
        var rows = SeriesRow.Create(Series);
        await using var server = await ScrapeServer.StartAsync(rows, default);
        await SampleSet.RequireAsync("the endpoint", rows, async stream =>
            await stream.WriteAsync(await server.Client.GetByteArrayAsync(ScrapeServer.Metrics)));
        await ScrapeAsync(server, Clients, scrapes);
        await ScrapeAsync(server, 1, scrapes);

        var (throughput, tail, runs) = (new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < rounds; round++)
        {
            var (alone, _) = await ScrapeAsync(server, 1, scrapes / 4);
            var before = server.Collector.Runs;
            var (together, latencies) = await ScrapeAsync(server, Clients, scrapes);
            throughput.Add(together / alone);
            tail.Add(latencies[latencies.Length * 99 / 100] / latencies[latencies.Length / 2]);
            runs.Add((double)(server.Collector.Runs - before) / scrapes);
        }

        Report.PrintSection($"{Clients} concurrent clients, {Series:N0} series");
        Report.PrintLine("throughput, times that of one client", throughput);
        Report.PrintLine("p99 of the latency, times p50", tail);
        Report.PrintLine("collector runs per scrape (overlapping scrapes share a run)", runs);
        report.ExpectAtLeast(1, InterleavedRun.ComputeMedian(throughput), $"{Clients} clients: throughput, times that of one client");
        report.ExpectAtMost(LongestToMedian, InterleavedRun.ComputeMedian(tail), $"{Clients} clients: p99 of the latency, times p50");
    }

    /// <summary>Returns the scrapes per second, and the latencies in milliseconds, in ascending order.</summary>
    private static async Task<(double PerSecond, double[] Latencies)> ScrapeAsync(
        ScrapeServer server, int clients, int scrapes)
    {
        var latencies = new double[scrapes];
        var next = -1;
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => Task.Run(async () =>
        {
            for (int i; (i = Interlocked.Increment(ref next)) < scrapes;)
            {
                var begin = Stopwatch.GetTimestamp();
                await server.GetAsync(ScrapeServer.Metrics);
                latencies[i] = Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
            }
        })));
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Array.Sort(latencies);
        return (scrapes / seconds, latencies);
    }
}
