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
    private const string TransactionsQuery =
        "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()";

    private readonly List<(WebApplication Host, NpgsqlDataSource Database, HttpClient Client)> _replicas = [];
    private long _series;
    private int _next;

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

    /// <summary>Scrapes a replica, and returns the latency in milliseconds.</summary>
    public async Task<double> ScrapeOnceAsync(int replica)
    {
        var startedAt = TimeProvider.System.GetTimestamp();
        var text = await _replicas[replica].Client.GetStringAsync("/api/metrics");
        var elapsed = TimeProvider.System.GetElapsedTime(startedAt).TotalMilliseconds;
        _series = text.AsSpan().Count('\n') - text.AsSpan().Count("# ");
        return elapsed;
    }

    /// <summary>
    /// Measures scrapes after a first interval, which fills caches and opens connections. Stops the replicas.
    /// </summary>
    public async Task<LoadResult> ScrapeAsync(
        NpgsqlConnection connection, int scrapers, TimeSpan interval, int intervals)
    {
        var transactions = await CountTransactionsAsync(connection);
        await RunAsync(connection, scrapers, interval, intervals: 1);
        var (processorTime, latencies) = await RunAsync(connection, scrapers, interval, intervals);
        foreach (var (host, _, _) in _replicas)
            await host.StopAsync();

        // Includes the transactions of the first interval, because a backend reports them with a delay.
        transactions = await CountTransactionsAsync(connection) - transactions;
        return new(
            latencies, processorTime.TotalMilliseconds / intervals, (double)transactions / (intervals + 1), _series);
    }

    /// <summary>Scrapes, and returns the processor time of the server and the latencies in milliseconds.</summary>
    public async Task<(TimeSpan ProcessorTime, List<double> Latencies)> RunAsync(
        NpgsqlConnection connection, int scrapers, TimeSpan interval, int intervals)
    {
        var before = ProcessorTimes.ReadServer(connection.ProcessID);
        var latencies = new List<double>();
        for (var i = 0; i < intervals; i++)
            latencies.AddRange(await RunAsync(interval, scrapers * _replicas.Count));
        return (ProcessorTimes.ReadServer(connection.ProcessID) - before, latencies);
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
            running.Add(ScrapeOnceAsync(_next++ % _replicas.Count));
            await timer.WaitForNextTickAsync();
        }

        // Another replica is the first in the next interval.
        _next++;
        return await Task.WhenAll(running);
    }

    private async Task<long> CountTransactionsAsync(NpgsqlConnection connection)
    {
        // A backend reports its statistics no later than when it ends.
        foreach (var (_, database, _) in _replicas)
            database.Clear();
        await Task.Delay(TimeSpan.FromSeconds(1));
        await using var command = new NpgsqlCommand(TransactionsQuery, connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}

// Times are in milliseconds. Database time and transactions are per interval.
internal sealed record LoadResult(
    IReadOnlyCollection<double> Latencies, double DatabaseTime, double Transactions, long Series)
{
    public double Median { get; } = InterleavedRun.ComputeMedian(Latencies);
}
