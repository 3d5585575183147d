using Npgsql;

namespace Orchestrator.Metrics.Tests;

internal static class Sessions
{
    public static async Task<T> ReadScalarAsync<T>(this NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync().Soon())!;
    }

    public static Task<long> CountSessionsAsync(this NpgsqlDataSource database, string condition) =>
        database.ReadScalarAsync<long>(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() " +
            $"AND ({condition})");

    public static Task WaitForSessionsAsync(this NpgsqlDataSource database, string condition, long count) =>
        Waiting.UntilAsync(
            () => database.CountSessionsAsync(condition), sessions => sessions == count,
            $"{count} sessions with {condition}");

    /// <summary>
    /// Creates a data source for the same database with other connection settings, and therefore a separate pool.
    /// </summary>
    public static NpgsqlDataSource CreateDataSource(this NpgsqlDataSource database, string settings) =>
        NpgsqlDataSource.Create($"{database.ConnectionString};{settings}");

    public static async Task OpenIdleAsync(this NpgsqlDataSource database, int count)
    {
        var connections = new List<NpgsqlConnection>();
        for (var i = 0; i < count; i++)
        {
            var connection = await database.OpenConnectionAsync().AsTask().Soon();
            connections.Add(connection);
            await using var command = new NpgsqlCommand("SELECT 1", connection);
            await command.ExecuteNonQueryAsync().Soon();
        }

        foreach (var connection in connections)
            await connection.DisposeAsync();
    }

    /// <summary>Locks tables, as a migration does, until the result is disposed.</summary>
    public static async Task<IAsyncDisposable> LockAsync(this NpgsqlDataSource database, params string[] tables)
    {
        var connection = await database.OpenConnectionAsync().AsTask().Soon();
        await using var command = connection.CreateCommand();
        command.CommandText = $"BEGIN; LOCK TABLE {string.Join(", ", tables)} IN ACCESS EXCLUSIVE MODE";
        await command.ExecuteNonQueryAsync().Soon();
        return new HeldLock(connection);
    }

    private sealed class HeldLock(NpgsqlConnection connection) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await using (var command = connection.CreateCommand())
            {
                command.CommandText = "ROLLBACK";
                await command.ExecuteNonQueryAsync().Soon();
            }

            await connection.DisposeAsync();
        }
    }
}
