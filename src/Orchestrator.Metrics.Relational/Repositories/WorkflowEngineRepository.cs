using System.Globalization;

namespace Orchestrator.Metrics;

/// <summary>The state of the engine from the database of an orchestrator-core.</summary>
internal sealed class WorkflowEngineRepository(
    RelationalDatabase database, RelationalOptions options, CollectorContext run, IServiceProvider services)
    : IWorkflowEngineRepository
{
    public async Task<WorkflowEngineState> GetEngineStateAsync(CancellationToken cancellationToken)
    {
        var running = options.RunningProcesses is { } count
            ? await count(services, cancellationToken).ConfigureAwait(false)
            : (long?)null;
        return await database.ReadAsync(
            run,
            async reader => new WorkflowEngineState
            {
                GlobalLock = await GlobalLockAsync(reader).ConfigureAwait(false),
                RunningProcesses = running ?? await RunningProcessesAsync(reader).ConfigureAwait(false),
            },
            cancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> GlobalLockAsync(RelationalReader reader)
    {
        var rows = await reader.RowsAsync(
            database.Dialect.EngineSettings,
            row => Convert.ToBoolean(row.GetValue(0), CultureInfo.InvariantCulture)).ConfigureAwait(false);
        return rows.Count == 1
            ? rows[0]
            : throw new InvalidOperationException(
                $"The table engine_settings has {(rows.Count == 0 ? "no row" : "more than one row")}, and exactly " +
                "one says whether the engine is locked. Mend the table: INSERT the missing row " +
                "(global_lock = false), or DELETE the wrong one.");
    }

    private async Task<long> RunningProcessesAsync(RelationalReader reader)
    {
        try
        {
            var rows = await reader.RowsAsync(database.Dialect.RunningProcesses, row => row.GetCount(0))
                .ConfigureAwait(false);
            return rows[0];
        }
        catch (System.Data.Common.DbException exception) when (database.Dialect.IsMissingTable(exception))
        {
            // The engine is there and its processes are not, so none runs.
            return 0;
        }
    }
}
