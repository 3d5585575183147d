namespace Orchestrator.Metrics;

/// <summary>
/// Reads the workflow engine state of a host, for <c>wfo_engine_status</c> and <c>wfo_active_process_count</c>.
/// </summary>
public interface IWorkflowEngineRepository
{
    /// <summary>Returns the state of the engine.</summary>
    /// <param name="cancellationToken">Signalled on timeout, or when no caller is waiting any more.</param>
    /// <returns>The lock and the number of running processes, from one point in time if possible. Never null.</returns>
    /// <exception cref="SchemaNotFoundException">The tables do not exist yet.</exception>
    Task<WorkflowEngineState> GetEngineStateAsync(CancellationToken cancellationToken);
}

/// <summary>The state of a workflow engine.</summary>
public sealed record WorkflowEngineState
{
    /// <summary>
    /// Whether the engine is locked. A locked engine neither starts processes nor continues them with their next step.
    /// </summary>
    public required bool GlobalLock { get; init; }

    /// <summary>
    /// The number of running processes. Since version 4.8.0, orchestrator-core reports the number that its executor
    /// returns. Rows with the status <c>running</c> also include processes that a paused engine or a killed worker left
    /// behind.
    /// </summary>
    public required long RunningProcesses { get; init; }
}
