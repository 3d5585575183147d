using System.Data.Common;
using Sample.Data;
using Sample.Demo;

namespace Sample.Engine;

internal sealed class EngineTick(DbConnection connection, Random random)
{
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private const double StartChance = 0.4;

    private static readonly string OpenProcessesQuery = $"""
        SELECT p.pid, p.last_status, p.last_step, w.target, p.note IS NOT NULL,
               (SELECT l.subscription_id FROM processes_subscriptions l WHERE l.pid = p.pid ORDER BY l.rowid LIMIT 1)
        FROM processes p
        JOIN workflows w ON w.workflow_id = p.workflow_id
        WHERE p.last_status NOT IN ('{string.Join("', '", Catalogue.FinalStatuses)}')
        ORDER BY p.rowid
        """;

    private readonly ProcessStarter _starter = new(connection, random);

    public async Task RunAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var globalLock = await IsLockedAsync(cancellationToken);
        var open = await GetOpenProcessesAsync(cancellationToken);
        foreach (var process in open.Where(process => !process.HasNote))
            await AdvanceAsync(process, globalLock, now, cancellationToken);
        if (!globalLock)
            await StartAsync(open, now, cancellationToken);
        await EngineHistory.RecordAsync(connection, now, globalLock, cancellationToken);
    }

    private async Task<bool> IsLockedAsync(CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand("SELECT max(global_lock) FROM engine_settings");
        return await command.ExecuteScalarAsync(cancellationToken) is 1L;
    }

    private async Task<List<OpenProcess>> GetOpenProcessesAsync(CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand(OpenProcessesQuery);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var processes = new List<OpenProcess>();
        while (await reader.ReadAsync(cancellationToken))
        {
            processes.Add(new OpenProcess(
                reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetString(3),
                reader.GetBoolean(4), reader.IsDBNull(5) ? null : reader.GetString(5)));
        }

        return processes;
    }

    private async Task AdvanceAsync(
        OpenProcess process, bool globalLock, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (status, step) = ProcessFlow.GetNext(process.Status, process.Step, process.Target, globalLock, random);
        if (status == process.Status && step == process.Step)
            return;
        var modifiedAt = now.ToUnixMicroseconds();
        await connection.ExecuteAsync(
            "UPDATE processes SET last_status = $status, last_step = $step, last_modified_at = $now WHERE pid = $pid",
            [("$status", status), ("$step", step), ("$now", modifiedAt), ("$pid", process.Id)],
            cancellationToken);
        if (!Catalogue.FinalStatuses.Contains(status))
            return;
        if (process.SubscriptionId is not null)
            await SubscriptionChanges.ApplyAsync(
                connection, process.SubscriptionId, process.Target, status == "completed", modifiedAt,
                cancellationToken);
        else if (status == "completed")
            await TaskCleanUp.RunAsync(connection, now, cancellationToken);
    }

    private async Task StartAsync(List<OpenProcess> open, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var startedAt = now.ToUnixMicroseconds();
        if (await TaskCleanUp.IsDueAsync(connection, now, cancellationToken))
            await _starter.StartAsync(Catalogue.CleanUpTasks, null, startedAt, cancellationToken);
        if (random.NextDouble() < StartChance)
        {
            var busy = open.Select(process => process.SubscriptionId).ToHashSet();
            await _starter.StartRandomAsync(busy, startedAt, cancellationToken);
        }
    }

    /// <summary>
    /// A process that is neither completed nor aborted. The engine skips a process with a note, so it remains stuck.
    /// </summary>
    private sealed record OpenProcess(
        string Id, string Status, string Step, string Target, bool HasNote, string? SubscriptionId);
}
