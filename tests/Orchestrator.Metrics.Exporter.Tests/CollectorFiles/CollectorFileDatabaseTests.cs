using System.Data.Common;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Orchestrator.Metrics.Exporter.CollectorFiles;
using Orchestrator.Metrics.Tests;

namespace Orchestrator.Metrics.Exporter.Tests.CollectorFiles;

// Collectors from files read a PostgreSQL database according to the rules of sql_exporter.
internal sealed class CollectorFileDatabaseTests
{
    private const string Tables = """
        CREATE TABLE ports (
            site TEXT, speed INTEGER, up BOOLEAN, rate NUMERIC(10, 2), load DOUBLE PRECISION, digits TEXT,
            seen TIMESTAMPTZ, id UUID);
        INSERT INTO ports VALUES
            ('Oslo', 10, true, 1.50, 'NaN', '17', '2026-11-25 10:30:00+01', '8E2E7F63-0BBA-4E9D-9A1E-4C3D1D1E2F30'),
            (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
        CREATE TABLE visits (n INTEGER);
        """;

    private PostgreSqlServer _server = null!;
    private NpgsqlDataSource _database = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _server = await PostgreSqlServer.StartAsync();
        _database = await _server.CreateDatabaseAsync(Tables);
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
    public async Task NULL_label_is_empty_and_NULL_value_is_omitted()
    {
        const string Rest = "type: gauge, help: Help., query_ref: ports";

        var text = await CollectAsync($$"""
            collector_name: ports
            metrics:
              - {metric_name: acme_load, values: [load], {{Rest}}}
              - {metric_name: acme_digits, key_labels: [site, speed, up, id, seen, rate], values: [digits], {{Rest}}}
              - {metric_name: acme_many, key_labels: [site], value_label: kind, values: [rate, speed], {{Rest}}}
              - {metric_name: acme_one, key_labels: [site], value_label: kind, values: [speed], {{Rest}}}
              - {metric_name: acme_static, key_labels: [site], static_value: 2.5, timestamp_value: seen, {{Rest}}}
              - {metric_name: acme_time, static_labels: {env: dev}, values: [speed], timestamp_value: seen, {{Rest}}}
              - {metric_name: acme_case, key_labels: [Site], values: [SPEED], {{Rest}}}
            queries:
              - query_name: ports
                query: SELECT * FROM ports ORDER BY site;
            """);

        Assert.That(text, Is.EqualTo("""
            # HELP acme_load Help.
            # TYPE acme_load gauge
            acme_load NaN
            # HELP acme_digits Help.
            # TYPE acme_digits gauge
            acme_digits{id="8e2e7f63-0bba-4e9d-9a1e-4c3d1d1e2f30",rate="1.50",seen="2026-11-25T09:30:00Z",site="Oslo",speed="10",up="true"} 17.0
            # HELP acme_many Help.
            # TYPE acme_many gauge
            acme_many{kind="rate",site="Oslo"} 1.5
            acme_many{kind="speed",site="Oslo"} 10.0
            # HELP acme_one Help.
            # TYPE acme_one gauge
            acme_one{kind="speed",site="Oslo"} 10.0
            # HELP acme_static Help.
            # TYPE acme_static gauge
            acme_static{site="Oslo"} 2.5
            acme_static{site=""} 2.5
            # HELP acme_time Help.
            # TYPE acme_time gauge
            acme_time{env="dev"} 10.0 1795599000000
            # HELP acme_case Help.
            # TYPE acme_case gauge
            acme_case{Site="Oslo"} 10.0

            """));
    }

    [Test]
    public async Task Counters_keep_their_names_and_metrics_of_one_name_become_one_family()
    {
        var text = await CollectAsync(
            """
            collector_name: one
            metrics:
              - {metric_name: acme_bytes, type: counter, help: Bytes., values: [n], query: SELECT 5 AS n}
              - {metric_name: acme_packets_total, type: counter, help: Packets., values: [n], query: SELECT 6 AS n}
              - metric_name: acme_ports
                type: gauge
                help: Ports.
                static_labels: {state: up}
                values: [n]
                query: SELECT 7 AS n
              - metric_name: acme_ports
                type: gauge
                help: Ignored.
                static_labels: {state: down, reason: cable}
                values: [n]
                query: SELECT 8 AS n
            """,
            """
            collector_name: two
            metrics:
              - metric_name: acme_ports
                type: gauge
                help: Also ignored.
                static_labels: {state: unknown}
                values: [n]
                query: SELECT 9 AS n
              - {metric_name: acme_bytes, type: counter, help: Bytes., static_labels: {to: b}, values: [n], query: SELECT 1 AS n}
            """);

        Assert.That(text, Is.EqualTo("""
            # HELP acme_bytes Bytes.
            # TYPE acme_bytes counter
            acme_bytes 5.0
            acme_bytes{to="b"} 1.0
            # HELP acme_packets_total Packets.
            # TYPE acme_packets_total counter
            acme_packets_total 6.0
            # HELP acme_ports Ports.
            # TYPE acme_ports gauge
            acme_ports{state="up"} 7.0
            acme_ports{reason="cable",state="down"} 8.0
            acme_ports{state="unknown"} 9.0

            """));
    }

    [TestCase("acme_bytes")]
    [TestCase("acme_bytes_total")]
    public async Task Counter_without_rows_keeps_its_name_and_merges_with_that_of_another_file(string name)
    {
        var text = await CollectAsync(
            BuildFile("one", "SELECT 5 AS n WHERE false"), BuildFile("two", "SELECT NULL AS n"));
        Assert.That(text, Is.EqualTo($"# HELP {name} Bytes.\n# TYPE {name} counter\n"));

        text = await CollectAsync(BuildFile("one", "SELECT 5 AS n WHERE false"), BuildFile("two", "SELECT 1 AS n"));
        Assert.That(text, Is.EqualTo($"# HELP {name} Bytes.\n# TYPE {name} counter\n{name} 1.0\n"));

        string BuildFile(string collector, string query) => $$"""
            collector_name: {{collector}}
            metrics:
              - {metric_name: {{name}}, type: counter, help: Bytes., values: [n], query: {{query}}}
            """;
    }

    [Test]
    public async Task Min_interval_caches_the_result()
    {
        const string File = """
            collector_name: clock
            min_interval: 1m
            metrics:
              - {metric_name: acme_clock, type: gauge, help: Help., values: [t], query: SELECT count(*) AS t FROM visits}
            """;
        var time = new FakeTimeProvider();
        await using var services = BuildServices(TestCollectors.LoadAll(File), time);
        var registry = services.GetRequiredService<OrchestratorMetricsRegistry>();

        async Task<double> ReadAsync()
        {
            await PostgreSqlServer.ExecuteAsync(_database, "INSERT INTO visits VALUES (1)");
            (await registry.CollectAsync().Soon()).TryGetValue("acme_clock", out var value);
            return value;
        }

        var first = await ReadAsync();
        time.Advance(TimeSpan.FromSeconds(50));
        var second = await ReadAsync();
        time.Advance(TimeSpan.FromSeconds(10));
        var third = await ReadAsync();

        Assert.That((double[])[first, second, third], Is.EqualTo((double[])[1, 1, 3]));
    }

    [TestCase("INSERT INTO visits VALUES (1) RETURNING n", PostgresErrorCodes.ReadOnlySqlTransaction)]
    [TestCase("DELETE FROM visits; SELECT 1 AS n", PostgresErrorCodes.ReadOnlySqlTransaction)]
    public async Task Query_that_writes_fails(string query, string state)
    {
        await using var services = BuildServices(TestCollectors.LoadAll($$"""
            collector_name: writer
            metrics:
              - {metric_name: acme, type: gauge, help: Help., values: [n], query: "{{query}}"}
            """));

        var error = await Assert.ThrowsAsync<MetricsCollectionException>(
            () => services.GetRequiredService<OrchestratorMetricsRegistry>().CollectAsync().Soon());

        Assert.That(error!.InnerException, Is.InstanceOf<PostgresException>().With.Property("SqlState").EqualTo(state));
    }

    private async Task<string> CollectAsync(params string[] files)
    {
        await using var services = BuildServices(TestCollectors.LoadAll(files));
        return (await services.GetRequiredService<OrchestratorMetricsRegistry>().CollectAsync().Soon()).ToText();
    }

    private ServiceProvider BuildServices(IReadOnlyList<SqlCollector> collectors, TimeProvider? time = null)
    {
        var services = new ServiceCollection()
            .AddSingleton<DbDataSource>(_database)
            .AddSingleton(time ?? TimeProvider.System);
        SqlCollectors.Add(services.AddOrchestratorMetrics(), collectors);
        return services.BuildServiceProvider();
    }
}
