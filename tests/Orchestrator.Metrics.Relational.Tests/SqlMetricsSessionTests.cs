using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Orchestrator.Metrics.Tests;

public class SqlMetricsSessionTests
{
    [Test]
    public async Task Queries_of_one_collector_run_in_one_transaction()
    {
        const string Query = "SELECT extract(epoch FROM now()) AS t, pg_backend_pid() AS pid";
        await using var database = await Databases.CreateAsync();

        var snapshot = await SqlMetricsHost.CollectAsync(
            database, Query,
            metrics => metrics.Gauge("acme_first", "", "t", ["pid"])
                .AddQuery(Query, more => more.Gauge("acme_second", "", "t", ["pid"])));

        var lines = snapshot.ToText().Split('\n').Where(line => line.StartsWith("acme", StringComparison.Ordinal)).ToArray();
        Assert.That(lines, Has.Length.EqualTo(2));
        Assert.That(lines[1], Is.EqualTo(lines[0].Replace("first", "second")));
    }

    [Test]
    public async Task Query_that_writes_fails_and_writes_nothing()
    {
        await using var database = await Databases.CreateAsync("CREATE TABLE ports (n INTEGER)");

        var error = await SqlMetricsHost.CollectFailureAsync(
            database, "INSERT INTO ports VALUES (1) RETURNING n", metrics => metrics.Gauge("acme", "", "n"));

        Assert.That(error, Is.InstanceOf<PostgresException>()
            .With.Property("SqlState").EqualTo(PostgresErrorCodes.ReadOnlySqlTransaction));
        Assert.That(await database.ReadScalarAsync<long>("SELECT count(*) FROM ports"), Is.Zero);
    }

    [TestCase("SELECT nix AS n")]
    [TestCase("SELECT 1 AS n FROM nix")]
    [TestCase("SELECT 1 AS m")]
    [TestCase("SELECT 'x' AS n")]
    [TestCase("SELECT -1 AS n")]
    public async Task Error_names_the_families_of_the_query_that_failed(string query)
    {
        await using var database = await Databases.CreateAsync();

        var error = await SqlMetricsHost.CollectFailureAsync(
            database, "SELECT 1 AS n",
            metrics => metrics.Gauge("acme_first", "", "n")
                .AddQuery(query, more => more.Gauge("acme_second", "", "n").Counter("acme_third_total", "", "n"))
                .AddQuery("SELECT 4 AS n", more => more.Gauge("acme_fourth", "", "n")));

        Assert.That(error.Data["Families"], Is.EqualTo("acme_second, acme_third_total"));
    }

    [Test]
    public async Task Scrape_that_is_cancelled_cancels_the_query_on_the_server()
    {
        await using var database = await Databases.CreateAsync();
        await using var scraped = database.CreateDataSource("Application Name=scrapes");
        await using var host = await ScrapeHost.StartAsync(scraped, add: metrics => metrics.AddSqlMetrics(
            "slow", "SELECT 1 AS n FROM pg_sleep(600)", define => define.Gauge("acme_slow", "", "n")));
        using var disconnect = new CancellationTokenSource();

        var scrape = host.ScrapeAsync(query: "?name[]=acme_slow", cancellationToken: disconnect.Token);
        await database.WaitForSessionsAsync("application_name = 'scrapes' AND state = 'active'", 1);
        await disconnect.CancelAsync();

        Assert.That(async () => await scrape, Throws.InstanceOf<OperationCanceledException>());
        await database.WaitForSessionsAsync("application_name = 'scrapes' AND state <> 'idle'", 0);
    }

    [Test]
    public async Task Collector_that_times_out_names_the_families_of_the_running_query_in_the_log()
    {
        using var log = new ListLogger();
        await using var database = await Databases.CreateAsync();
        await using var services = SqlMetricsHost.BuildServices(
            database,
            metrics =>
            {
                metrics.Services.AddSingleton<ILogger<OrchestratorMetricsRegistry>>(log);
                metrics.AddSqlMetrics(
                    "slow", "SELECT 1 AS n",
                    define => define.Gauge("acme_fast", "", "n").AddQuery(
                        "SELECT 1 AS n FROM pg_sleep(600)",
                        more => more.Gauge("acme_slow", "", "n").Counter("acme_runs_total", "", "n")));
            },
            options => options.CollectorTimeout = TimeSpan.FromSeconds(1));

        var scrape = services.GetRequiredService<OrchestratorMetricsRegistry>().CollectAsync().Soon();

        await Assert.ThatAsync(() => scrape, Throws.InstanceOf<MetricsCollectionException>());
        var ended = await log.WaitForAsync(entry => entry.Event.Id == 3);
        Assert.That(ended.Message, Does.EndWith("past its timeout in the query of acme_slow, acme_runs_total."));
        Assert.That(log.Entries.Select(entry => entry.Message), Has.None.Contains("SELECT"));
    }

    [TestCase(true, 0)]
    [TestCase(false, 1)]
    public async Task SQL_metrics_read_the_snapshot_of_their_scrape(bool shared, int rows)
    {
        await using var database = await Databases.CreateAsync("CREATE TABLE ports (n INTEGER)");
        await using var services = SqlMetricsHost.BuildServices(
            database,
            metrics => metrics
                .AddOrchestratorDatabase(configure: options => options.SharedSnapshot = shared)
                .AddCollector("first", async (scope, cancellationToken) =>
                {
                    await scope.GetRequiredService<OrchestratorDatabase>().ReadAsync(
                        "SELECT 1 AS n", row => row.GetInt64("n"), cancellationToken);
                    await PostgreSqlServer.ExecuteAsync(database, "INSERT INTO ports VALUES (1)");
                    return [];
                })
                .AddSqlMetrics(
                    "second", "SELECT count(*) AS n FROM ports", define => define.Gauge("acme", "", "n")),
            options => options.MaxConcurrentCollectors = 1);

        var snapshot = await services.GetRequiredService<OrchestratorMetricsRegistry>().CollectAsync().Soon();

        Assert.That(snapshot.TryGetValue("acme", out var value));
        Assert.That(value, Is.EqualTo(rows));
    }

    [TestCase(500, true)]
    [TestCase(501, false)]
    public async Task Samples_of_all_families_count_against_the_limit(int rows, bool succeeds)
    {
        await using var database = await Databases.CreateAsync();
        var query = $"SELECT n, n AS even FROM generate_series(1, {rows}) n";

        if (succeeds)
        {
            Assert.That((await SqlMetricsHost.CollectAsync(database, query, Define, Limit)).Families, Has.Count.EqualTo(2));
        }
        else
        {
            var error = await SqlMetricsHost.CollectFailureAsync(database, query, Define, Limit);
            Assert.That(error.Message, Is.EqualTo(
                "The query returned more than 1000 samples, the limit set by MaxSamplesPerCollector. Group by fewer " +
                "labels, or raise the limit."));
            Assert.That(error.Data["Families"], Is.EqualTo("acme_n, acme_even"));
        }
    }

    // The test would time out if the rows beyond the limit were received.
    [Test]
    public async Task Rows_beyond_the_limit_are_not_received()
    {
        await using var database = await Databases.CreateAsync();
        await using var scraped = database.CreateDataSource("Application Name=scrapes");

        var error = await SqlMetricsHost.CollectFailureAsync(
            scraped, "SELECT n, n AS even FROM (SELECT generate_series(1, 2000000000) AS n) s", Define, Limit);

        Assert.That(error.Message, Does.StartWith("The query returned more than 1000 samples"));
        await database.WaitForSessionsAsync("application_name = 'scrapes' AND state <> 'idle'", 0);
    }

    [Test]
    public async Task Missing_table_is_an_error_that_names_it()
    {
        await using var database = await Databases.CreateAsync();

        var error = await SqlMetricsHost.CollectFailureAsync(
            database, "SELECT n FROM no_such_table", metrics => metrics.Gauge("acme", "", "n"));

        Assert.That(error, Is.InstanceOf<SchemaNotFoundException>()
            .With.InnerException.Message.Contains("no_such_table"));
    }

    [Test]
    public async Task Failed_SQL_metrics_do_not_fail_the_other_collectors()
    {
        await using var database = await Databases.CreateAsync(Databases.Schema, Databases.Small);
        await using var host = await ScrapeHost.StartAsync(
            database, options: options => options.FailurePolicy = FailurePolicy.ReportAndContinue,
            add: metrics => metrics.AddSqlMetrics(
                "broken", "SELECT secret FROM nowhere", define => define.Gauge("acme", "", "secret")));

        var scrape = await host.ScrapeAsync();

        Assert.That(scrape.Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(scrape.CountSamples("wfo_process_count"), Is.Positive);
        Assert.That(scrape.Body, Does.Contain("wfo_scrape_collector_success{collector=\"broken\"} 0.0\n")
            .And.Not.Contain("secret"));
    }

    private static void Define(SqlMetricsBuilder metrics) =>
        metrics.Gauge("acme_n", "", "n", ["n"]).Gauge("acme_even", "", "even", ["n"]);

    private static void Limit(OrchestratorMetricsOptions options) => options.MaxSamplesPerCollector = 1000;
}
