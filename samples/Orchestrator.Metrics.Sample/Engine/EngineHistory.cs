using System.Data.Common;
using Orchestrator.Metrics;
using Sample.Data;

namespace Sample.Engine;

/// <summary>
/// Records and reads the history of the engine in the last two minutes, for a page that has just connected. The
/// tables of orchestrator-core contain only the current state: the time of a pause, for example, is missing.
/// </summary>
internal static class EngineHistory
{
    private static readonly TimeSpan Span = TimeSpan.FromMinutes(2);

    public static async Task RecordAsync(
        DbConnection connection, DateTimeOffset now, bool globalLock, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync(
            """
            INSERT OR REPLACE INTO engine_history (recorded_at, running, global_lock)
            SELECT $now, count(*), $lock FROM processes WHERE last_status = 'running'
            """,
            [("$now", now.ToUnixMicroseconds()), ("$lock", globalLock)], cancellationToken);
        await connection.ExecuteAsync(
            "DELETE FROM engine_history WHERE recorded_at < $oldest",
            [("$oldest", (now - Span).ToUnixMicroseconds())], cancellationToken);
    }

    public static async Task<List<PastEngineStatus>> ReadAsync(
        DbConnection connection, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand(
            """
            SELECT recorded_at / 1000, running, global_lock FROM engine_history
            WHERE recorded_at >= $oldest ORDER BY recorded_at
            """,
            ("$oldest", (now - Span).ToUnixMicroseconds()));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var history = new List<PastEngineStatus>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var state = new WorkflowEngineState
            {
                GlobalLock = reader.GetBoolean(2),
                RunningProcesses = reader.GetInt64(1),
            };
            history.Add(new(reader.GetInt64(0), EngineStatus.Create(state)));
        }

        return history;
    }
}
