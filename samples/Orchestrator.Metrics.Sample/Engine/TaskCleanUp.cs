using System.Data.Common;
using Sample.Data;
using Sample.Demo;

namespace Sample.Engine;

/// <summary>
/// The task <c>task_clean_up_tasks</c> of orchestrator-core with its default schedule and retention
/// (<c>TASK_LOG_RETENTION_DAYS</c>). Because it deletes tasks, no metric of processes is a counter.
/// </summary>
internal static class TaskCleanUp
{
    public static readonly TimeSpan Interval = TimeSpan.FromHours(6);
    public static readonly TimeSpan Retention = TimeSpan.FromDays(3);

    public static async Task<bool> IsDueAsync(
        DbConnection connection, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand(
            "SELECT max(started_at) FROM processes WHERE workflow_id = $workflow",
            ("$workflow", Catalogue.CleanUpTasks.Id));
        return await command.ExecuteScalarAsync(cancellationToken) is not long last
            || last <= (now - Interval).ToUnixMicroseconds();
    }

    public static Task RunAsync(DbConnection connection, DateTimeOffset now, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(
            "DELETE FROM processes WHERE is_task = 1 AND last_status = 'completed' AND last_modified_at <= $limit",
            [("$limit", (now - Retention).ToUnixMicroseconds())], cancellationToken);
}
