using Npgsql;
using Orchestrator.Metrics.Benchmarks.Ratios;
using Orchestrator.Metrics.Benchmarks.Scenarios;

namespace Orchestrator.Metrics.Benchmarks.Load;

/// <summary>
/// Measures the load of replicas and Prometheus servers on a database, and the duration of scrapes, with and without
/// the options that limit the load.
/// </summary>
internal static class LoadRun
{
    private const double TimesOneReplica = 1.1;
    private const double TimesSmallDatabase = 1.2;
    private const string RedisVariable = "ORCHESTRATOR_METRICS_BENCH_REDIS";

    private static readonly int[] Sizes = [10_000, 100_000, 1_000_000];

    public static async Task<int> RunAsync(bool quick)
    {
        var server = Environment.GetEnvironmentVariable(BenchmarkDatabase.Variable);
        var redis = Environment.GetEnvironmentVariable(RedisVariable);
        if (server is not { Length: > 0 } || redis is not { Length: > 0 })
        {
            Console.Error.WriteLine(
                $"Not measured: this needs PostgreSQL and Redis. Run ./build/bench.sh load, or set {BenchmarkDatabase.Variable} and {RedisVariable}.");
            return 1;
        }

        var report = new Report();
        var refreshed = new Dictionary<int, double>();
        foreach (var processes in Sizes)
            refreshed.Add(processes, await RunAsync(report, server, redis, processes, quick));
        report.ExpectAtMost(
            TimesSmallDatabase, refreshed[1_000_000] / refreshed[10_000],
            "refresh: the median scrape at 1,000,000 processes, times that at 10,000");
        report.PrintTargets();
        return 0;
    }

    /// <summary>Returns the median latency of one replica and one scraper with refresh, in milliseconds.</summary>
    private static async Task<double> RunAsync(Report report, string server, string redis, int processes, bool quick)
    {
        await using var database = NpgsqlDataSource.Create(server + ";Command Timeout=600;Application Name=benchmark");
        // There are few groups, so every size of the database has the same number of series.
        await BenchmarkDatabase.FillAsync(database, processes, customers: 2);
        await using var connection = await database.OpenConnectionAsync();
        var interval = await MeasureIntervalAsync(server);
        Report.PrintSection(
            $"{processes:N0} processes, a scrape every {interval.TotalSeconds:0.0} s (processor time of the database for one replica and one scraper = 1)");
        Console.WriteLine($"{"",-24} {"replicas",8} {"scrapers",8} {"database",9} {"transactions",12} {"median ms",10} {"middle half",-18} {"slowest",8} {"series",7}");

        double? baseline = null;
        var refreshed = 0.0;
        foreach (var (replicas, scrapers) in ((int, int)[])[(1, 1), (1, 2), (4, 1), (4, 2)])
        {
            if (quick && (replicas, scrapers) is not ((1, 1) or (4, 2)))
                continue;
            foreach (var mode in LoadMode.CreateAll(interval, redis, $"{processes}-{replicas}-{scrapers}"))
            {
                await using var cluster = await Cluster.StartAsync(server, mode, replicas);
                var load = await cluster.ScrapeAsync(connection, scrapers, interval, intervals: quick ? 4 : 8);
                baseline ??= load.DatabaseTime;
                var (low, high) = InterleavedRun.ComputeMiddleHalf(load.Latencies);
                Console.WriteLine(FormattableString.Invariant(
                    $"{mode.Name,-24} {replicas,8} {scrapers,8} {load.DatabaseTime / baseline.Value,9:0.00} {load.Transactions,12:0.0} {load.Median,10:0.0} {$"{low:0.0} to {high:0.0}",-18} {load.Latencies.Max(),8:0.0} {load.Series,7}"));
                if (mode.Name == LoadMode.Refresh && replicas == 1 && scrapers == 1)
                    refreshed = load.Median;
            }
        }

        await CompareAsync(report, server, redis, connection, processes, interval, quick);
        return refreshed;
    }

    // Runs in turns, because the speed of a machine varies.
    private static async Task CompareAsync(
        Report report, string server, string redis, NpgsqlConnection connection, int processes, TimeSpan interval,
        bool quick)
    {
        await using var single = await Cluster.StartAsync(server, LoadMode.Plain, replicas: 1);
        await using var sharing = await Cluster.StartAsync(
            server, LoadMode.CreateAll(interval, redis, $"{processes}-turns").Single(mode => mode.Name == LoadMode.Redis), replicas: 4);
        var one = CreateContender("one replica and scraper", single, scrapers: 1);
        var eight = CreateContender("Redis, 4 replicas x 2 scrapers", sharing, scrapers: 2);
        var run = await InterleavedRun.RunAsync(2, quick ? 5 : 21, one, eight);
        var (low, high) = run.ComputeMiddleHalf(eight, one);
        Console.WriteLine(FormattableString.Invariant(
            $"\nIn turns, {eight.Name} takes {run.ComputeRatio(eight, one):0.00} times the database time of {one.Name} (middle half {low:0.00} to {high:0.00})."));
        report.ExpectAtMost(
            TimesOneReplica, run.ComputeRatio(eight, one), $"{processes:N0} processes: database time of {eight.Name}, times {one.Name}");

        // Several intervals, because Linux reports times with a resolution of 10 ms.
        Contender CreateContender(string name, Cluster cluster, int scrapers) => new(name, async () =>
            new((await cluster.RunAsync(connection, scrapers, interval, intervals: 3)).ProcessorTime, Allocated: null));
    }

    // Four times the duration of a scrape, so one scraper does not overload the database.
    private static async Task<TimeSpan> MeasureIntervalAsync(string server)
    {
        await using var cluster = await Cluster.StartAsync(server, LoadMode.Plain, replicas: 1);
        var scrape = TimeSpan.FromMilliseconds(await cluster.ScrapeOnceAsync(replica: 0));
        return 4 * scrape < TimeSpan.FromSeconds(2) ? TimeSpan.FromSeconds(2) : 4 * scrape;
    }
}
