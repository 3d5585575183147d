using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.Metrics.Tests;

/// <summary>A label value that occurs in many rows is one string instance, and is read completely.</summary>
public class SharedLabelValueTests
{
    private const int Groups = 10_000;

    // The label values repeat in cycles of different lengths. created_by is empty or contains a character outside the
    // Basic Multilingual Plane.
    private const string Columns =
        "'status ' || (i % 3) AS last_status, CASE WHEN i % 7 = 0 THEN '' ELSE 'user🦄' || (i % 7) END AS created_by, " +
        "i % 2 = 0 AS is_task, 'product ' || (i % 11) AS product_name, 'workflow ' || (i % 13) AS workflow_name, " +
        "'customer ' || (i % 17) AS customer_id, 'target ' || (i % 5) AS workflow_target, 1 AS count, 0.0 AS " +
        "total_seconds";

    private static readonly SqlDialect PostgreSql = new SqlDialect(SqlDialect.PostgreSql)
    {
        ProcessCountsQuery = _ => $"SELECT {Columns} FROM generate_series(1, {Groups}) i",
        SubscriptionCountsQuery = _ =>
            "SELECT 'product ' || (i % 11) AS product_name, 'state ' || (i % 3) AS lifecycle_state, 'customer ' || (i " +
            $"% 17) AS customer_id, i % 2 = 0 AS insync, 1 AS count FROM generate_series(1, {Groups}) i",
    };

    [Test]
    public async Task Label_values_are_shared_on_PostgreSQL()
    {
        await using var database = await Databases.CreateAsync();
        await AssertSharedAsync(database, PostgreSql);
    }

    [Test]
    public async Task Label_values_are_shared_on_SQLite()
    {
        const string Series = "WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 10000) ";
        await using var database = SqliteFactory.Instance.CreateDataSource("Data Source=:memory:");
        await AssertSharedAsync(database, new SqlDialect(SqlDialect.Sqlite)
        {
            ProcessCountsQuery = _ => PostgreSql.ProcessCountsQuery([]).Replace(
                "SELECT", Series + "SELECT", StringComparison.Ordinal)
                .Replace($"generate_series(1, {Groups}) i", "s", StringComparison.Ordinal),
            SubscriptionCountsQuery = _ => PostgreSql.SubscriptionCountsQuery([]).Replace(
                "SELECT", Series + "SELECT", StringComparison.Ordinal)
                .Replace($"generate_series(1, {Groups}) i", "s", StringComparison.Ordinal),
        });
    }

    [TestCase(255)]
    [TestCase(256)]
    [TestCase(257)]
    [TestCase(5000)]
    public async Task Long_label_values_are_read_completely(int length)
    {
        await using var database = await Databases.CreateAsync();
        await using var services = GoldenTests.BuildServices(
            database, configure: options => options.Dialect = new SqlDialect(PostgreSql)
            {
                SubscriptionCountsQuery = _ =>
                    $"SELECT repeat('n', {length}) AS product_name, repeat('🦄', {length}) AS lifecycle_state, 'c' AS " +
                    "customer_id, true AS insync, 1 AS count FROM generate_series(1, 3)",
            });
        await using var scope = services.CreateAsyncScope();

        var rows = await scope.ServiceProvider.GetRequiredService<ISubscriptionRepository>()
            .GetSubscriptionCountsAsync(CancellationToken.None).Soon();

        Assert.That(rows, Has.Count.EqualTo(3));
        Assert.That(rows, Has.All.Property("ProductName").EqualTo(new string('n', length)));
        Assert.That(rows, Has.All.Property("LifecycleState").EqualTo(string.Concat(Enumerable.Repeat("🦄", length))));
    }

    [TestCase("")]
    [TestCase("Client Encoding=LATIN1;Encoding=iso-8859-1")]
    public async Task Label_values_are_read_completely_in_UTF8_and_LATIN1(string settings)
    {
        await using var database = await Databases.CreateAsync();
        await using var encoded = database.CreateDataSource(settings);
        await using var services = GoldenTests.BuildServices(
            encoded, configure: options => options.Dialect = new SqlDialect(PostgreSql)
            {
                SubscriptionCountsQuery = _ =>
                    "SELECT U&'Z\\00FCrich' AS product_name, repeat(U&'\\00FC', 300) AS lifecycle_state, 'c' AS " +
                    "customer_id, true AS insync, 1 AS count FROM generate_series(1, 3)",
            });
        await using var scope = services.CreateAsyncScope();

        var rows = await scope.ServiceProvider.GetRequiredService<ISubscriptionRepository>()
            .GetSubscriptionCountsAsync(CancellationToken.None).Soon();

        Assert.That(rows, Has.Count.EqualTo(3).And.All.Property("ProductName").EqualTo("Zürich"));
        Assert.That(rows, Has.All.Property("LifecycleState").EqualTo(new string('ü', 300)));
    }

    private static async Task AssertSharedAsync(DbDataSource database, SqlDialect dialect)
    {
        await using var services = GoldenTests.BuildServices(database, configure: options => options.Dialect = dialect);
        await using var scope = services.CreateAsyncScope();

        var processes = await scope.ServiceProvider.GetRequiredService<IProcessRepository>()
            .GetProcessCountsAsync(CancellationToken.None).Soon();
        var subscriptions = await scope.ServiceProvider.GetRequiredService<ISubscriptionRepository>()
            .GetSubscriptionCountsAsync(CancellationToken.None).Soon();

        Assert.That(processes, Has.Count.EqualTo(Groups));
        Assert.That(subscriptions, Has.Count.EqualTo(Groups));
        AssertEachOnce(processes.SelectMany(row => new[]
        {
            row.LastStatus, row.CreatedBy!, row.ProductName, row.WorkflowName, row.CustomerId, row.WorkflowTarget,
        }), 3 + 7 + 11 + 13 + 17 + 5);
        AssertEachOnce(
            subscriptions.SelectMany(row => new[] { row.ProductName, row.LifecycleState, row.CustomerId }), 11 + 3 + 17);
    }

    private static void AssertEachOnce(IEnumerable<string> values, int distinct)
    {
        var objects = new HashSet<object>(values, ReferenceEqualityComparer.Instance);
        Assert.That(objects.Cast<string>(), Is.Unique);
        Assert.That(objects, Has.Count.EqualTo(distinct));
    }
}
