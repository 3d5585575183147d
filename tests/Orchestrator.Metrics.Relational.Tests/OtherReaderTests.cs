using System.Data;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.Metrics.Tests;

/// <summary>
/// Results of providers other than Npgsql, with a dialect derived from that of PostgreSQL. Their readers do not convert
/// values as that of Npgsql does.
/// </summary>
public class OtherReaderTests
{
    private static readonly SqlDialect Derived = new SqlDialect(SqlDialect.PostgreSql)
    {
        SubscriptionCountsQuery = _ => "subscriptions",
        ProcessCountsQuery = _ => "processes",
        RunningProcessesQuery = "running",
        EngineSettingsQuery = "engine",
        TransactionSettings = (_, _) => "",
    };

    [TestCase(typeof(short))]
    [TestCase(typeof(int))]
    [TestCase(typeof(long))]
    [TestCase(typeof(decimal))]
    public async Task Counts_may_have_any_numeric_type(Type type)
    {
        var seven = Convert.ChangeType(7, type, CultureInfo.InvariantCulture);
        var none = Convert.ChangeType(0, type, CultureInfo.InvariantCulture);
        await using var database = new TableDataSource(sql => sql switch
        {
            "subscriptions" => TableDataSource.CreateTable(
                ("product_name", "Zürich"), ("lifecycle_state", "active"), ("customer_id", "C"), ("insync", true),
                ("count", seven)),
            "processes" => TableDataSource.CreateTable(
                ("last_status", "done"), ("created_by", "me"), ("is_task", false), ("product_name", "Zürich"),
                ("workflow_name", "w"), ("customer_id", "C"), ("workflow_target", "CREATE"), ("count", seven),
                ("total_seconds", 1.5), ("without_run_time", none)),
            "running" => TableDataSource.CreateTable(("count", seven)),
            _ => TableDataSource.CreateTable(("global_lock", true)),
        });

        var text = await CollectTextAsync(database, Derived);

        Assert.That(text, Does.Contain("product_name=\"Zürich\"} 7.0\n")
            .And.Contain("workflow_target=\"CREATE\"} 7.0\n").And.Contain("workflow_target=\"CREATE\"} 1.5\n")
            .And.Contain("wfo_active_process_count 7.0\n"));
    }

    // Microsoft.Data.Sqlite 10.0 crashes the process when the bytes of a computed column are read.
    [Test]
    public async Task SQLite_reads_computed_strings_with_a_dialect_derived_from_PostgreSQL()
    {
        await using var sqlite = new TemporarySqlite();
        var text = await CollectTextAsync(sqlite.DataSource, new SqlDialect(Derived)
        {
            IsolationLevel = IsolationLevel.Serializable,
            SubscriptionCountsQuery = _ =>
                "SELECT 'Z' || 'ürich' AS product_name, upper('a') AS lifecycle_state, '' || 1 AS customer_id, 1 AS " +
                "insync, 5 AS count",
            ProcessCountsQuery = _ =>
                "SELECT 'd' || 'one' AS last_status, 'me' AS created_by, 0 AS is_task, upper('p') AS product_name, 'w' " +
                "AS workflow_name, 'C' AS customer_id, 'T' AS workflow_target, 6 AS count, 1.5 AS total_seconds",
            RunningProcessesQuery = "SELECT 3 AS count",
            EngineSettingsQuery = "SELECT 0 AS global_lock",
        });

        Assert.That(text, Does.Contain("lifecycle_state=\"A\",product_name=\"Zürich\"} 5.0\n"));
    }

    [Test]
    public async Task Rows_are_sorted_by_count_and_keep_the_query_order_within_equal_counts()
    {
        await using var sqlite = new TemporarySqlite();
        var text = await CollectTextAsync(sqlite.DataSource, new SqlDialect(Derived)
        {
            IsolationLevel = IsolationLevel.Serializable,
            SubscriptionCountsQuery = _ =>
                "SELECT column1 AS product_name, '' AS lifecycle_state, '' AS customer_id, 0 AS insync, column2 AS " +
                "count FROM (VALUES ('b', 1), ('d', 2), ('a', 1), ('c', 2))",
            ProcessCountsQuery = _ => "SELECT 1 FROM no_such_table",
            RunningProcessesQuery = "SELECT 3 AS count",
            EngineSettingsQuery = "SELECT 0 AS global_lock",
            IsMissingTable = _ => true,
        });

        Assert.That(
            Exposition.ReadLabels(text, "wfo_subscriptions_count").Select(labels => labels[^3]),
            Is.EqualTo(new[] { 'd', 'c', 'b', 'a' }));
    }

    private static async Task<string> CollectTextAsync(System.Data.Common.DbDataSource database, SqlDialect dialect)
    {
        await using var services = GoldenTests.BuildServices(database, configure: options => options.Dialect = dialect);
        return (await services.GetRequiredService<OrchestratorMetricsRegistry>().CollectAsync().Soon()).ToText();
    }
}
