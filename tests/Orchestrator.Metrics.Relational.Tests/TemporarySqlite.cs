using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Orchestrator.Metrics.Tests;

internal sealed class TemporarySqlite : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();

    public TemporarySqlite(string options = "")
    {
        ConnectionString = $"Data Source={Path.Combine(_folder.Path, "orchestrator.db")};{options}";
        DataSource = SqliteFactory.Instance.CreateDataSource(ConnectionString);
    }

    public string ConnectionString { get; }

    public DbDataSource DataSource { get; }

    /// <summary>
    /// The tables and columns of orchestrator-core that the metrics read, with a row in engine_settings.
    /// </summary>
    public static string Schema { get; } = """
        CREATE TABLE products (product_id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE);
        CREATE TABLE workflows (workflow_id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, target TEXT NOT NULL);
        CREATE TABLE subscriptions (
            subscription_id TEXT PRIMARY KEY, status TEXT NOT NULL, product_id TEXT NOT NULL REFERENCES products,
            customer_id TEXT NOT NULL, insync BOOLEAN NOT NULL);
        CREATE TABLE processes (
            pid TEXT PRIMARY KEY, last_status TEXT NOT NULL, started_at TIMESTAMP, last_modified_at TIMESTAMP,
            created_by TEXT, is_task BOOLEAN NOT NULL, workflow_id TEXT NOT NULL REFERENCES workflows);
        CREATE TABLE processes_subscriptions (
            id TEXT PRIMARY KEY, pid TEXT NOT NULL REFERENCES processes,
            subscription_id TEXT NOT NULL REFERENCES subscriptions);
        CREATE TABLE engine_settings (global_lock BOOLEAN NOT NULL PRIMARY KEY);
        INSERT INTO engine_settings VALUES (0);
        """;

    public async Task ExecuteAsync(string sql)
    {
        await using var command = DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync().Soon();
    }

    public async ValueTask DisposeAsync()
    {
        await DataSource.DisposeAsync();
        SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }
}
