using System.Net;

namespace Orchestrator.Metrics.Tests;

/// <summary>A scrape leaves no transaction on the server and does not block the host.</summary>
public class OpenTransactionTests
{
    private const string Alter = """
        SET statement_timeout = '20s';
        ALTER TABLE products ADD COLUMN extra integer;
        ALTER TABLE workflows ADD COLUMN extra integer;
        ALTER TABLE subscriptions ADD COLUMN extra integer;
        ALTER TABLE processes ADD COLUMN extra integer;
        ALTER TABLE processes_subscriptions ADD COLUMN extra integer;
        ALTER TABLE engine_settings ADD COLUMN extra integer;
        """;

    [Test]
    public async Task No_transaction_is_open_between_scrapes_and_every_table_can_be_altered()
    {
        await using var database = await Databases.CreateAsync(Databases.Schema, Databases.Small);
        await using var scraped = database.CreateDataSource("Application Name=scrapes");
        await using var host = await ScrapeHost.StartAsync(scraped);

        for (var i = 0; i < 3; i++)
            Assert.That((await host.ScrapeAsync()).Status, Is.EqualTo(HttpStatusCode.OK));

        await AssertNothingOpenAsync(database);
        await PostgreSqlServer.ExecuteAsync(database, Alter).Soon();
        Assert.That((await host.ScrapeAsync()).Status, Is.EqualTo(HttpStatusCode.OK), "next scrape");
    }

    [TestCase("DROP TABLE processes CASCADE", HttpStatusCode.OK)]
    [TestCase("DELETE FROM engine_settings", HttpStatusCode.InternalServerError)]
    [TestCase("ALTER TABLE products RENAME COLUMN name TO title", HttpStatusCode.InternalServerError)]
    public async Task No_transaction_is_open_after_a_failure_or_a_missing_table(string script, HttpStatusCode status)
    {
        await using var database = await Databases.CreateAsync(Databases.Schema, Databases.Small, script);
        await using var scraped = database.CreateDataSource("Application Name=scrapes");
        await using var host = await ScrapeHost.StartAsync(scraped);

        Assert.That((await host.ScrapeAsync()).Status, Is.EqualTo(status));

        await AssertNothingOpenAsync(database);
    }

    [Test]
    public async Task Scrape_that_waits_for_the_database_blocks_no_other_request()
    {
        await using var database = await Databases.CreateAsync(Databases.Schema);
        await using var scraped = database.CreateDataSource("Application Name=scrapes");
        await using var host = await ScrapeHost.StartAsync(scraped);
        Task<Scrape> scrape;
        await using (await database.LockAsync("products", "processes", "engine_settings"))
        {
            scrape = host.ScrapeAsync();
            await database.WaitForSessionsAsync("application_name = 'scrapes' AND wait_event_type = 'Lock'", 3);

            for (var i = 0; i < 20; i++)
                Assert.That(await host.GetAsync("/alive"), Is.EqualTo("yes"));
            Assert.That(scrape.IsCompleted, Is.False);
        }

        Assert.That((await scrape).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    private static async Task AssertNothingOpenAsync(Npgsql.NpgsqlDataSource database)
    {
        Assert.That(
            await database.CountSessionsAsync("application_name = 'scrapes'"), Is.Positive, "pooled connections");
        Assert.That(await database.CountSessionsAsync(
            "application_name = 'scrapes' AND (state <> 'idle' OR xact_start IS NOT NULL OR backend_xmin IS NOT " +
            "NULL)"), Is.Zero);
        Assert.That(await database.ReadScalarAsync<long>(
            "SELECT count(*) FROM pg_locks WHERE database = (SELECT oid FROM pg_database WHERE datname = " +
            "current_database()) AND pid <> pg_backend_pid()"), Is.Zero);
    }
}
