using System.Data.Common;
using System.Net;
using Microsoft.Data.Sqlite;

namespace Orchestrator.Metrics.Tests;

/// <summary>
/// Writers during a scrape of SQLite. With a rollback journal, commits and readers wait for each other; with a WAL,
/// neither waits.
/// </summary>
public class SqliteConcurrencyTests
{
    private const string OneSubscription =
        "INSERT INTO products VALUES ('p', 'P'); INSERT INTO subscriptions VALUES ('s', 'active', 'p', 'C', 1);";

    [Test]
    public async Task WAL_writer_commits_while_a_scrape_reads()
    {
        await using var sqlite = await CreateDatabaseAsync("wal");
        using var gate = new Gate();
        await using var host = await ScrapeHost.StartAsync(
            gate.CreateDataSource(sqlite), options => options.Dialect = gate.Dialect);

        var scrape = host.ScrapeAsync();
        await gate.Entered.Soon();
        await using (var writer = new SqliteConnection(sqlite.ConnectionString + "Default Timeout=1"))
        {
            await writer.OpenAsync();
            await using var insert = writer.CreateCommand();
            insert.CommandText = "INSERT INTO subscriptions VALUES ('s2', 'active', 'p', 'C', 1)";
            await insert.ExecuteNonQueryAsync().Soon();
        }

        gate.Open();
        Assert.That(
            (await scrape).Body, Does.Contain("product_name=\"P\"} 1.0\n"), "the state at the start of the scrape");
        Assert.That((await host.ScrapeAsync()).Body, Does.Contain("product_name=\"P\"} 2.0\n"));
    }

    [TestCase("wal")]
    [TestCase("delete")]
    public async Task Uncommitted_transaction_does_not_delay_a_scrape(string journal)
    {
        await using var sqlite = await CreateDatabaseAsync(journal);
        await using var host = await ScrapeHost.StartAsync(sqlite.DataSource);
        await using var writer = new SqliteConnection(sqlite.ConnectionString);
        await writer.OpenAsync();
        await using (var transaction = writer.BeginTransaction())
        {
            await InsertAsync(writer, transaction);

            Assert.That((await host.ScrapeAsync(5)).Body, Does.Contain("product_name=\"P\"} 1.0\n"));
            await transaction.CommitAsync();
        }

        Assert.That((await host.ScrapeAsync(5)).Body, Does.Contain("product_name=\"P\"} 2.0\n"));
    }

    // Connections with a shared cache can read each other's uncommitted changes.
    [Test]
    public async Task Uncommitted_changes_are_not_read_in_a_shared_cache()
    {
        await using var sqlite = await CreateDatabaseAsync("delete", "Cache=Shared;");
        await using var host = await ScrapeHost.StartAsync(sqlite.DataSource);
        await using var writer = new SqliteConnection(sqlite.ConnectionString);
        await writer.OpenAsync();
        await using (var transaction = writer.BeginTransaction())
        {
            await InsertAsync(writer, transaction);

            // The table is locked, so the scrape times out.
            Assert.That((await host.ScrapeAsync(1)).Body, Does.Not.Contain("product_name=\"P\"} 2.0\n"));
            await transaction.RollbackAsync();
        }

        var after = await Waiting.UntilAsync(() => host.ScrapeAsync(), scrape => scrape.Status == HttpStatusCode.OK);
        Assert.That(after.Body, Does.Contain("product_name=\"P\"} 1.0\n"));
    }

    // A commit to a rollback journal blocks readers, which retry only at intervals. A writer that never pauses could
    // starve them, so the number of commits per scrape is limited.
    [TestCase("wal")]
    [TestCase("delete")]
    public async Task Concurrent_scrapes_and_writers_all_succeed(string journal)
    {
        const int Scrapes = 20;
        const int Writes = 20;
        await using var sqlite = await CreateDatabaseAsync(journal);
        await using var host = await ScrapeHost.StartAsync(sqlite.DataSource);

        for (var i = 0; i < Scrapes; i++)
        {
            var first = i * Writes;
            var writing = Task.Run(async () =>
            {
                for (var id = first; id < first + Writes; id++)
                    await sqlite.ExecuteAsync($"INSERT INTO subscriptions VALUES ('w{id}', 'active', 'p', 'C', 1)");
            });
            var scraping = host.ScrapeAsync();
            await Task.WhenAll(writing, scraping);
            Assert.That((await scraping).Status, Is.EqualTo(HttpStatusCode.OK), string.Join('\n', host.Log.Entries));
        }

        Assert.That(
            (await host.ScrapeAsync()).Body, Does.Contain($"product_name=\"P\"}} {Scrapes * Writes + 1}.0\n"));
    }

    [Test]
    public async Task Scrape_of_an_exclusively_locked_database_times_out_and_a_later_scrape_succeeds()
    {
        await using var sqlite = await CreateDatabaseAsync("delete");
        await using var host = await ScrapeHost.StartAsync(sqlite.DataSource);
        await using var writer = new SqliteConnection(sqlite.ConnectionString);
        await writer.OpenAsync();
        await using var command = writer.CreateCommand();
        command.CommandText = "BEGIN EXCLUSIVE";
        await command.ExecuteNonQueryAsync();

        Assert.That((await host.ScrapeAsync(1)).Status, Is.EqualTo(HttpStatusCode.ServiceUnavailable));

        command.CommandText = "ROLLBACK";
        await command.ExecuteNonQueryAsync();
        await Waiting.UntilAsync(() => host.ScrapeAsync(), scrape => scrape.Status == HttpStatusCode.OK);
    }

    [Test]
    public async Task No_lock_remains_after_a_scrape()
    {
        await using var sqlite = await CreateDatabaseAsync("delete");
        await using var host = await ScrapeHost.StartAsync(sqlite.DataSource);

        await host.ScrapeAsync();
        await using var writer = new SqliteConnection(sqlite.ConnectionString + "Default Timeout=1");
        await writer.OpenAsync();
        await using var command = writer.CreateCommand();
        command.CommandText = "BEGIN EXCLUSIVE; ROLLBACK; DROP TABLE subscriptions;";

        await command.ExecuteNonQueryAsync().Soon();
    }

    private static async Task InsertAsync(SqliteConnection writer, SqliteTransaction transaction)
    {
        await using var insert = writer.CreateCommand();
        insert.Transaction = transaction;
        insert.CommandText = "INSERT INTO subscriptions VALUES ('s2', 'active', 'p', 'C', 1)";
        await insert.ExecuteNonQueryAsync().Soon();
    }

    private static async Task<TemporarySqlite> CreateDatabaseAsync(string journal, string options = "")
    {
        var sqlite = new TemporarySqlite(options);
        await sqlite.ExecuteAsync($"PRAGMA journal_mode = {journal};");
        await sqlite.ExecuteAsync(TemporarySqlite.Schema + OneSubscription);
        return sqlite;
    }

    /// <summary>Pauses the subscription query while it reads, with a function in its SQL.</summary>
    private sealed class Gate : IDisposable
    {
        private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ManualResetEventSlim _open = new();

        public Task Entered => _entered.Task;

        public SqlDialect Dialect { get; } = new SqlDialect(SqlDialect.Sqlite)
        {
            SubscriptionCountsQuery = _ => SqlDialect.Sqlite.SubscriptionCountsQuery([]) + " AND gate() = 1",
        };

        public void Open() => _open.Set();

        public DbDataSource CreateDataSource(TemporarySqlite sqlite) => new Source(sqlite.ConnectionString, this);

        public void Dispose() => _open.Dispose();

        private long Pass()
        {
            _entered.TrySetResult();
            return _open.Wait(TimeSpan.FromSeconds(30)) ? 1 : 0;
        }

        private sealed class Source(string connectionString, Gate gate) : DbDataSource
        {
            public override string ConnectionString => connectionString;

            protected override DbConnection CreateDbConnection()
            {
                var connection = new SqliteConnection(connectionString);
                connection.CreateFunction("gate", gate.Pass);
                return connection;
            }
        }
    }
}
