namespace Orchestrator.Metrics.OrchestratorApi;

/// <summary>
/// Reads the lock and the running processes from one response, so the engine status matches that of orchestrator-core.
/// </summary>
internal sealed class WorkflowEngineRepository(ApiClient api) : IWorkflowEngineRepository
{
    public async Task<WorkflowEngineState> GetEngineStateAsync(CancellationToken cancellationToken)
    {
        var status = await api.GetAsync("api/settings/status", ApiResponses.Default.EngineStatus, cancellationToken)
            .ConfigureAwait(false);
        return new()
        {
            GlobalLock = status.GlobalLock!.Value,
            RunningProcesses = status.RunningProcesses!.Value,
        };
    }
}
