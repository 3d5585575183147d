using System.Net;
using Npgsql;

namespace Orchestrator.Metrics.Tests;

public class RealDatabaseTests
{
    private const string Joined =
        """
        FROM processes r
        JOIN processes_subscriptions l ON l.pid = r.pid
        JOIN subscriptions s ON s.subscription_id = l.subscription_id
        JOIN products p ON p.product_id = s.product_id
        JOIN workflows w ON w.workflow_id = r.workflow_id
        """;

    [Test]
    public async Task PromQL_and_SQL_return_the_same_counts()
    {
        await using var server = await PostgreSqlServer.StartAsync();
        await using var database = await server.CreateDatabaseAsync(ReadScript("schema.sql"), ReadScript("small.sql"));
        await using var sample = await SampleProgram.StartAsync(
            ("ConnectionStrings__Orchestrator", database.ConnectionString));
        await using var prometheus = PrometheusServer.Start(sample.Client.BaseAddress!);

        foreach (var (promQl, sql) in new[]
        {
            ("sum(wfo_subscriptions_count)", "SELECT count(*) FROM subscriptions"),
            ("sum(wfo_subscriptions_count{lifecycle_state='active',insync='True'})",
                "SELECT count(*) FROM subscriptions WHERE status = 'active' AND insync"),
            ("sum(wfo_process_count)", $"SELECT count(*) {Joined}"),
            ("sum(wfo_process_count{is_task='True'})", $"SELECT count(*) {Joined} WHERE r.is_task"),
            ("sum(wfo_process_count{created_by='None'})", $"SELECT count(*) {Joined} WHERE r.created_by IS NULL"),
            ("count(wfo_process_count{last_status='failed'})",
                $"""
                SELECT count(*) FROM (SELECT 1 {Joined} WHERE r.last_status = 'failed'
                GROUP BY r.created_by, r.is_task, p.name, w.name, w.target, s.customer_id) g
                """),
            ("sum(wfo_process_seconds_total_count{created_by='t@6514.921'})",
                $"SELECT sum(extract(epoch FROM r.last_modified_at - r.started_at))::float8 {Joined} WHERE " +
                "r.created_by = 't@6514.921'"),
            ("wfo_active_process_count", "SELECT count(*) FROM processes WHERE last_status = 'running'"),
            (
                "wfo_engine_status{wfo_engine_status='RUNNING'}",
                "SELECT count(*) FROM engine_settings WHERE NOT global_lock"),
            ("up", "SELECT 1"),
        })
        {
            var expected = Convert.ToDouble(
                await ReadScalarAsync(database, sql), System.Globalization.CultureInfo.InvariantCulture);
            Assert.That((await prometheus.QueryAsync(promQl)).Values.Single(), Is.EqualTo(expected), promQl);
        }
    }

    [Test]
    public async Task Database_is_only_read()
    {
        await using var server = await PostgreSqlServer.StartAsync();
        await using var database = await server.CreateDatabaseAsync(ReadScript("schema.sql"), ReadScript("small.sql"));
        await using var sample = await SampleProgram.StartAsync(
            ("ConnectionStrings__Orchestrator", database.ConnectionString));

        var text = await sample.Client.GetStringAsync("/api/metrics");
        using var pause = await sample.Client.PostAsync("/api/engine/pause", null);

        Assert.That(text, Does.Contain("# TYPE wfo_active_process_count gauge\nwfo_active_process_count 3.0\n"));
        Assert.That(text, Does.Not.Contain("acme_"));
        Assert.That(pause.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(
            await ReadScalarAsync(
                database, "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"),
            Is.EqualTo(6));
    }

    [Test]
    public async Task SIGTERM_during_a_scrape_stops_the_program_and_the_client_receives_503()
    {
        await using var server = await PostgreSqlServer.StartAsync();
        await using var database = await server.CreateDatabaseAsync(ReadScript("schema.sql"), ReadScript("small.sql"));

        // These timeouts are too long to end the scrape.
        await using var sample = await SampleProgram.StartAsync(
            ("ConnectionStrings__Orchestrator", database.ConnectionString),
            ("DOTNET_shutdownTimeoutSeconds", "3600"),
            ("OrchestratorMetrics__CollectorTimeout", "1.00:00:00"));

        // The lock blocks the query of a collector.
        await using var connection = await database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var command = new NpgsqlCommand(
            "LOCK TABLE processes IN ACCESS EXCLUSIVE MODE", connection, transaction);
        await command.ExecuteNonQueryAsync();
        var scrape = sample.Client.GetAsync("/api/metrics");
        await Waiting.UntilAsync(
            () => ReadScalarAsync(database, "SELECT count(*) FROM pg_locks WHERE NOT granted"), count => count is > 0L);

        await sample.Program.WaitForExitAsync(terminate: true);

        using var response = await scrape;
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(await response.Content.ReadAsStringAsync(), Is.EqualTo("The application is shutting down.\n"));
    }

    private static string ReadScript(string name) =>
        File.ReadAllText(TestFiles.GetGolden(Path.Combine("orchestrator-db", name)));

    private static async Task<object?> ReadScalarAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}
