using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Orchestrator.Metrics.Benchmarks.Ratios;

namespace Orchestrator.Metrics.Benchmarks.Load;

/// <summary>Replicas of one application on Kestrel, each with its own connections to one database.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    // A backend reports what it did at the latest when it ends.
    private const string Statistics =
        "SELECT active_time, xact_commit FROM pg_stat_database WHERE datname = current_database()";

    private readonly List<(WebApplication Host, NpgsqlDataSource Database, HttpClient Client)> _replicas = [];
    private long _series;

    private Cluster()
    {
    }

    public static async Task<Cluster> StartAsync(string server, LoadMode mode, int replicas)
    {
        var cluster = new Cluster();
        for (var i = 0; i < replicas; i++)
        {
            var database = NpgsqlDataSource.Create(server + ";Application Name=replica");
            var builder = WebApplication.CreateSlimBuilder();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.Logging.ClearProviders();
            var metrics = builder.Services
                .AddOrchestratorMetrics(options =>
                {
                    options.CollectorTimeout = TimeSpan.FromMinutes(5);
                    options.WaitForFirstRefresh = true;
                })
                .AddRelationalRepositories(database);
            mode.Configure(metrics);
            var host = builder.Build();
            host.MapOrchestratorMetrics(configure: options => options.EnableEndpoint = true);
            await host.StartAsync();
            cluster._replicas.Add((host, database, new HttpClient
            {
                BaseAddress = new Uri(host.Urls.First()),
                Timeout = TimeSpan.FromMinutes(10),
            }));
        }

        return cluster;
    }

    /// <summary>Scrapes a replica. Returns the time in milliseconds.</summary>
    public async Task<double> ScrapeOnceAsync(int replica)
    {
        var startedAt = TimeProvider.System.GetTimestamp();
        var text = await _replicas[replica].Client.GetStringAsync("/api/metrics");
        var elapsed = TimeProvider.System.GetElapsedTime(startedAt).TotalMilliseconds;
        _series = text.AsSpan().Count('\n') - text.AsSpan().Count("# ");
        return elapsed;
    }

    /// <summary>Scrapes all replicas by each scraper once per interval, evenly spread. Then stops the replicas.</summary>
    public async Task<LoadResult> ScrapeAsync(
        NpgsqlDataSource database, int scrapers, TimeSpan interval, int intervals)
    {
        // The first interval is no part of the result: it fills caches.
        var scrapes = scrapers * _replicas.Count;
        await RunAsync(interval, scrapes);
        await ClearAsync();
        var before = await StatisticsAsync(database);
        var latencies = new List<double>();
        for (var i = 0; i < intervals; i++)
            latencies.AddRange(await RunAsync(interval, scrapes));
        foreach (var (host, _, _) in _replicas)
            await host.StopAsync();
        await ClearAsync();
        var after = await StatisticsAsync(database);
        return new(
            latencies, (after.Time - before.Time) / intervals,
            (double)(after.Transactions - before.Transactions) / intervals, _series);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (host, database, client) in _replicas)
        {
            client.Dispose();
            await host.DisposeAsync();
            await database.DisposeAsync();
        }
    }

    private async Task<double[]> RunAsync(TimeSpan interval, int scrapes)
    {
        var running = new List<Task<double>>();
        using var timer = new PeriodicTimer(interval / scrapes);
        for (var i = 0; i < scrapes; i++)
        {
            running.Add(ScrapeOnceAsync(i % _replicas.Count));
            await timer.WaitForNextTickAsync();
        }

        return await Task.WhenAll(running);
    }

    private async Task ClearAsync()
    {
        foreach (var (_, database, _) in _replicas)
            database.Clear();
        await Task.Delay(TimeSpan.FromSeconds(1));
    }

    private static async Task<(double Time, long Transactions)> StatisticsAsync(NpgsqlDataSource database)
    {
        await using var command = database.CreateCommand(Statistics);
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return (reader.GetDouble(0), reader.GetInt64(1));
    }
}

/// <summary>What a load cost.</summary>
/// <param name="Latencies">The times of the scrapes, in milliseconds.</param>
/// <param name="DatabaseTime">The time that the database executed statements, in milliseconds per interval.</param>
/// <param name="Transactions">The transactions of the database per interval.</param>
/// <param name="Series">The series of one scrape.</param>
internal sealed record LoadResult(
    IReadOnlyCollection<double> Latencies, double DatabaseTime, double Transactions, long Series)
{
    public double Median { get; } = InterleavedRun.Median(Latencies);
}
