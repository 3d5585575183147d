using System.Net;

namespace Orchestrator.Metrics.Tests;

public class MissingTableTests
{
    [Test]
    public async Task Missing_tables_give_empty_families_with_one_warning_per_collector_until_the_tables_exist()
    {
        await using var database = await Databases.CreateAsync();
        await using var host = await ScrapeHost.StartAsync(database);

        for (var i = 0; i < 3; i++)
        {
            var scrape = await host.ScrapeAsync();
            Assert.That(scrape.Status, Is.EqualTo(HttpStatusCode.OK));
            Assert.That(scrape.Body.Split('\n').Where(line => line.Length > 0), Has.All.StartWith("#"));
        }

        Assert.That(host.Log.Warnings, Is.EquivalentTo(new[]
        {
            FormatWarning("SubscriptionCollector"), FormatWarning("ProcessCollector"),
            FormatWarning("WorkflowEngineCollector"),
        }));
        Assert.That(host.Log.Entries, Has.Count.EqualTo(3), "only the warnings");

        await PostgreSqlServer.ExecuteAsync(database, Databases.Schema + Databases.Small);
        var migrated = await host.ScrapeAsync();

        Exposition.AssertSame(
            System.Text.Encoding.UTF8.GetBytes(migrated.Body),
            await File.ReadAllBytesAsync(Databases.GetReferencePath("small-running.txt")));
        Assert.That(host.Log.Entries, Has.Count.EqualTo(3), "no other entries");
    }

    [TestCase("DROP TABLE products CASCADE", "SubscriptionCollector ProcessCollector")]
    [TestCase("DROP TABLE workflows CASCADE", "ProcessCollector")]
    [TestCase("DROP TABLE processes CASCADE", "ProcessCollector")]
    [TestCase("DROP TABLE processes_subscriptions", "ProcessCollector")]
    [TestCase("DROP TABLE subscriptions CASCADE", "SubscriptionCollector ProcessCollector")]
    [TestCase("DROP TABLE engine_settings", "WorkflowEngineCollector")]
    public async Task Missing_table_affects_only_the_collectors_that_read_it(string script, string collectors)
    {
        await using var database = await Databases.CreateAsync(Databases.Schema, Databases.Small, script);
        await using var host = await ScrapeHost.StartAsync(database);

        var first = await host.ScrapeAsync();
        var second = await host.ScrapeAsync();

        Assert.That(first.Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(host.Log.Warnings, Is.EquivalentTo(collectors.Split(' ').Select(FormatWarning)));
        Assert.That(
            first.CountSamples("wfo_subscriptions_count") == 0, Is.EqualTo(collectors.Contains("Subscription")));
        Assert.That(first.CountSamples("wfo_process_count") == 0, Is.EqualTo(collectors.Contains("Process")));
        Assert.That(first.CountSamples("wfo_engine_status") == 0, Is.EqualTo(collectors.Contains("Engine")));
        Assert.That(second.Body, Is.EqualTo(first.Body));
    }

    [Test]
    public async Task Missing_SQLite_file_is_an_error_in_read_only_mode()
    {
        await using var database = new TemporarySqlite("Mode=ReadOnly");
        await using var host = await ScrapeHost.StartAsync(database.DataSource);

        Assert.That((await host.ScrapeAsync()).Status, Is.EqualTo(HttpStatusCode.InternalServerError));
    }

    [TestCase(FailurePolicy.FailScrape)]
    [TestCase(FailurePolicy.ReportAndContinue)]
    public async Task Table_that_disappears_after_a_scrape_is_a_failure(FailurePolicy policy)
    {
        await using var database = await Databases.CreateAsync(Databases.Schema, Databases.Small);
        await using var host = await ScrapeHost.StartAsync(
            database, options: options => options.FailurePolicy = policy);
        Assert.That((await host.ScrapeAsync()).CountSamples("wfo_process_count"), Is.Positive);

        await PostgreSqlServer.ExecuteAsync(database, "ALTER TABLE processes RENAME TO away");
        var missing = await host.ScrapeAsync();
        await PostgreSqlServer.ExecuteAsync(database, "ALTER TABLE away RENAME TO processes");
        var back = await host.ScrapeAsync();

        if (policy == FailurePolicy.FailScrape)
        {
            Assert.That(missing.Status, Is.EqualTo(HttpStatusCode.InternalServerError));
            Assert.That(missing.Body, Does.Contain("ProcessCollector, WorkflowEngineCollector"));
        }
        else
        {
            Assert.That(missing.Status, Is.EqualTo(HttpStatusCode.OK));
            foreach (var collector in new[] { "ProcessCollector", "WorkflowEngineCollector" })
            {
                Assert.That(
                    missing.Body, Does.Contain($"wfo_scrape_collector_success{{collector=\"{collector}\"}} 0.0\n"));
            }

            Assert.That(
                missing.Body, Does.Contain("wfo_scrape_collector_success{collector=\"SubscriptionCollector\"} 1.0\n"));
        }

        Assert.That(back.CountSamples("wfo_process_count"), Is.Positive);
    }

    [Test]
    public async Task Search_path_that_changes_after_a_scrape_is_a_failure()
    {
        await using var database = await Databases.CreateAsync(Databases.Schema, Databases.Small);
        await using var scraped = database.CreateDataSource("Application Name=scrapes;Pooling=false");
        await using var host = await ScrapeHost.StartAsync(scraped);
        Assert.That((await host.ScrapeAsync()).Status, Is.EqualTo(HttpStatusCode.OK));

        await PostgreSqlServer.ExecuteAsync(
            database,
            "DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || ' SET search_path = nowhere'; END $$");

        Assert.That((await host.ScrapeAsync()).Status, Is.EqualTo(HttpStatusCode.InternalServerError));
    }

    [Test]
    public async Task Schema_that_is_not_on_the_search_path_is_missing()
    {
        await using var database = await Databases.CreateAsync(Databases.Schema);
        await using var elsewhere = database.CreateDataSource("Search Path=nowhere");
        await using var host = await ScrapeHost.StartAsync(elsewhere);

        Assert.That((await host.ScrapeAsync()).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(host.Log.Warnings.Count(), Is.EqualTo(3));
    }

    [TestCase("ALTER TABLE products RENAME COLUMN name TO title")]
    [TestCase("REVOKE ALL ON products FROM reader")]
    public async Task Missing_column_or_permission_is_a_failure(string script)
    {
        await using var database = await Databases.CreateAsync(
            Databases.Schema,
            "DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO " +
            "reader",
            script);
        await using (var reader = database.CreateDataSource("Username=reader"))
        await using (var host = await ScrapeHost.StartAsync(reader))
        {
            var scrape = await host.ScrapeAsync();

            Assert.That(scrape.Status, Is.EqualTo(HttpStatusCode.InternalServerError));
            Assert.That(scrape.Body, Is.EqualTo(
                "These collectors failed: SubscriptionCollector, ProcessCollector. See the application log for the " +
                "cause.\n"));
        }

        await PostgreSqlServer.ExecuteAsync(database, "DROP OWNED BY reader; DROP ROLE reader");
    }

    [Test]
    public async Task Read_only_role_is_sufficient()
    {
        await using var database = await Databases.CreateAsync(
            Databases.Schema, Databases.Small,
            "CREATE ROLE onlyreads LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO onlyreads");
        await using (var reader = database.CreateDataSource("Username=onlyreads"))
        await using (var host = await ScrapeHost.StartAsync(reader))
            Assert.That((await host.ScrapeAsync()).Status, Is.EqualTo(HttpStatusCode.OK));
        await PostgreSqlServer.ExecuteAsync(database, "DROP OWNED BY onlyreads; DROP ROLE onlyreads");
    }

    private static string FormatWarning(string collector) =>
        $"Collector {collector} found no schema. Its families contain no samples until the schema exists. " +
        "Run the migrations.";
}
