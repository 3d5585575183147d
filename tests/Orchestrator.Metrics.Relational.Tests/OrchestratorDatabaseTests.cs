using System.Data.Common;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Orchestrator.Metrics.Tests;

public class OrchestratorDatabaseTests
{
    private const string Row =
        "SELECT 'Oslo' AS site, 7 AS ports, 1.5 AS load, 1 AS active, NULL AS missing, 'x' AS \"Letter\"";

    [TestCase(true)]
    [TestCase(false)]
    public async Task Collector_that_injects_the_database_reads_rows(bool postgreSql)
    {
        await using var sqlite = new TemporarySqlite();
        await using var server = postgreSql ? await Databases.CreateAsync() : null;
        await using var services = SqlMetricsHost.BuildServices(
            server ?? sqlite.DataSource, metrics => metrics.AddOrchestratorDatabase().AddCollector<SiteCollector>());

        var text = (await services.GetRequiredService<OrchestratorMetricsRegistry>().CollectAsync().Soon()).ToText();

        Assert.That(text, Is.EqualTo(
            "# HELP acme_ports Ports.\n# TYPE acme_ports gauge\n" +
            "acme_ports{site=\"Oslo\"} 4.0\nacme_ports{site=\"Rome\"} 2.0\n"));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Columns_are_read_by_name_and_converted(bool postgreSql)
    {
        await using var sqlite = new TemporarySqlite();
        await using var server = postgreSql ? await Databases.CreateAsync() : null;

        var rows = await ReadAsync(
            server ?? sqlite.DataSource, Row,
            row => (
                row.GetString("site"), row.GetInt64("PORTS"), row.GetString("ports"), row.GetDouble("load"),
                row.GetInt64("load"), row.GetBoolean("active"), row.IsNull("missing"), row.IsNull("site"),
                row.GetString("letter")));

        Assert.That(rows, Is.EqualTo(new[] { ("Oslo", 7L, "7", 1.5, 2L, true, true, false, "x") }));
    }

    [Test]
    public async Task Value_that_cannot_be_read_is_an_error_that_names_the_column()
    {
        await using var sqlite = new TemporarySqlite();

        Assert.Multiple(() =>
        {
            AssertError(row => row.GetInt64("site"), "Column 'site' of type TEXT cannot be read as an integer. ");
            AssertError(row => row.GetDouble("site"), "Column 'site' of type TEXT cannot be read as a number. ");
            AssertError(row => row.GetBoolean("site"), "Column 'site' of type TEXT cannot be read as a Boolean. ");
            AssertError(row => row.GetString("missing"), "Column 'missing' is NULL. Replace NULL in the query");
            AssertError(row => row.GetInt64("missing"), "Column 'missing' is NULL. Replace NULL in the query");
            AssertError(row => row.GetDouble("missing"), "Column 'missing' is NULL. Replace NULL in the query");
            AssertError(row => row.GetBoolean("missing"), "Column 'missing' is NULL. Replace NULL in the query");
        });

        void AssertError<T>(Func<SqlRow, T> read, string message) => Assert.That(
            () => ReadAsync(sqlite.DataSource, Row, read),
            Throws.InvalidOperationException.With.Message.StartsWith(message));
    }

    [Test]
    public async Task More_rows_than_the_limit_of_the_run_are_an_error()
    {
        await using var sqlite = new TemporarySqlite();
        await using var services = SqlMetricsHost.BuildServices(
            sqlite.DataSource,
            metrics => metrics.AddOrchestratorDatabase().AddCollector<SiteCollector>(),
            options => options.MaxSamplesPerCollector = 1);

        var failure = await Assert.ThrowsAsync<MetricsCollectionException>(
            () => services.GetRequiredService<OrchestratorMetricsRegistry>().CollectAsync().Soon());

        Assert.That(failure!.InnerException!.Message, Does.StartWith("The query returned more than 1 rows"));
    }

    [Test]
    public async Task Exception_of_the_row_function_cancels_the_query_and_closes_the_transaction()
    {
        await using var database = await Databases.CreateAsync();
        await using var scraped = database.CreateDataSource("Application Name=scrapes");

        Assert.That(
            () => ReadAsync<int>(
                scraped, "SELECT generate_series(1, 2000000000) AS n", _ => throw new NotSupportedException("mine")),
            Throws.InstanceOf<NotSupportedException>().With.Message.EqualTo("mine"));
        await database.WaitForSessionsAsync("application_name = 'scrapes' AND state <> 'idle'", 0);
    }

    [Test]
    public async Task Token_cancels_the_query_on_the_server()
    {
        await using var database = await Databases.CreateAsync();
        await using var scraped = database.CreateDataSource("Application Name=scrapes");
        using var cancellation = new CancellationTokenSource();

        var reading = ReadAsync(
            scraped, "SELECT 1 AS n FROM pg_sleep(600)", row => row.GetInt64("n"), cancellation.Token);
        await database.WaitForSessionsAsync("application_name = 'scrapes' AND state = 'active'", 1);
        await cancellation.CancelAsync();

        Assert.That(async () => await reading.Soon(), Throws.InstanceOf<OperationCanceledException>());
        await database.WaitForSessionsAsync("application_name = 'scrapes' AND state <> 'idle'", 0);
    }

    [Test]
    public async Task Write_fails_because_the_transaction_is_read_only()
    {
        await using var database = await Databases.CreateAsync("CREATE TABLE ports (n INTEGER)");

        Assert.That(
            () => ReadAsync(database, "DELETE FROM ports RETURNING n", row => row.GetInt64("n")),
            Throws.InstanceOf<PostgresException>().With.Property("SqlState").EqualTo(
                PostgresErrorCodes.ReadOnlySqlTransaction));
    }

    [Test]
    public async Task Missing_table_throws_SchemaNotFoundException()
    {
        await using var sqlite = new TemporarySqlite();

        Assert.That(
            () => ReadAsync(sqlite.DataSource, "SELECT n FROM ports", row => row.GetInt64("n")),
            Throws.InstanceOf<SchemaNotFoundException>());
    }

    [Test]
    public async Task ReadAsync_requires_a_query_and_a_row_function()
    {
        await using var sqlite = new TemporarySqlite();

        Assert.That(
            () => ReadAsync(sqlite.DataSource, " ", row => row.GetInt64("n")),
            Throws.ArgumentException.With.Property("ParamName").EqualTo("sql"));
        Assert.That(
            () => ReadAsync<long>(sqlite.DataSource, "SELECT 1", null!),
            Throws.ArgumentNullException.With.Property("ParamName").EqualTo("read"));
    }

    private static async Task<IReadOnlyList<T>> ReadAsync<T>(
        DbDataSource database, string sql, Func<SqlRow, T> read, CancellationToken cancellationToken = default)
    {
        await using var services = SqlMetricsHost.BuildServices(database, metrics => metrics.AddOrchestratorDatabase());
        await using var scope = services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<OrchestratorDatabase>()
            .ReadAsync(sql, read, cancellationToken).Soon();
    }

    private sealed class SiteCollector(OrchestratorDatabase database) : IMetricsCollector
    {
        public async Task<IReadOnlyList<MetricFamily>> CollectAsync(CancellationToken cancellationToken)
        {
            var ports = MetricFamily.Gauge("acme_ports", "Ports.", "site");
            var rows = await database.ReadAsync(
                "SELECT 'Oslo' AS site, 4 AS ports UNION ALL SELECT 'Rome', 2",
                row => (Site: row.GetString("site"), Ports: row.GetInt64("ports")), cancellationToken);
            foreach (var row in rows)
                ports.Add(row.Ports, row.Site);
            return [ports];
        }
    }
}
