using System.Text.RegularExpressions;
using Npgsql;
using Orchestrator.Metrics.Tests;
using ReferenceExposition = Orchestrator.Metrics.Tests.Exposition;

namespace Orchestrator.Metrics.Exporter.Tests.Hosting;

/// <summary>Several exporters that share results in Redis.</summary>
public class ReplicaTests
{
    private const string ProcessQuery = "JOIN processes_subscriptions l ON";
    private const string SubscriptionQuery = "FROM subscriptions GROUP BY";
    private const int Exporters = 4;
    private const int Scrapes = 8;

    [Test]
    public async Task Four_exporters_with_eight_concurrent_scrapes_run_the_process_query_once()
    {
        await using var redis = await RedisServer.StartAsync();
        var keys = await redis.ConnectAsync();
        await using var database = await ExporterDatabase.CreateAsync(
            ExporterDatabase.Schema, ExporterDatabase.Small,
            """
            CREATE ROLE replica LOGIN PASSWORD 'one';
            GRANT SELECT ON ALL TABLES IN SCHEMA public TO replica;
            ALTER ROLE replica SET log_statement = 'all';
            """);
        var server = await ExporterDatabase.GetServerAsync();

        // Without the permission, no result is cached while the exporters start. On a busy machine, calls to Redis may
        // time out during that time, and the exporters would run the query themselves.
        await PostgreSqlServer.ExecuteAsync(database, "REVOKE SELECT ON processes FROM replica");
        var exporters = await Task.WhenAll(Enumerable.Range(0, Exporters).Select(_ => StartAsync(database, redis)));
        await Task.WhenAll(exporters.Select(exporter => exporter.ScrapeAsync()));
        await Waiting.UntilAsync(
            () => exporters.All(IsConnected) && RedisServer.GetKeys(keys).Length == 0, isReady => isReady);
        await PostgreSqlServer.ExecuteAsync(database, "GRANT SELECT ON processes TO replica");
        var before = server.Output.Length;

        var scrapes = await Task.WhenAll(
            Enumerable.Range(0, Scrapes).Select(i => exporters[i % Exporters].ScrapeAsync()));

        foreach (var exporter in exporters)
            await exporter.DisposeAsync();
        var log = server.Output[before..];
        Assert.That(Regex.Count(log, ProcessQuery), Is.EqualTo(1), string.Join('\n', exporters.Select(e => e.Output)));
        Assert.That(Regex.Count(log, SubscriptionQuery), Is.AtLeast(Exporters), "not shared, so each exporter runs it");
        Assert.That(scrapes.Select(FindProcessCounts).Distinct().Single(), Is.Not.Empty);
    }

    private static Task<ExporterProcess> StartAsync(NpgsqlDataSource database, RedisServer redis) =>
        ExporterProcess.StartAsync(
            ExporterDatabase.BuildUri(database, "replica", "one"), ["--collectors.processes.cache-for=10m"],
            ("WFO_EXPORTER_REDIS_CONNECTION", redis.Address));

    private static bool IsConnected(ExporterProcess exporter) =>
        Regex.Count(exporter.Output, "Redis is unavailable")
            == Regex.Count(exporter.Output, "Redis is available again");

    private static string FindProcessCounts(string scrape) =>
        string.Join('\n', ReferenceExposition.FindSamples(scrape, "wfo_process_count"));
}
