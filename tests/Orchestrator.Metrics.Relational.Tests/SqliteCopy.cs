using Microsoft.Data.Sqlite;
using Npgsql;

namespace Orchestrator.Metrics.Tests;

/// <summary>Copies the data of an orchestrator from PostgreSQL into SQLite, row by row.</summary>
internal static class SqliteCopy
{
    /// <summary>SQL for the exact microseconds since the Unix epoch. Fails if they exceed a bigint.</summary>
    public const string Microseconds = "(extract(epoch FROM {0}) * 1000000)::bigint";

    /// <summary>SQL for the timestamp format of SQLAlchemy: six fractional digits, no time zone.</summary>
    public const string IsoText = "to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')";

    /// <summary>SQL that deletes the processes with a time before the year 1 or after the year 9999.</summary>
    public const string OnlyYearsOneTo9999 = """
        DELETE FROM processes_subscriptions WHERE pid IN (SELECT pid FROM processes
            WHERE least(started_at, last_modified_at) < '0001-01-01Z' OR greatest(started_at, last_modified_at) >= '10000-01-01Z');
        DELETE FROM processes
            WHERE least(started_at, last_modified_at) < '0001-01-01Z' OR greatest(started_at, last_modified_at) >= '10000-01-01Z';
        """;

    public static async Task CopyToSqliteAsync(this NpgsqlDataSource source, TemporarySqlite target, string time)
    {
        await target.ExecuteAsync(TemporarySqlite.Schema + "DELETE FROM engine_settings;");
        var start = string.Format(null, time, "started_at");
        var end = string.Format(null, time, "last_modified_at");
        await using var connection = (SqliteConnection)await target.DataSource.OpenConnectionAsync();
        await using var transaction = connection.BeginTransaction();
        await CopyAsync("products", "product_id::text, name");
        await CopyAsync("workflows", "workflow_id::text, name, target");
        await CopyAsync("subscriptions", "subscription_id::text, status, product_id::text, customer_id, insync::int");
        await CopyAsync(
            "processes", $"pid::text, last_status, {start}, {end}, created_by, is_task::int, workflow_id::text");
        await CopyAsync("processes_subscriptions", "id::text, pid::text, subscription_id::text");
        await CopyAsync("engine_settings", "global_lock::int");
        await transaction.CommitAsync();

        async Task CopyAsync(string table, string columns)
        {
            await using var query = source.CreateCommand($"SELECT {columns} FROM {table}");
            await using var reader = await query.ExecuteReaderAsync().Soon();
            await using var insert = connection.CreateCommand();
            insert.Transaction = transaction;
            insert.CommandText =
                $"INSERT INTO {table} VALUES " +
                $"({string.Join(", ", Enumerable.Range(0, reader.FieldCount).Select(i => $"$p{i}"))})";
            for (var i = 0; i < reader.FieldCount; i++)
                insert.Parameters.Add(new SqliteParameter($"$p{i}", null));
            while (await reader.ReadAsync())
            {
                for (var i = 0; i < reader.FieldCount; i++)
                    insert.Parameters[i].Value = reader.GetValue(i);
                await insert.ExecuteNonQueryAsync();
            }
        }
    }
}
