using System.Data.Common;

namespace Orchestrator.Metrics.Relational.Repositories;

internal sealed class WorkflowEngineRepository(
    RelationalDatabase database, CollectorContext context, IServiceProvider services)
    : IWorkflowEngineRepository
{
    public async Task<WorkflowEngineState> GetEngineStateAsync(CancellationToken cancellationToken)
    {
        var running = database.Options.RunningProcesses is { } count
            ? await count(services, cancellationToken).ConfigureAwait(false)
            : (long?)null;
        return await database.ReadCoreSchemaAsync(
            context,
            async transaction => new WorkflowEngineState
            {
                GlobalLock = await GetGlobalLockAsync(transaction, cancellationToken).ConfigureAwait(false),
                RunningProcesses = running
                    ?? await CountRunningAsync(transaction, cancellationToken).ConfigureAwait(false),
            },
            cancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> GetGlobalLockAsync(ReadTransaction transaction, CancellationToken cancellationToken)
    {
        var rows = await transaction.QueryColumnAsync(
            database.Dialect.EngineSettingsQuery, "global_lock", (result, column) => result.GetBoolean(column),
            cancellationToken).ConfigureAwait(false);
        return rows.Count == 1
            ? rows[0]
            : throw new InvalidOperationException(
                "The query of the engine settings must return exactly one row, but returned " +
                $"{(rows.Count == 0 ? "no row" : "more than one row")}. In the table engine_settings, INSERT the " +
                "missing row (global_lock = false), or DELETE the extra rows.");
    }

    private async Task<long> CountRunningAsync(ReadTransaction transaction, CancellationToken cancellationToken)
    {
        try
        {
            var rows = await transaction.QueryColumnAsync(
                database.Dialect.RunningProcessesQuery, "count", (result, column) => result.GetInt64(column),
                cancellationToken).ConfigureAwait(false);
            database.HasSeenProcesses = true;
            return rows[0];
        }
        catch (DbException exception) when (!database.HasSeenProcesses && database.Dialect.IsMissingTable(exception))
        {
            // The table does not exist yet, so no process is running.
            return 0;
        }
    }
}
