using Npgsql;
using Orchestrator.Metrics.Exporter.Tests.Hosting;
using Orchestrator.Metrics.Tests;

namespace Orchestrator.Metrics.Exporter.Tests.Checks;

/// <summary><c>--check</c> of the database. All users except postgres authenticate with SCRAM.</summary>
public partial class DatabaseCheckTests
{
    private const string Password = "S3cret !/@'\"%";

    private const string NoColumn =
        "The query does not match the database schema (column \"nix\" does not exist). Correct the query.";

    private const string NoTable =
        "A table is missing (relation \"nix\" does not exist). Run the migrations, or correct the query or " +
        "the database in DATABASE_URI.";

    private const string NoPermission =
        "The user lacks a permission (permission denied for table products_log). As the owner, grant SELECT on the table, " +
        "or USAGE on the schema, to the user of DATABASE_URI.";

    private const string Cancelled =
        "The server cancelled the query (canceling statement due to statement timeout). Look for locks and " +
        "slow queries, or raise the timeout.";

    private const string Writes =
        "The query writes data, but the transaction is read-only (cannot execute INSERT in a read-only transaction). " +
        "Correct the query.";

    private const string NoSnapshot =
        "The snapshot of the scrape does not exist on the server, for example because a load balancer chose another one. " +
        "Set only one server in DATABASE_URI, or database.shared_snapshot to false.";

    private static readonly string[] Tables =
        ["engine_settings", "processes", "processes_subscriptions", "products", "subscriptions", "workflows"];

    private PostgreSqlServer _server = null!;
    private NpgsqlDataSource _database = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _server = await ExporterDatabase.StartAsync();
        _database = await _server.CreateDatabaseAsync(
            ExporterDatabase.Schema, ExporterDatabase.Small,
            $"""
            CREATE ROLE nwa LOGIN PASSWORD '{Password.Replace("'", "''", StringComparison.Ordinal)}';
            GRANT SELECT ON {string.Join(", ", Tables)} TO nwa;
            """);
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_database is not null)
            await _database.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
    }

    [Test]
    public async Task Report_of_a_user_who_may_read_the_six_tables_has_no_failure()
    {
        var check = await CheckRun.RunAsync(BuildUri(), ["--operational.enabled"]);

        var version = await ReadVersionAsync();
        Assert.That(check.Status, Is.Zero);
        Assert.That(check.Masked, Is.EqualTo(
            $"""
            ok      configuration: No file is used.
            ok      database: PostgreSQL {version} at 127.0.0.1:5432, database 'test1', user 'nwa', not encrypted.
            ok      table engine_settings: The user may read it.
            ok      table processes: The user may read it.
            ok      table processes_subscriptions: The user may read it.
            ok      table products: The user may read it.
            ok      table subscriptions: The user may read it.
            ok      table workflows: The user may read it.
            ok      schema: The tables are those of orchestrator-core 2.0.1 or later. The newest version that was tested is 5.3.0.
            ok      collector SubscriptionCollector: 34 samples in 0.000 s.
            ok      collector ProcessCollector: 252 samples in 0.000 s.
            ok      collector WorkflowEngineCollector: 4 samples in 0.000 s.
            ok      collector OperationalCollector: 92 samples in 0.000 s.
            ok      collector wfo_exporter_build_info: 1 sample in 0.000 s.
            All 14 checks succeeded.

            """));
    }

    [Test]
    public async Task Each_table_that_the_user_may_not_read_is_named()
    {
        foreach (var table in Tables)
        {
            await PostgreSqlServer.ExecuteAsync(_database, $"REVOKE SELECT ON {table} FROM nwa");
            var check = await CheckRun.RunAsync(BuildUri(), ["--operational.enabled"]);
            await PostgreSqlServer.ExecuteAsync(_database, $"GRANT SELECT ON {table} TO nwa");

            Assert.That(check.Status, Is.EqualTo(1));
            Assert.That(check.Failures[0], Is.EqualTo(
                $"table {table}: The user may not read it. Run as the owner of the table: GRANT SELECT ON {table} TO nwa;"));
        }
    }

    [Test]
    public async Task Tables_that_no_collector_reads_are_not_checked()
    {
        var check = await CheckRun.RunAsync(
            BuildUri(),
            [
                "--collectors.processes.enabled=false", "--collectors.workflow-engine.enabled=false",
                "--collectors.subscriptions.drop-labels=product_name",
            ]);

        Assert.That(check.Status, Is.Zero);
        Assert.That(check.Report, Does.Contain("table subscriptions").And.Not.Contain("table p"));
    }

    [Test]
    public async Task Missing_table_is_a_failure_although_its_collector_succeeds()
    {
        await using var database = await _server.CreateDatabaseAsync(
            ExporterDatabase.Schema, "DROP TABLE engine_settings");

        var check = await CheckRun.RunAsync(ExporterDatabase.BuildUri(database));

        Assert.That(check.Status, Is.EqualTo(1));
        Assert.That(check.Failures, Is.EqualTo(new[]
        {
            "table engine_settings: It does not exist for this user. Correct the name of the database in DATABASE_URI, " +
                "or run the migrations of orchestrator-core, or grant USAGE on its schema.",
        }));
        Assert.That(check.Notes.Single(), Does.StartWith("Collector WorkflowEngineCollector found no schema"));
        Assert.That(check.Report, Does.Not.Contain("schema:"));
    }

    [Test]
    public async Task Failure_because_of_an_old_schema_names_the_required_version()
    {
        await using var database = await _server.CreateDatabaseAsync(
            ExporterDatabase.Schema,
            "DROP VIEW IF EXISTS processes_view; ALTER TABLE processes DROP COLUMN workflow_id CASCADE");

        var check = await CheckRun.RunAsync(ExporterDatabase.BuildUri(database));

        Assert.That(check.Failures, Is.EqualTo(new[]
        {
            "schema: The database needs orchestrator-core 2.0.1 or later: column processes.workflow_id is missing. " +
                "Upgrade orchestrator-core and run its migrations.",
            "collector ProcessCollector: Same as for schema, see above.",
        }));
    }

    [Test]
    public async Task Failure_of_an_exporter_query_that_does_not_match_the_schema_names_the_required_version()
    {
        await using var database = await _server.CreateDatabaseAsync(
            ExporterDatabase.Schema, "ALTER TABLE subscriptions DROP COLUMN insync CASCADE");

        var check = await CheckRun.RunAsync(ExporterDatabase.BuildUri(database));

        Assert.That(check.Failures.Single(), Does
            .StartWith("collector SubscriptionCollector: The query does not match the database schema ")
            .And.EndsWith("Check the version of orchestrator-core: its metrics need 2.0.1 or later."));
    }

    [Test]
    public async Task Failure_because_of_a_limit_of_the_exporter_names_the_setting()
    {
        var connections = await CheckRun.RunAsync(
            BuildUri() + "?connect_timeout=1", ["--database.max-connections=1", "--database.shared-snapshot"]);
        var samples = await CheckRun.RunAsync(BuildUri(), ["--scrape.max-samples-per-collector=100"]);

        Assert.That(connections.Failures[0], Does.EndWith(
            ": All connections of the exporter were in use. Raise database.max_connections."));
        Assert.That(samples.Failures, Is.EqualTo(new[]
        {
            "collector ProcessCollector: The query returned more than 100 rows, the limit set by " +
                "scrape.max_samples_per_collector. Group by fewer labels, or raise the limit.",
        }));
    }

    [Test]
    public async Task Check_stores_no_shared_results()
    {
        await using var redis = await RedisServer.StartAsync();

        var check = await CheckRun.RunAsync(
            BuildUri(), ["--collectors.processes.cache-for=10m", "--collectors.processes.shared"],
            ("WFO_EXPORTER_REDIS_CONNECTION", redis.Address));

        Assert.That(check.Status, Is.Zero);
        Assert.That(
            RedisServer.GetKeys(await redis.ConnectAsync()),
            Is.EqualTo(new[] { "orchestrator-metrics:orchestrator-metrics-exporter:check" }));
    }

    [Test]
    public async Task Locked_table_is_explained()
    {
        await using (await _database.LockAsync("engine_settings"))
        {
            var timedOut = await CheckRun.RunAsync(BuildUri(), ["--collectors.workflow-engine.timeout=200ms"]);
            await PostgreSqlServer.ExecuteAsync(_database, "ALTER ROLE nwa SET lock_timeout = '100ms'");
            var refused = await CheckRun.RunAsync(BuildUri());
            await PostgreSqlServer.ExecuteAsync(_database, "ALTER ROLE nwa RESET lock_timeout");

            Assert.That(timedOut.Failures.Single(), Does.Match(
                "^collector WorkflowEngineCollector: Collector 'WorkflowEngineCollector' did not finish within [0-9.]+ s\\. " +
                "Look for locks and slow queries, or raise scrape\\.collector_timeout or the timeout of the collector\\.$"));
            Assert.That(refused.Failures, Is.EqualTo(new[]
            {
                "collector WorkflowEngineCollector: A table is locked (canceling statement due to lock timeout), for " +
                    "example by a migration. Try again when it has ended.",
            }));
        }
    }

    [TestCase("SELECT nix AS n", NoColumn)]
    [TestCase("SELECT 1 AS n FROM nix", NoTable)]
    [TestCase("SELECT 1 AS n FROM products_log", NoPermission)]
    [TestCase("SET LOCAL statement_timeout = 50; SELECT 1 AS n FROM pg_sleep(20)", Cancelled)]
    [TestCase("INSERT INTO products_log VALUES (1) RETURNING 1 AS n", Writes)]
    [TestCase("SET TRANSACTION SNAPSHOT ''00000003-0000001B-1''; SELECT 1 AS n", NoSnapshot)]
    public async Task Failed_query_of_a_collector_file_is_explained(string query, string failure)
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write(
            "exporter.yaml", "collector_files: [mine.yml]\ncollectors: {mine: {failure_policy: fail_scrape}}");
        folder.Write(
            "mine.yml",
            $"collector_name: mine\nmetrics: [{{metric_name: m, type: gauge, help: h, values: [n], query: '{query}'}}]");
        await PostgreSqlServer.ExecuteAsync(_database, "CREATE TABLE IF NOT EXISTS products_log (n int)");

        var check = await CheckRun.RunAsync(BuildUri(), [$"--config.file={file}"]);

        Assert.That(check.Failures, Is.EqualTo(new[] { "collector mine, query of m: " + failure }));
        Assert.That(check.Report, Does.StartWith($"ok      configuration: {file}\n"));
    }

    [Test]
    public async Task PgBouncer_is_reported()
    {
        await using var bouncer = await PgBouncer.StartAsync(_database, "transaction");
        await using var through = bouncer.CreateDataSource(_database);

        var check = await CheckRun.RunAsync(ExporterDatabase.BuildUri(through));

        Assert.That(check.Status, Is.Zero);
        Assert.That(check.Report, Does.Contain("user 'postgres', through a pooler such as PgBouncer.\n"));

        var wrong = await CheckRun.RunAsync(
            ExporterDatabase.BuildUri(through).Replace("/test1", "/nix", StringComparison.Ordinal));
        Assert.That(wrong.Failures[0], Is.EqualTo(
            "database: The server, or a pooler such as PgBouncer in front of it, refuses the connection (database \"nix\" " +
            "does not exist). Check DATABASE_URI and the settings of the pooler."));
    }

    private string BuildUri(string user = "nwa", string? password = Password) =>
        ExporterDatabase.BuildUri(_database, user, password);

    /// <summary>Reads the version of the server, without the suffix of a distribution.</summary>
    private async Task<string> ReadVersionAsync() =>
        (await _database.ReadScalarAsync<string>("SHOW server_version")).Split(' ')[0];
}
