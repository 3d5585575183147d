using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Orchestrator.Metrics.Exporter.Hosting;
using Orchestrator.Metrics.Exporter.Tests.Configuration;
using Orchestrator.Metrics.Exporter.Tests.Sources;
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

    [Test]
    public async Task Sources_with_another_address_or_other_dropped_families_share_no_result()
    {
        var requests = 0;
        await using var redis = await RedisServer.StartAsync();
        await using var source = await SourceServer.StartAsync(context =>
        {
            Interlocked.Increment(ref requests);
            return context.Response.WriteAsync($"a{context.Request.Path.Value![1..]} 1\nb 2\nc 3\n");
        });

        await using var first = CreateHost("/1", "c, d");
        await using var same = CreateHost("/1", "d, c");
        await using var other = CreateHost("/2", "c, d");
        await using var fewer = CreateHost("/1", "b, c");

        Assert.That(await FindFamiliesAsync(first), Is.EqualTo(new[] { "a1", "b" }));
        Assert.That(await FindFamiliesAsync(same), Is.EqualTo(new[] { "a1", "b" }));
        Assert.That(requests, Is.EqualTo(1));
        Assert.That(await FindFamiliesAsync(other), Is.EqualTo(new[] { "a2", "b" }));
        Assert.That(await FindFamiliesAsync(fewer), Is.EqualTo(new[] { "a1" }));

        MetricsHost CreateHost(string path, string dropped) => MetricsHost.Create(
            ConfigurationLoaderTests.Load(
                $$"""
                sources: [{name: app, url: "{{source.Url}}{{path}}", drop_families: [{{dropped}}], cache_for: 10m}]
                collectors:
                  app: {shared: true}
                  subscriptions: {enabled: false}
                  processes: {enabled: false}
                  workflow_engine: {enabled: false}
                redis: {connection: "{{redis.Address}},connectTimeout=5000"}
                """),
            NullLoggerFactory.Instance);

        static async Task<IEnumerable<string>> FindFamiliesAsync(MetricsHost host) =>
            (await host.Registry.CollectAsync()).Families.Select(family => family.Name)
            .Where(name => !name.StartsWith("wfo_", StringComparison.Ordinal));
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
