using System.Net;
using Npgsql;

namespace Orchestrator.Metrics.Tests;

/// <summary>
/// The failure policy handles faults during a scrape, and the next scrape without a fault succeeds.
/// </summary>
[TestFixture(FailurePolicy.FailScrape)]
[TestFixture(FailurePolicy.ReportAndContinue)]
public class FaultTests(FailurePolicy policy)
{
    private const string BlockedScrapes = "application_name = 'scrapes' AND wait_event_type = 'Lock'";

    [Test]
    public async Task Connection_cut_during_a_query_fails_only_the_collector_that_runs_the_query()
    {
        await using var database = await Databases.CreateAsync(Databases.Schema, Databases.Small);
        await using var scraped = database.CreateDataSource("Application Name=scrapes");
        await using var host = await StartAsync(scraped);
        await using (await database.LockAsync("workflows"))
        {
            var scrape = host.ScrapeAsync();
            await database.WaitForSessionsAsync(BlockedScrapes, 1);
            await database.ReadScalarAsync<bool>(
                $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND " +
                $"{BlockedScrapes}");

            AssertFailed(await scrape, HttpStatusCode.InternalServerError);
        }

        await AssertWorksAsync(host);
    }

    [Test]
    public async Task Idle_connections_cut_in_the_pool_do_not_fail_the_scrape()
    {
        await using var database = await Databases.CreateAsync(Databases.Schema, Databases.Small);
        await using var scraped = database.CreateDataSource("Application Name=scrapes");
        await using var host = await StartAsync(scraped);
        await AssertWorksAsync(host);

        await database.ReadScalarAsync<long>(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() " +
            "AND application_name = 'scrapes'");
        await database.WaitForSessionsAsync("application_name = 'scrapes'", 0);

        await AssertWorksAsync(host);
    }

    [Test]
    public async Task Collector_that_waits_for_a_locked_table_times_out_and_its_query_is_cancelled()
    {
        await using var database = await Databases.CreateAsync(Databases.Schema, Databases.Small);
        await using var scraped = database.CreateDataSource("Application Name=scrapes");
        await using var host = await StartAsync(scraped, timeoutSeconds: 2);
        await AssertWorksAsync(host);
        await using (await database.LockAsync("workflows"))
        {
            // Repeated, because the deadline of the collector must always come before the deadline of the server.
            for (var i = 0; i < 5; i++)
            {
                AssertFailed(await host.ScrapeAsync(), HttpStatusCode.ServiceUnavailable);
                await database.WaitForSessionsAsync("application_name = 'scrapes' AND state <> 'idle'", 0);
            }
        }

        await AssertWorksAsync(host);
    }

    [Test]
    public async Task Locks_that_block_all_collectors_fail_the_scrape_under_every_policy()
    {
        await using var database = await Databases.CreateAsync(Databases.Schema, Databases.Small);
        await using var scraped = database.CreateDataSource("Application Name=scrapes");
        await using var host = await StartAsync(scraped, timeoutSeconds: 2);
        await using (await database.LockAsync("products", "engine_settings"))
        {
            var scrape = await host.ScrapeAsync();

            Assert.That(scrape.Status, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
            Assert.That(scrape.Body, Is.EqualTo(
                "These collectors did not finish in time: SubscriptionCollector, ProcessCollector, " +
                "WorkflowEngineCollector. See the application log for the cause.\n"));
            await database.WaitForSessionsAsync("application_name = 'scrapes' AND state <> 'idle'", 0);
        }

        await AssertWorksAsync(host);
    }

    [Test]
    public async Task Collectors_time_out_if_the_host_exhausts_the_pool()
    {
        await using var database = await Databases.CreateAsync(Databases.Schema, Databases.Small);
        await using var scraped = database.CreateDataSource("Maximum Pool Size=1");
        await using var host = await StartAsync(scraped, timeoutSeconds: 2);
        await using (await scraped.OpenConnectionAsync().AsTask().Soon())
            Assert.That((await host.ScrapeAsync()).Status, Is.EqualTo(HttpStatusCode.ServiceUnavailable));

        await AssertWorksAsync(host);
    }

    [Test]
    public async Task Pool_timeout_before_the_deadline_is_a_failure()
    {
        await using var database = await Databases.CreateAsync(Databases.Schema, Databases.Small);
        await using var scraped = database.CreateDataSource("Maximum Pool Size=1;Timeout=1");
        await using var host = await StartAsync(scraped);
        await using (await scraped.OpenConnectionAsync().AsTask().Soon())
            Assert.That((await host.ScrapeAsync()).Status, Is.EqualTo(HttpStatusCode.InternalServerError));

        await AssertWorksAsync(host);
    }

    [TestCase("Database=no_such_database_8153")]
    [TestCase("Username=no_such_user_8153")]
    [TestCase("Host=no-such-host-8153.invalid")]
    [TestCase("Port=1")]
    public async Task Connection_string_errors_are_in_the_log_and_not_in_the_response(string settings)
    {
        await using var database = await Databases.CreateAsync(Databases.Schema);
        await using var scraped = database.CreateDataSource(settings + ";Password=hunter2");
        await using var host = await StartAsync(scraped);

        var scrape = await host.ScrapeAsync();

        Assert.That(scrape.Status, Is.EqualTo(HttpStatusCode.InternalServerError));
        Assert.That(scrape.Body, Is.EqualTo(
            "These collectors failed: SubscriptionCollector, ProcessCollector, WorkflowEngineCollector. " +
            "See the application log for the cause.\n"));
        Assert.That(scrape.Headers, Does.Not.Contain("8153").And.Not.Contain("hunter2"));
        Assert.That(
            host.Log.Entries.Where(entry => entry.Message.Contains("failed")).Select(entry => entry.Exception),
            Has.Exactly(3).InstanceOf<Exception>());
        Assert.That(
            host.Log.Entries.Select(entry => $"{entry.Message} {entry.Exception}"), Has.None.Contain("hunter2"));
    }

    // The row that divides by zero: the first, a middle and the last of 1000 rows.
    [TestCase(1)]
    [TestCase(500)]
    [TestCase(1000)]
    public async Task Error_at_any_row_fails_the_collector_and_none_of_its_samples_are_served(int row)
    {
        await using var database = await Databases.CreateAsync(
            Databases.Schema, Databases.Small, $"CREATE TABLE knob AS SELECT {row} AS k");
        await using var scraped = database.CreateDataSource("Application Name=scrapes");
        await using var host = await ScrapeHost.StartAsync(
            scraped,
            options => options.Dialect = new SqlDialect(SqlDialect.PostgreSql)
            {
                ProcessCountsQuery = _ =>
                    "SELECT repeat('x', 200) AS last_status, '' AS created_by, true AS is_task, 'row ' || n AS " +
                    "product_name, '' AS workflow_name, '' AS customer_id, '' AS workflow_target, 1 / (n - (SELECT " +
                    "k FROM knob)) AS count, 0.0 AS total_seconds FROM generate_series(1, 1000) n",
            },
            options => options.FailurePolicy = policy);

        var scrape = await host.ScrapeAsync();

        AssertFailed(scrape, HttpStatusCode.InternalServerError);
        Assert.That(scrape.Body, Does.Not.Contain("row 1").And.Not.Contain("division"));
        await database.WaitForSessionsAsync("application_name = 'scrapes' AND state <> 'idle'", 0);
        await PostgreSqlServer.ExecuteAsync(database, "UPDATE knob SET k = 0");
        Assert.That((await host.ScrapeAsync()).CountSamples("wfo_process_count"), Is.EqualTo(1000));
    }

    private Task<ScrapeHost> StartAsync(NpgsqlDataSource database, int timeoutSeconds = 30) =>
        ScrapeHost.StartAsync(database, options: options =>
            (options.FailurePolicy, options.CollectorTimeout) = (policy, TimeSpan.FromSeconds(timeoutSeconds)));

    private void AssertFailed(Scrape scrape, HttpStatusCode status)
    {
        if (policy == FailurePolicy.FailScrape)
        {
            Assert.That(scrape.Status, Is.EqualTo(status), scrape.Body);
            Assert.That(scrape.Body, Does.Contain(": ProcessCollector. "));
        }
        else
        {
            Assert.That(scrape.Status, Is.EqualTo(HttpStatusCode.OK), scrape.Body);
            Assert.That(scrape.CountSamples("wfo_process_count"), Is.Zero);
            Assert.That(scrape.CountSamples("wfo_subscriptions_count"), Is.Positive);
            Assert.That(scrape.CountSamples("wfo_engine_status"), Is.EqualTo(3));
            Assert.That(
                scrape.Body, Does.Contain("wfo_scrape_collector_success{collector=\"ProcessCollector\"} 0.0\n"));
        }
    }

    private static async Task AssertWorksAsync(ScrapeHost host)
    {
        var scrape = await host.ScrapeAsync();
        Assert.That(scrape.Status, Is.EqualTo(HttpStatusCode.OK), string.Join('\n', host.Log.Entries));
        Assert.That(scrape.CountSamples("wfo_process_count"), Is.Positive);
        Assert.That(scrape.CountSamples("wfo_subscriptions_count"), Is.Positive);
        Assert.That(scrape.CountSamples("wfo_engine_status"), Is.EqualTo(3));
    }
}
