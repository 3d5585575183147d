using System.Net;

namespace Orchestrator.Metrics.Tests;

public class TransactionTests
{
    // The deadline of the scrape does not apply: a scrape with a later deadline may join the run, and the server must
    // not cancel its query.
    [TestCase(null, 12, 12_000)]
    [TestCase(5.0, 12, 12_000)]
    [TestCase(600.0, 30, 30_000)]
    public async Task Statement_timeout_is_the_deadline_of_the_run(
        double? scrapeTimeout, int collectorTimeout, int remaining)
    {
        await using var database = await Databases.CreateAsync(Databases.Schema);
        await using var host = await ScrapeHost.StartAsync(
            database,
            options => options.Dialect = CreateDialectOfSettings("statement_timeout"),
            options => options.CollectorTimeout = TimeSpan.FromSeconds(collectorTimeout));

        var scrape = await host.ScrapeAsync(scrapeTimeout);

        Assert.That(scrape.Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(
            int.Parse(FindSetting(scrape, "statement_timeout"), System.Globalization.CultureInfo.InvariantCulture),
            Is.InRange(remaining - 5_000, remaining + 1_000),
            "The server has a margin, so that the deadline of the run comes first.");
    }

    [Test]
    public async Task Transaction_settings_leave_nothing_behind_on_a_pooled_connection()
    {
        const string AllSettings =
            "SELECT string_agg(name || '=' || setting, ',' ORDER BY name) FROM pg_settings";
        await using var server = await Databases.CreateAsync(Databases.Schema, Databases.Small);

        // The provider does not reset the connection, because that would hide remaining settings.
        await using var database = server.CreateDataSource("Maximum Pool Size=1;No Reset On Close=true");
        var pid = await database.ReadScalarAsync<int>("SELECT pg_backend_pid()");
        var before = await database.ReadScalarAsync<string>(AllSettings);
        await using var host = await ScrapeHost.StartAsync(database);

        Assert.That((await host.ScrapeAsync(20)).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await database.ReadScalarAsync<string>(AllSettings), Is.EqualTo(before));
        await PostgreSqlServer.ExecuteAsync(server, "DROP TABLE processes CASCADE; DELETE FROM engine_settings");
        Assert.That((await host.ScrapeAsync(20)).Status, Is.EqualTo(HttpStatusCode.InternalServerError));
        Assert.That(await database.ReadScalarAsync<string>(AllSettings), Is.EqualTo(before), "after a failure");

        Assert.That(
            await database.ReadScalarAsync<int>("SELECT pg_backend_pid()"), Is.EqualTo(pid), "the same connection");
    }

    [Test]
    public async Task Cancelled_scrape_cancels_its_query_on_the_server()
    {
        const string Sleeping = "state = 'active' AND query LIKE '%pg_sleep(600)%'";
        await using var database = await Databases.CreateAsync(Databases.Schema);
        await using var host = await ScrapeHost.StartAsync(database, options => options.Dialect =
            new SqlDialect(SqlDialect.PostgreSql) { RunningProcessesQuery = "SELECT 1::bigint AS count FROM pg_sleep(600)" });
        using var disconnect = new CancellationTokenSource();

        var scrape = host.ScrapeAsync(cancellationToken: disconnect.Token);
        await database.WaitForSessionsAsync(Sleeping, 1);
        await disconnect.CancelAsync();

        Assert.That(async () => await scrape, Throws.InstanceOf<OperationCanceledException>());
        await database.WaitForSessionsAsync(Sleeping, 0);
        await database.WaitForSessionsAsync("state LIKE 'idle in transaction%'", 0);
    }

    [Test]
    public async Task Query_slower_than_the_scrape_timeout_continues_and_serves_a_later_scrape()
    {
        await using var database = await Databases.CreateAsync(Databases.Schema);
        await using var host = await ScrapeHost.StartAsync(database, options => options.Dialect =
            new SqlDialect(SqlDialect.PostgreSql) { RunningProcessesQuery = "SELECT 7::bigint AS count FROM pg_sleep(3)" });

        var first = await host.ScrapeAsync(1);
        var second = await host.ScrapeAsync();

        Assert.That(first.Status, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(second.Body, Does.Contain("wfo_active_process_count 7.0\n"));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Parallel_workers_are_optional_for_the_process_query_and_not_used_for_other_queries(
        bool parallel)
    {
        await using var database = await Databases.CreateAsync(Databases.Schema, Databases.Small, """
            CREATE FUNCTION plan(query text) RETURNS SETOF text LANGUAGE plpgsql AS
                $$ BEGIN RETURN QUERY EXECUTE 'EXPLAIN (ANALYZE, TIMING OFF) ' || query; END $$;
            ANALYZE;
            DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || ' SET min_parallel_table_scan_size = 0'; END $$;
            """);
        await using var fresh = database.CreateDataSource("Application Name=fresh");
        await using var host = await ScrapeHost.StartAsync(fresh, options =>
        {
            options.ParallelQuery = parallel;
            options.Dialect = new SqlDialect(SqlDialect.PostgreSql)
            {
                ProcessCountsQuery = _ =>
                    "SELECT line AS last_status, '' AS created_by, false AS is_task, '' AS product_name, '' AS " +
                    "workflow_name, '' AS customer_id, '' AS workflow_target, row_number() OVER () AS count, 0 AS " +
                    "total_seconds FROM " +
                    $"plan($q${SqlDialect.PostgreSql.ProcessCountsQuery([])}$q$) line",
                SubscriptionCountsQuery = _ =>
                    "SELECT line AS product_name, '' AS lifecycle_state, '' AS customer_id, false AS insync, row_number() " +
                    "OVER () AS count FROM " +
                    $"plan($q${SqlDialect.PostgreSql.ProcessCountsQuery([])}$q$) line",
            };
        });

        var lines = (await host.ScrapeAsync()).Body.Split('\n');
        var processes = string.Join(
            '\n', lines.Where(line => line.StartsWith("wfo_process_count", StringComparison.Ordinal)));
        var subscriptions = string.Join(
            '\n', lines.Where(line => line.StartsWith("wfo_sub", StringComparison.Ordinal)));

        Assert.Multiple(() =>
        {
            Assert.That(processes, Does.Contain("Hash Join"), "the query has a plan");
            Assert.That(processes.Contains("Workers Launched:"), Is.EqualTo(parallel));
            Assert.That(subscriptions, Does.Contain("Hash Join"), "the query has a plan");
            Assert.That(subscriptions, Does.Not.Contain("Workers Launched:"));
        });
    }

    [Test]
    public async Task Queries_run_read_only_in_repeatable_read_without_jit()
    {
        await using var database = await Databases.CreateAsync(Databases.Schema);
        await using var host = await ScrapeHost.StartAsync(
            database,
            options => options.Dialect = CreateDialectOfSettings(
                "jit", "transaction_read_only", "transaction_isolation"));

        var scrape = await host.ScrapeAsync();

        Assert.Multiple(() =>
        {
            Assert.That(FindSetting(scrape, "jit"), Is.EqualTo("off"));
            Assert.That(FindSetting(scrape, "transaction_read_only"), Is.EqualTo("on"));
            Assert.That(FindSetting(scrape, "transaction_isolation"), Is.EqualTo("repeatable read"));
        });
    }

    private static SqlDialect CreateDialectOfSettings(params string[] names) => new SqlDialect(SqlDialect.PostgreSql)
    {
        SubscriptionCountsQuery = _ =>
            "SELECT name AS product_name, setting AS lifecycle_state, '' AS customer_id, false AS insync, 1 AS count " +
            "FROM pg_settings WHERE name IN " +
            $"({string.Join(", ", names.Select(name => $"'{name}'"))})",
    };

    private static string FindSetting(Scrape scrape, string name) => System.Text.RegularExpressions.Regex.Match(
        scrape.Body, $"lifecycle_state=\"([^\"]*)\",product_name=\"{name}\"").Groups[1].Value;
}
