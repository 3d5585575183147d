using System.Net;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.Metrics.Tests;

/// <summary>
/// Scrapes of SQLite have the same results as those of PostgreSQL: expositions, missing tables, failures and states.
/// </summary>
public class SqliteTests
{
    private static readonly string[] Data =
        ["small.sql", "none-twin.sql", "seed-7-many-groups.sql", "seed-42-few-groups.sql"];

    [TestCaseSource(nameof(Data))]
    public async Task Times_as_microseconds_give_the_exposition_of_PostgreSQL(string data) =>
        await AssertSameAsync(SqliteCopy.Microseconds, Databases.Schema, Databases.ReadScript(data));

    [TestCaseSource(nameof(Data))]
    public async Task Times_as_text_give_the_exposition_of_PostgreSQL_for_the_years_1_to_9999(string data) =>
        await AssertSameAsync(
            SqliteCopy.IsoText, Databases.Schema, Databases.ReadScript(data), SqliteCopy.OnlyYearsOneTo9999);

    [Test]
    public async Task Missing_tables_give_empty_families_with_one_warning_per_collector_until_the_tables_exist()
    {
        await using var sqlite = new TemporarySqlite();
        await using var host = await ScrapeHost.StartAsync(sqlite.DataSource);

        for (var i = 0; i < 3; i++)
        {
            var scrape = await host.ScrapeAsync();
            Assert.That(scrape.Status, Is.EqualTo(HttpStatusCode.OK));
            Assert.That(scrape.Body.Split('\n').Where(line => line.Length > 0), Has.All.StartWith("#"));
        }

        Assert.That(host.Log.Warnings.Count(), Is.EqualTo(3));
        Assert.That(host.Log.Entries, Has.Count.EqualTo(3), "only the warnings");
        await sqlite.ExecuteAsync(TemporarySqlite.Schema);
        Assert.That((await host.ScrapeAsync()).CountSamples("wfo_engine_status"), Is.EqualTo(3));
        Assert.That(host.Log.Entries, Has.Count.EqualTo(3), "no other entries");
    }

    [Test]
    public async Task Missing_process_table_gives_an_engine_without_running_processes()
    {
        await using var sqlite = new TemporarySqlite();
        await sqlite.ExecuteAsync(TemporarySqlite.Schema);
        await sqlite.ExecuteAsync("DROP TABLE processes_subscriptions; DROP TABLE processes;");
        await using var host = await ScrapeHost.StartAsync(sqlite.DataSource);

        var scrape = await host.ScrapeAsync();

        Assert.That(scrape.Body, Does.Contain("wfo_active_process_count 0.0\n"));
        Assert.That(host.Log.Warnings.Single(), Does.StartWith("Collector ProcessCollector found no schema"));
    }

    [Test]
    public async Task Missing_column_is_a_failure()
    {
        await using var sqlite = new TemporarySqlite();
        await sqlite.ExecuteAsync(TemporarySqlite.Schema);
        await sqlite.ExecuteAsync("ALTER TABLE products RENAME COLUMN name TO title");
        await using var host = await ScrapeHost.StartAsync(sqlite.DataSource);

        var scrape = await host.ScrapeAsync();

        Assert.That(scrape.Status, Is.EqualTo(HttpStatusCode.InternalServerError));
        Assert.That(scrape.Body, Does.StartWith("These collectors failed: SubscriptionCollector, ProcessCollector."));
    }

    [TestCase("DELETE FROM engine_settings", "no row")]
    [TestCase("INSERT INTO engine_settings VALUES (1)", "more than one row")]
    public async Task Engine_settings_must_contain_exactly_one_row(string script, string message)
    {
        await using var sqlite = new TemporarySqlite();
        await sqlite.ExecuteAsync(TemporarySqlite.Schema + script);
        await using var services = GoldenTests.BuildServices(sqlite.DataSource);

        Assert.That(
            async () => await services.GetRequiredService<OrchestratorMetricsRegistry>().CollectAsync().Soon(),
            Throws.InstanceOf<MetricsCollectionException>()
                .With.Property("FailedCollectors").EqualTo(new[] { "WorkflowEngineCollector" })
                .And.InnerException.Message.Contains(message));
    }

    [TestCase(0, 0, "RUNNING")]
    [TestCase(1, 0, "PAUSED")]
    [TestCase(1, 2, "PAUSING")]
    public async Task Engine_status_has_three_states(int locked, int running, string state)
    {
        await using var sqlite = new TemporarySqlite();
        await sqlite.ExecuteAsync(TemporarySqlite.Schema);
        await sqlite.ExecuteAsync(
            $"UPDATE engine_settings SET global_lock = {locked}; INSERT INTO workflows VALUES ('w', 'w', 'w');");
        for (var i = 0; i < running; i++)
            await sqlite.ExecuteAsync($"INSERT INTO processes VALUES ('{i}', 'running', 0, 0, NULL, 0, 'w')");
        await using var host = await ScrapeHost.StartAsync(sqlite.DataSource);

        Assert.That(
            (await host.ScrapeAsync()).Body,
            Does.Contain($"wfo_engine_status{{wfo_engine_status=\"{state}\"}} 1.0\n")
                .And.Contain($"wfo_active_process_count {running}.0\n"));
    }

    [Test]
    public async Task Replaced_file_is_read_by_the_next_scrape_without_pooling()
    {
        await using var original = new TemporarySqlite();
        await using var backup = new TemporarySqlite();
        foreach (var (sqlite, locked) in new[] { (original, 0), (backup, 1) })
        {
            await sqlite.ExecuteAsync(TemporarySqlite.Schema);
            await sqlite.ExecuteAsync($"UPDATE engine_settings SET global_lock = {locked}");
        }

        SqliteConnection.ClearAllPools();
        await using var documented = SqliteFactory.Instance.CreateDataSource(
            original.ConnectionString + "Mode=ReadOnly;Pooling=False");
        await using var host = await ScrapeHost.StartAsync(documented);
        Assert.That((await host.ScrapeAsync()).Body, Does.Contain("wfo_engine_status=\"RUNNING\"} 1.0\n"));

        File.Move(
            new SqliteConnectionStringBuilder(backup.ConnectionString).DataSource,
            new SqliteConnectionStringBuilder(original.ConnectionString).DataSource, overwrite: true);

        Assert.That((await host.ScrapeAsync()).Body, Does.Contain("wfo_engine_status=\"PAUSED\"} 1.0\n"));
    }

    private static async Task AssertSameAsync(string time, params string[] scripts)
    {
        await using var source = await Databases.CreateAsync(scripts);
        await using var sqlite = new TemporarySqlite();
        await source.CopyToSqliteAsync(sqlite, time);
        await using var expected = GoldenTests.BuildServices(source);
        await using var actual = GoldenTests.BuildServices(sqlite.DataSource);

        foreach (var format in new[] { ExpositionFormat.PrometheusText, ExpositionFormat.OpenMetrics })
        {
            Exposition.AssertSame(
                await Exposition.WriteAsync(actual.GetRequiredService<OrchestratorMetricsRegistry>(), format),
                await Exposition.WriteAsync(expected.GetRequiredService<OrchestratorMetricsRegistry>(), format));
        }
    }
}
