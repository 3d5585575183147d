using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Orchestrator.Metrics.Relational;

namespace Orchestrator.Metrics.Tests;

/// <summary>
/// Soon after the timeout of the collector, the server terminates the sessions of a frozen application.
/// </summary>
public class FrozenClientTests
{
    private const string Ours = "application_name = 'scrapes'";

    [Test]
    public async Task Server_terminates_an_idle_transaction_soon_after_the_timeout_of_its_collector()
    {
        await using var database = await Databases.CreateAsync(Databases.Schema);
        await using var scraped = database.CreateDataSource("Application Name=scrapes");
        var reader = new RelationalDatabase(scraped, new RelationalOptions(), NullLogger<RelationalDatabase>.Instance);
        using var context = new CollectorContext(TimeSpan.FromSeconds(1));

        Assert.That(
            async () => await reader.ReadAsync(
                context,
                async transaction =>
                {
                    // From here on, the client sends nothing, as if the process were stopped.
                    await database.WaitForSessionsAsync(Ours + " AND state = 'idle in transaction'", 1);
                    await database.WaitForSessionsAsync(Ours, 0);
                    await transaction.ExecuteAsync("SELECT 1", CancellationToken.None);
                    return 0;
                },
                CancellationToken.None),
            Throws.InstanceOf<NpgsqlException>());
    }

    [Test]
    public async Task Server_terminates_the_holder_of_a_shared_snapshot_soon_after_the_timeout()
    {
        await using var database = await Databases.CreateAsync(Databases.Schema);
        await using var scraped = database.CreateDataSource("Application Name=scrapes");
        var reader = new RelationalDatabase(scraped, new RelationalOptions(), NullLogger<RelationalDatabase>.Instance);
        await using var snapshot = new SharedSnapshot(reader, TimeSpan.FromSeconds(1));

        await snapshot.GetImportStatementAsync(CancellationToken.None).Soon();

        await database.WaitForSessionsAsync(Ours + " AND state = 'idle in transaction'", 1);
        await database.WaitForSessionsAsync(Ours, 0);
    }

    [Test]
    public async Task Server_terminates_a_query_whose_result_is_not_received()
    {
        await using var database = await Databases.CreateAsync(Databases.Schema);
        await using var scraped = database.CreateDataSource("Application Name=scrapes");
        var reader = new RelationalDatabase(scraped, new RelationalOptions(), NullLogger<RelationalDatabase>.Instance);
        using var context = new CollectorContext(TimeSpan.FromSeconds(1));
        var isTerminated = false;

        Assert.That(
            async () => await reader.ReadAsync(
                context,
                transaction => transaction.QueryAsync<int>(
                    "SELECT repeat('x', 1000) AS value FROM generate_series(1, 1000000)",
                    result => () =>
                    {
                        // From here on, the client receives nothing, so the server blocks while sending.
                        database.WaitForSessionsAsync(Ours, 0).GetAwaiter().GetResult();
                        isTerminated = true;
                        return 0;
                    },
                    CancellationToken.None),
                CancellationToken.None),
            Throws.InstanceOf<NpgsqlException>());
        Assert.That(isTerminated);
    }

    [Test]
    public async Task Every_timeout_of_the_server_is_the_remaining_time_plus_one_second()
    {
        await using var database = await Databases.CreateAsync(Databases.Schema);
        await using var connection = await database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var settings = new NpgsqlCommand(
            SqlDialect.PostgreSql.TransactionSettings(TimeSpan.FromSeconds(4), false), connection, transaction))
            await settings.ExecuteNonQueryAsync();
        await using var query = new NpgsqlCommand(
            "SELECT string_agg(setting || unit, ',') FROM pg_settings WHERE name IN ('statement_timeout', " +
            "'idle_in_transaction_session_timeout', 'transaction_timeout')", connection, transaction);

        var timeouts = ((string)(await query.ExecuteScalarAsync())!).Split(',');

        var expected = connection.PostgreSqlVersion.Major >= 17 ? 3 : 2; // transaction_timeout is new in 17
        Assert.That(timeouts, Has.Length.EqualTo(expected).And.All.EqualTo("5000ms"));
    }
}
