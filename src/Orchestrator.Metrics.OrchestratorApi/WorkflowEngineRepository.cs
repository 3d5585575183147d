namespace Orchestrator.Metrics.OrchestratorApi;

/// <summary>
/// Reads lock and running processes from one answer of the API, so that the engine status is that of orchestrator-core.
/// </summary>
internal sealed class WorkflowEngineRepository(ApiClient api) : IWorkflowEngineRepository
{
    public async Task<WorkflowEngineState> GetEngineStateAsync(CancellationToken cancellationToken)
    {
        var status = await api.GetAsync("api/settings/status", ApiAnswers.Default.EngineStatus, cancellationToken)
            .ConfigureAwait(false);
        return new()
        {
            GlobalLock = status.GlobalLock!.Value,
            RunningProcesses = status.RunningProcesses!.Value,
        };
    }
}
