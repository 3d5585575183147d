using System.Text.RegularExpressions;
using Orchestrator.Metrics.Tests;
using ReferenceExposition = Orchestrator.Metrics.Tests.Exposition;

namespace Orchestrator.Metrics.Exporter.Tests.Hosting;

/// <summary>Several exporters that share results in Redis.</summary>
public class ReplicaTests
{
    private const string ProcessQuery = "JOIN processes_subscriptions l ON";
    private const string SubscriptionQuery = "FROM subscriptions GROUP BY";
    private const int Exporters = 4;
    private const int ScrapersOfEach = 2;

    [Test]
    public async Task Four_exporters_that_are_scraped_eight_times_at_once_run_the_query_of_processes_once()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var server = await ExporterDatabase.StartAsync();
        await using var database = await server.CreateDatabaseAsync(
            ExporterDatabase.Schema, ExporterDatabase.Small,
            """
            CREATE ROLE nwa LOGIN PASSWORD 'one';
            GRANT pg_read_all_data TO nwa;
            ALTER ROLE nwa SET log_statement = 'all';
            """);
        var exporters = await Task.WhenAll(Enumerable.Range(0, Exporters).Select(_ => ExporterProcess.StartAsync(
            ExporterDatabase.Uri(database, "nwa", "one"), ["--collectors.processes.refresh-every=10m"],
            ("WFO_EXPORTER_REDIS_CONNECTION", redis.Address))));

        var scrapes = await Task.WhenAll(
            Enumerable.Range(0, Exporters * ScrapersOfEach).Select(i => exporters[i % Exporters].ScrapeAsync()));
        foreach (var exporter in exporters)
            await exporter.DisposeAsync();

        Assert.That(Regex.Count(server.Output, ProcessQuery), Is.EqualTo(1), server.Output);
        Assert.That(Regex.Count(server.Output, SubscriptionQuery), Is.AtLeast(Exporters), "is not shared");
        Assert.That(
            scrapes.Select(scrape => string.Join('\n', ReferenceExposition.Samples(scrape, "wfo_process_count"))).Distinct().Count(),
            Is.EqualTo(1));
        Assert.That(ReferenceExposition.Samples(scrapes[0], "wfo_process_count"), Is.Not.Empty);
    }
}
