using System.Data;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.Metrics.Tests;

/// <summary>What readers of other providers than Npgsql do not convert, with a dialect made from PostgreSQL's.</summary>
public class OtherReaderTests
{
    private static readonly SqlDialect Derived = SqlDialect.PostgreSql with
    {
        SubscriptionCounts = "subscriptions",
        ProcessCounts = "processes",
        RunningProcesses = "running",
        EngineSettings = "engine",
        TransactionSettings = (_, _) => "",
    };

    [TestCase(typeof(short))]
    [TestCase(typeof(int))]
    [TestCase(typeof(long))]
    [TestCase(typeof(decimal))]
    public async Task Counts_may_be_numbers_of_any_type(Type type)
    {
        var seven = Convert.ChangeType(7, type, CultureInfo.InvariantCulture);
        var none = Convert.ChangeType(0, type, CultureInfo.InvariantCulture);
        await using var database = new TableDataSource(sql => sql switch
        {
            "subscriptions" => TableDataSource.Row("Zürich", "active", "C", true, seven),
            "processes" => TableDataSource.Row("done", "me", false, "Zürich", "w", "C", "CREATE", seven, 1.5, none),
            "running" => TableDataSource.Row(seven),
            _ => TableDataSource.Row(true),
        });

        var text = await TextAsync(database, Derived);

        Assert.That(text, Does.Contain("product_name=\"Zürich\"} 7.0\n")
            .And.Contain("workflow_target=\"CREATE\"} 7.0\n").And.Contain("workflow_target=\"CREATE\"} 1.5\n")
            .And.Contain("wfo_active_process_count 7.0\n"));
    }

    // Microsoft.Data.Sqlite 10.0 crashes the process where the bytes of a computed column are read.
    [Test]
    public async Task SQLite_reads_computed_texts_with_a_dialect_made_from_that_of_PostgreSQL()
    {
        await using var sqlite = new TemporarySqlite();
        var text = await TextAsync(sqlite.DataSource, Derived with
        {
            IsolationLevel = IsolationLevel.Serializable,
            SubscriptionCounts = "SELECT 'Z' || 'ürich', upper('a'), '' || 1, 1, 5",
            ProcessCounts = "SELECT 'd' || 'one', 'me', 0, upper('p'), 'w', 'C', 'T', 6, 1.5, 0",
            RunningProcesses = "SELECT 3",
            EngineSettings = "SELECT 0",
        });

        Assert.That(text, Does.Contain("lifecycle_state=\"A\",product_name=\"Zürich\"} 5.0\n"));
    }

    private static async Task<string> TextAsync(System.Data.Common.DbDataSource database, SqlDialect dialect)
    {
        await using var services = GoldenTests.Services(database, configure: options => options.Dialect = dialect);
        return (await services.GetRequiredService<OrchestratorMetricsRegistry>().CollectAsync().Soon()).ToText();
    }
}
