using System.Data;
using System.Data.Common;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.Metrics.Tests;

/// <summary>The columns of a <see cref="SqlDialect"/>, and the labels that its queries omit.</summary>
public class ColumnTests
{
    private static readonly string[] ProcessLabels =
        ["last_status", "created_by", "is_task", "product_name", "workflow_name", "customer_id", "workflow_target"];

    private static readonly string[] SubscriptionLabels = ["product_name", "lifecycle_state", "customer_id", "insync"];

    [Test]
    public async Task Columns_are_found_by_name_regardless_of_order_case_and_extra_columns()
    {
        await using var services = GoldenTests.BuildServices(CreateSource(
            ("COUNT", 7), ("comment", "ignored"), ("InSync", true), ("CUSTOMER_ID", "C"), ("lifecycle_state", "active"),
            ("product_name", "P")), configure: options => options.Dialect = SqlDialect.PostgreSql);

        Assert.That((await ReadSubscriptionsAsync(services)).Single(), Is.EqualTo(new SubscriptionCount
        {
            ProductName = "P",
            LifecycleState = "active",
            CustomerId = "C",
            InSync = true,
            Count = 7,
        }));
    }

    [Test]
    public async Task Error_for_a_missing_column_names_it_and_the_existing_columns()
    {
        await using var services = GoldenTests.BuildServices(CreateSource(
            ("product", "P"), ("lifecycle_state", "active"), ("customer_id", "C"), ("insync", true), ("count", 7)),
            configure: options => options.Dialect = SqlDialect.PostgreSql);

        Assert.That(
            async () => await ReadSubscriptionsAsync(services),
            Throws.InvalidOperationException.With.Message.EqualTo(
                "The query has no column 'product_name'. Name a column of its result 'product_name', for example " +
                "with AS. Columns: product, lifecycle_state, customer_id, insync, count."));
    }

    [TestCase("7", "7")]
    [TestCase("12.50", "12.50")]
    [TestCase("true", "true")]
    [TestCase("DATE '2026-11-30'", "2026-11-30")]
    public async Task Label_column_of_PostgreSql_may_have_a_type_other_than_text(string sql, string label)
    {
        await using var database = await Databases.CreateAsync();
        await using var services = BuildServices(database, SqlDialect.PostgreSql, sql);

        Assert.That((await ReadSubscriptionsAsync(services)).Single().CustomerId, Is.EqualTo(label));
    }

    [TestCase("7", "7")]
    [TestCase("12.5", "12.5")]
    [TestCase("x'0aff'", "0aff")]
    public async Task Label_column_of_Sqlite_may_have_a_type_other_than_text(string sql, string label)
    {
        await using var database = new TemporarySqlite();
        await using var services = BuildServices(database.DataSource, SqlDialect.Sqlite, sql);

        Assert.That((await ReadSubscriptionsAsync(services)).Single().CustomerId, Is.EqualTo(label));
    }

    [Test]
    public async Task Error_for_a_label_without_a_value_names_its_column()
    {
        await using var database = new TemporarySqlite();
        await using var services = BuildServices(database.DataSource, SqlDialect.Sqlite, "NULL");

        Assert.That(
            async () => await ReadSubscriptionsAsync(services),
            Throws.InvalidOperationException.With.Message.EqualTo(
                "Column 'customer_id' is NULL. Replace NULL in the query, for example with coalesce."));
    }

    [Test]
    public async Task Error_for_a_label_column_without_a_text_form_names_the_column_and_its_type()
    {
        await using var database = await Databases.CreateAsync();
        await using var services = BuildServices(database, SqlDialect.PostgreSql, "ARRAY[1]");

        Assert.That(
            async () => await ReadSubscriptionsAsync(services),
            Throws.InvalidOperationException.With.Message.EqualTo(
                "Column 'customer_id' of type integer[] cannot be read as text. Convert it in the query, for example " +
                "with CAST."));
    }

    [Test]
    public void Copy_of_a_dialect_has_all_its_properties()
    {
        var original = new SqlDialect(SqlDialect.PostgreSql) { IsolationLevel = IsolationLevel.Serializable };
        var defaults = Activator.CreateInstance<SqlDialect>();

        var copy = new SqlDialect(original);

        foreach (var property in typeof(SqlDialect).GetProperties(BindingFlags.Instance | BindingFlags.Public))
        {
            // A property that the copy constructor omits has its default value.
            Assert.That(
                property.GetValue(original), Is.Not.EqualTo(property.GetValue(defaults)),
                $"Set {property.Name} of the original, or this test cannot tell whether it is copied.");
            Assert.That(property.GetValue(copy), Is.EqualTo(property.GetValue(original)), property.Name);
        }
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Queries_omit_dropped_labels_and_return_the_same_totals_in_no_more_rows(bool postgreSql)
    {
        await using var source = await Databases.CreateAsync(Databases.Schema, Databases.Small);
        await using var sqlite = new TemporarySqlite();
        if (!postgreSql)
            await source.CopyToSqliteAsync(sqlite, SqliteCopy.Microseconds);
        DbDataSource database = postgreSql ? source : sqlite.DataSource;
        var dialect = postgreSql ? SqlDialect.PostgreSql : SqlDialect.Sqlite;

        foreach (var (labels, query) in new[]
            { (ProcessLabels, dialect.ProcessCountsQuery), (SubscriptionLabels, dialect.SubscriptionCountsQuery) })
        {
            var all = await ReadAsync(database, query([]));
            foreach (var dropped in labels.Select(label => new[] { label })
                .Append(labels).Append(["workflow_name", "workflow_target"]).Append(["no such label"]))
            {
                var rest = await ReadAsync(database, query(dropped));

                Assert.That(rest.Columns, Is.EqualTo(all.Columns.Except(dropped)));
                Assert.That(rest.Count, Is.EqualTo(all.Count));
                Assert.That(rest.Rows, Is.AtMost(all.Rows));
            }

            Assert.That((await ReadAsync(database, query(labels))).Rows, Is.EqualTo(1));
        }
    }

    private static async Task<(string[] Columns, long Count, int Rows)> ReadAsync(DbDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync().Soon();
        var (count, rows) = (0L, 0);
        for (; await reader.ReadAsync(); rows++)
            count += reader.GetInt64(reader.GetOrdinal("count"));
        return ([.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetName)], count, rows);
    }

    /// <summary>Builds services whose query for subscriptions returns one row.</summary>
    private static ServiceProvider BuildServices(DbDataSource database, SqlDialect dialect, string customerId) =>
        GoldenTests.BuildServices(database, configure: options => options.Dialect = new SqlDialect(dialect)
        {
            SubscriptionCountsQuery = _ =>
                "SELECT 'P' AS product_name, 'active' AS lifecycle_state, true AS insync, 1 AS count, " +
                $"{customerId} AS customer_id",
        });

    private static TableDataSource CreateSource(params (string Column, object Value)[] row) =>
        new(_ => TableDataSource.CreateTable(row));

    private static async Task<IReadOnlyList<SubscriptionCount>> ReadSubscriptionsAsync(ServiceProvider services)
    {
        await using var scope = services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<ISubscriptionRepository>()
            .GetSubscriptionCountsAsync(CancellationToken.None).Soon();
    }
}
