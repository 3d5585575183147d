using System.Data.Common;
using Microsoft.Extensions.Options;
using Sample.Data;
using Sample.Demo;

namespace Sample.Engine;

/// <summary>Starts processes, advances them and changes subscriptions, so the metrics change.</summary>
internal sealed class SimulatedEngine(DbDataSource database, TimeProvider time, IOptions<SampleOptions> options)
    : BackgroundService
{
    private const double StartChance = 0.4;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500);

    private static readonly string OpenProcessesQuery = $"""
        SELECT p.pid, p.last_status, p.last_step, w.target,
               (SELECT l.subscription_id FROM processes_subscriptions l WHERE l.pid = p.pid ORDER BY l.rowid LIMIT 1)
        FROM processes p
        JOIN workflows w ON w.workflow_id = p.workflow_id
        WHERE p.last_status IN ('{string.Join("', '", Catalogue.OpenStatuses)}')
        ORDER BY p.rowid
        """;

    private readonly Random _random = new(5080);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.Simulate)
            return;
        using var timer = new PeriodicTimer(Tick, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            await WorkAsync(stoppingToken);
    }

    private async Task WorkAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        // Takes the write lock of SQLite immediately. A transaction that begins with a read could not wait for the lock
        // later.
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var now = time.GetUtcNow().ToUnixMicroseconds();
        var globalLock = await IsLockedAsync(connection, cancellationToken);
        var open = await GetOpenProcessesAsync(connection, cancellationToken);
        foreach (var process in open)
            await AdvanceAsync(connection, process, globalLock, now, cancellationToken);
        if (!globalLock && _random.NextDouble() < StartChance)
        {
            var busy = open.Select(process => process.SubscriptionId).ToHashSet();
            await new ProcessStarter(connection, _random).StartAsync(busy, now, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    private static async Task<bool> IsLockedAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand("SELECT max(global_lock) FROM engine_settings");
        return await command.ExecuteScalarAsync(cancellationToken) is 1L;
    }

    private static async Task<List<OpenProcess>> GetOpenProcessesAsync(
        DbConnection connection, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand(OpenProcessesQuery);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var processes = new List<OpenProcess>();
        while (await reader.ReadAsync(cancellationToken))
        {
            processes.Add(new OpenProcess(
                reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetString(3),
                reader.IsDBNull(4) ? null : reader.GetString(4)));
        }

        return processes;
    }

    private async Task AdvanceAsync(
        DbConnection connection, OpenProcess process, bool globalLock, long now, CancellationToken cancellationToken)
    {
        var (status, step) = ProcessFlow.Next(process.Status, process.Step, globalLock, _random);
        if (status == process.Status && step == process.Step)
            return;
        await connection.ExecuteAsync(
            "UPDATE processes SET last_status = $status, last_step = $step, last_modified_at = $now WHERE pid = $pid",
            [("$status", status), ("$step", step), ("$now", now), ("$pid", process.Id)],
            cancellationToken);
        if (process.SubscriptionId is not null && !Catalogue.OpenStatuses.Contains(status))
            await SubscriptionChanges.ApplyAsync(
                connection, process.SubscriptionId, process.Target, status == "completed", now, cancellationToken);
    }

    private sealed record OpenProcess(string Id, string Status, string Step, string Target, string? SubscriptionId);
}
