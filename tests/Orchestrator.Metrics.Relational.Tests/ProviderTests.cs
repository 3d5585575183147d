using System.Data;
using System.Data.Common;
using System.Net;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.Metrics.Tests;

public class ProviderTests
{
    [Test]
    public async Task Unknown_provider_is_an_error_with_the_remedy()
    {
        await using var database = new TableDataSource(_ => throw new NotSupportedException("No commands here."));
        await using var services = GoldenTests.BuildServices(database);

        var failure = await Assert.ThrowsAsync<MetricsCollectionException>(
            () => services.GetRequiredService<OrchestratorMetricsRegistry>().CollectAsync().Soon());
        var errors = ((AggregateException)failure.InnerException!).InnerExceptions;
        Assert.That(errors, Has.Count.EqualTo(3).And.All.InstanceOf<NotSupportedException>());
        Assert.That(errors, Has.All.Message.EqualTo(
            $"There is no SQL dialect for connections of type {typeof(TableDataSource).FullName}+Connection, only for " +
            "Npgsql and Microsoft.Data.Sqlite. Set RelationalOptions.Dialect to SqlDialect.PostgreSql if the server " +
            "is PostgreSQL, otherwise to a new SqlDialect with your queries."));
    }

    [Test]
    public async Task Unknown_provider_error_is_not_in_the_response()
    {
        await using var database = new TableDataSource(_ => throw new NotSupportedException("No commands here."));
        await using var host = await ScrapeHost.StartAsync(database);

        var scrape = await host.ScrapeAsync();

        Assert.That(scrape.Body, Does.StartWith("These collectors failed: ").And.Not.Contain(nameof(TableDataSource)));
    }

    [Test]
    public async Task Connection_that_cannot_be_created_at_first_fails_only_one_scrape()
    {
        await using var sqlite = new TemporarySqlite();
        await sqlite.ExecuteAsync(TemporarySqlite.Schema);
        await using var database = new FailingOnceDataSource(sqlite.DataSource);
        await using var host = await ScrapeHost.StartAsync(
            database, options: options => options.DefaultCollectors = DefaultCollectors.Subscriptions);

        Assert.That((await host.ScrapeAsync()).Status, Is.EqualTo(HttpStatusCode.InternalServerError));
        Assert.That((await host.ScrapeAsync()).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Custom_dialect_reads_from_a_custom_schema()
    {
        await using var sqlite = new TemporarySqlite();
        await sqlite.ExecuteAsync("""
            CREATE TABLE orders(product, state, customer, ok, seconds);
            INSERT INTO orders VALUES ('P', 'active', 'C', 1, 1.5), ('P', 'active', 'C', 1, 2), ('Q', 'gone', 'D', 0, 4);
            """);
        var dialect = new SqlDialect
        {
            Name = "Orders",
            SubscriptionCountsQuery = _ =>
                "SELECT product AS product_name, state AS lifecycle_state, customer AS customer_id, ok AS insync, " +
                "count(*) AS count FROM orders GROUP BY 1, 2, 3, 4 ORDER BY 5 DESC",
            ProcessCountsQuery = _ =>
                "SELECT state AS last_status, 'me' AS created_by, ok AS is_task, product AS product_name, 'order' AS " +
                "workflow_name, customer AS customer_id, 'CREATE' AS workflow_target, count(*) AS count, " +
                "sum(seconds) AS total_seconds FROM orders GROUP BY 1, 3, 4, 6 ORDER BY 8 DESC",
            RunningProcessesQuery = "SELECT count(*) AS count FROM orders WHERE state = 'active'",
            EngineSettingsQuery = "SELECT 0 AS global_lock",
            IsMissingTable = exception => exception is SqliteException { SqliteErrorCode: 1 },
            IsolationLevel = IsolationLevel.Serializable,
        };
        await using var services = GoldenTests.BuildServices(
            new DelegatingDataSource(sqlite.DataSource), configure: options => options.Dialect = dialect);
        var registry = services.GetRequiredService<OrchestratorMetricsRegistry>();

        var text = (await registry.CollectAsync().Soon()).ToText();

        Assert.That(text.Split('\n').Where(line => line.Length > 0 && line[0] != '#'), Is.EqualTo(new[]
        {
            """wfo_subscriptions_count{customer_id="C",insync="True",lifecycle_state="active",product_name="P"} 2.0""",
            """wfo_subscriptions_count{customer_id="D",insync="False",lifecycle_state="gone",product_name="Q"} 1.0""",
            """wfo_process_count{created_by="me",customer_id="C",is_task="True",last_status="active",product_name="P",workflow_name="order",workflow_target="CREATE"} 2.0""",
            """wfo_process_count{created_by="me",customer_id="D",is_task="False",last_status="gone",product_name="Q",workflow_name="order",workflow_target="CREATE"} 1.0""",
            """wfo_process_seconds_total_count{created_by="me",customer_id="C",is_task="True",last_status="active",product_name="P",workflow_name="order",workflow_target="CREATE"} 3.5""",
            """wfo_process_seconds_total_count{created_by="me",customer_id="D",is_task="False",last_status="gone",product_name="Q",workflow_name="order",workflow_target="CREATE"} 4.0""",
            """wfo_engine_status{wfo_engine_status="PAUSED"} 0.0""",
            """wfo_engine_status{wfo_engine_status="PAUSING"} 0.0""",
            """wfo_engine_status{wfo_engine_status="RUNNING"} 1.0""",
            "wfo_active_process_count 2.0",
        }));

        await sqlite.ExecuteAsync("DROP TABLE orders");
        Assert.That(
            async () => await registry.CollectAsync().Soon(),
            Throws.InstanceOf<MetricsCollectionException>().With.Property("FailedCollectors").Count.EqualTo(3));
    }

    private sealed class DelegatingDataSource(DbDataSource inner) : DbDataSource
    {
        public override string ConnectionString => inner.ConnectionString;

        protected override DbConnection CreateDbConnection() => inner.CreateConnection();
    }

    /// <summary>Fails to create the first connection, as a source that fetches a secret may do.</summary>
    private sealed class FailingOnceDataSource(DbDataSource source) : DbDataSource
    {
        private bool _hasFailed;

        public override string ConnectionString => source.ConnectionString;

        protected override DbConnection CreateDbConnection()
        {
            if (_hasFailed)
                return source.CreateConnection();
            _hasFailed = true;
            throw new InvalidOperationException("The secret cannot be fetched.");
        }
    }
}
