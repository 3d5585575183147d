using System.Data.Common;
using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.Metrics.Tests;

/// <summary>
/// Series have the same values whether the queries omit dropped labels, or only the library drops them.
/// </summary>
public class DroppedLabelTests
{
    private static readonly string[] ProcessLabels =
        ["last_status", "created_by", "is_task", "product_name", "workflow_name", "customer_id", "workflow_target"];

    private static readonly string[] SubscriptionLabels = ["product_name", "lifecycle_state", "customer_id", "insync"];

    private static IEnumerable<string[]> GetLabelSets() =>
    [
        .. ProcessLabels.Union(SubscriptionLabels).Select(label => (string[])[label]),
        ["created_by", "customer_id"], ["workflow_name", "workflow_target"], ["workflow_name"],
        [.. ProcessLabels.Union(SubscriptionLabels)],
    ];

    [TestCaseSource(nameof(GetLabelSets))]
    public async Task PostgreSql_sums_as_the_library_does(string[] dropped)
    {
        await using var database = await Databases.CreateAsync(
            Databases.Schema, Databases.ReadScript("seed-7-many-groups.sql"));

        await AssertSameSumsAsync(database, SqlDialect.PostgreSql, dropped);
    }

    [TestCaseSource(nameof(GetLabelSets))]
    public async Task Sqlite_sums_as_the_library_does(string[] dropped)
    {
        await using var source = await Databases.CreateAsync(
            Databases.Schema, Databases.ReadScript("seed-42-few-groups.sql"), SqliteCopy.OnlyYearsOneTo9999);
        await using var database = new TemporarySqlite();
        await source.CopyToSqliteAsync(database, SqliteCopy.Microseconds);

        await AssertSameSumsAsync(database.DataSource, SqlDialect.Sqlite, dropped);
    }

    private static async Task AssertSameSumsAsync(DbDataSource database, SqlDialect dialect, string[] dropped)
    {
        var expected = await CollectValuesAsync(database, IgnoreDroppedLabels(dialect), dropped);
        var actual = await CollectValuesAsync(database, dialect, dropped);

        Assert.That(actual, Is.Not.Empty);
        Assert.That(actual.Keys, Is.EquivalentTo(expected.Keys));
        foreach (var (series, value) in actual)
        {
            if (series.StartsWith("wfo_process_seconds", StringComparison.Ordinal))
                Assert.That(value, Is.EqualTo(expected[series]).Within(Math.Abs(value) * 1e-12), series);
            else
                Assert.That(value, Is.EqualTo(expected[series]), series);
        }
    }

    private static async Task<Dictionary<string, double>> CollectValuesAsync(
        DbDataSource database, SqlDialect dialect, string[] dropped)
    {
        var services = new ServiceCollection();
        services.AddOrchestratorMetrics()
            .AddRelationalRepositories(database, options => options.Dialect = dialect)
            .ConfigureDefaultCollectors(
                DefaultCollectors.Processes | DefaultCollectors.Subscriptions, options => options.DropLabels = dropped);
        await using var provider = services.BuildServiceProvider();
        var snapshot = await provider.GetRequiredService<OrchestratorMetricsRegistry>().CollectAsync();
        Assert.That(
            snapshot.Families.SelectMany(family => family.LabelNames).Intersect(dropped), Is.Empty);
        return snapshot.Families.SelectMany(family => family.Samples)
            .ToDictionary(sample => sample.Name + sample.Labels, sample => sample.Value);
    }

    private static SqlDialect IgnoreDroppedLabels(SqlDialect dialect) => new(dialect)
    {
        SubscriptionCountsQuery = _ => dialect.SubscriptionCountsQuery([]),
        ProcessCountsQuery = _ => dialect.ProcessCountsQuery([]),
    };
}
