using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Metrics.Relational;

namespace Orchestrator.Metrics.Tests;

/// <summary>Repositories stop reading at <see cref="CollectorContext.MaxSamples"/>.</summary>
public class SampleLimitTests
{
    private const int MaxSamples = 1000;

    private static SqlDialect CreateDialect(int rows) => new(SqlDialect.PostgreSql)
    {
        ProcessCountsQuery = _ =>
            "SELECT 'done' AS last_status, 'me' AS created_by, true AS is_task, 'row ' || n AS product_name, 'w' AS " +
            "workflow_name, 'c' AS customer_id, 'CREATE' AS workflow_target, 1 AS count, 0 AS total_seconds FROM " +
            $"generate_series(1, {rows}) n",
        SubscriptionCountsQuery = _ =>
            "SELECT 'row ' || n AS product_name, 'active' AS lifecycle_state, 'c' AS customer_id, true AS insync, 1 AS " +
            $"count FROM generate_series(1, {rows}) n",
    };

    [Test]
    public async Task More_rows_than_MaxSamplesPerCollector_are_an_error_that_names_the_limit()
    {
        await using var database = await Databases.CreateAsync(Databases.Schema);
        await using var host = await ScrapeHost.StartAsync(
            database, options => options.Dialect = CreateDialect(MaxSamples + 1),
            options => options.MaxSamplesPerCollector = MaxSamples);

        var scrape = await host.ScrapeAsync();

        Assert.That(scrape.Status, Is.EqualTo(HttpStatusCode.InternalServerError));
        Assert.That(scrape.Body, Does.StartWith("These collectors failed: SubscriptionCollector, ProcessCollector."));
        Assert.That(
            host.Log.Entries.Select(entry => entry.Exception?.Message),
            Has.Exactly(2).EqualTo(
                "The query returned more than 1000 rows, the limit set by MaxSamplesPerCollector. Group by fewer " +
                "labels, or raise the limit."));
    }

    [Test]
    public async Task Subscription_rows_up_to_MaxSamplesPerCollector_are_served()
    {
        await using var database = await Databases.CreateAsync(Databases.Schema);
        await using var host = await ScrapeHost.StartAsync(
            database, options => options.Dialect = new(CreateDialect(MaxSamples))
            {
                ProcessCountsQuery = SqlDialect.PostgreSql.ProcessCountsQuery,
            },
            options => options.MaxSamplesPerCollector = MaxSamples);

        Assert.That((await host.ScrapeAsync()).CountSamples("wfo_subscriptions_count"), Is.EqualTo(MaxSamples));
    }

    [Test]
    public async Task Rows_beyond_the_limit_are_neither_kept_nor_received()
    {
        const int Rows = 2_000_000;
        await using var database = await Databases.CreateAsync(Databases.Schema);
        var reader = new RelationalDatabase(
            database, new RelationalOptions { Dialect = CreateDialect(Rows) }, NullLogger<RelationalDatabase>.Instance);
        var repository = new Relational.Repositories.ProcessRepository(
            reader, new CollectorContext(TimeSpan.FromMinutes(5), maxSamples: 10_000));
        var before = GC.GetTotalAllocatedBytes();

        Assert.That(
            async () => await repository.GetProcessCountsAsync(CancellationToken.None),
            Throws.InvalidOperationException.With.Message.Contains("10000"));

        var megabytes = (GC.GetTotalAllocatedBytes() - before) / 1048576.0;
        TestContext.Out.WriteLine($"{megabytes:F1} MiB");
        Assert.That(megabytes, Is.LessThan(16));
    }
}
