namespace Orchestrator.Metrics;

/// <summary>The state of the host's workflow engine.</summary>
public interface IWorkflowEngineRepository
{
    /// <summary>Reads the state of the engine.</summary>
    /// <param name="cancellationToken">Cancelled when nobody waits for the state any more.</param>
    /// <returns>Lock and running processes, if possible from one moment.</returns>
    /// <exception cref="SchemaNotFoundException">
    /// The data has no place yet, for example before the first migration.
    /// </exception>
    Task<WorkflowEngineState> GetEngineStateAsync(CancellationToken cancellationToken);
}

/// <summary>The state of a workflow engine.</summary>
public sealed record WorkflowEngineState
{
    /// <summary>Whether the engine is locked, so that no process starts or takes its next step.</summary>
    public required bool GlobalLock { get; init; }

    /// <summary>The number of processes that are running now.</summary>
    public required long RunningProcesses { get; init; }
}
