using System.Data.Common;
using Orchestrator.Metrics;

namespace Sample.Data;

internal sealed class WorkflowEngineRepository(DbDataSource database) : IWorkflowEngineRepository
{
    // One statement sees one state of the database, so the lock and the number belong together.
    private const string Query = """
        SELECT global_lock, (SELECT count(*) FROM processes WHERE last_status = 'running')
        FROM engine_settings
        """;

    public async Task<WorkflowEngineState> GetEngineStateAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Query);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
            throw new InvalidOperationException("Table engine_settings is empty; it should have one row.");
        var state = new WorkflowEngineState
        {
            GlobalLock = reader.GetBoolean(0),
            RunningProcesses = reader.GetInt64(1),
        };
        // The table's key lets both a locked and an unlocked row in, and then neither can be believed.
        if (await reader.ReadAsync(cancellationToken))
            throw new InvalidOperationException("Table engine_settings has two rows; it should have one.");
        return state;
    }
}
