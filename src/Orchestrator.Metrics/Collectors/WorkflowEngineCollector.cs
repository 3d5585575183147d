namespace Orchestrator.Metrics.Collectors;

/// <summary>
/// Reports the state of the workflow engine. Source of the families: <c>orchestrator/core/metrics/engine.py</c> of
/// orchestrator-core.
/// </summary>
internal sealed class WorkflowEngineCollector(
    IWorkflowEngineRepository repository, MissingSchemaHandler missingSchema, string name) : IMetricsCollector
{
    public static readonly string[] FamilyNames = ["wfo_engine_status", "wfo_active_process_count"];

    public async Task<IReadOnlyList<MetricFamily>> CollectAsync(CancellationToken cancellationToken)
    {
        var status = MetricFamily.StateSet("wfo_engine_status", "Current workflow engine status.");
        var active = MetricFamily.Gauge(
            "wfo_active_process_count",
            "Number of currently running processes in the workflow engine.",
            [],
            unit: "count");
        var states = await missingSchema.GetRowsOrEmptyAsync<WorkflowEngineState>(
            name,
            async token =>
            [
                await repository.GetEngineStateAsync(token).ConfigureAwait(false)
                    ?? throw new InvalidOperationException(
                        "The repository returned null. Return the state of the engine."),
            ],
            cancellationToken).ConfigureAwait(false);
        foreach (var state in states)
        {
            status.Add(MetricPoint.StateSet(
            [
                new("RUNNING", !state.GlobalLock),
                new("PAUSING", state.GlobalLock && state.RunningProcesses > 0),
                new("PAUSED", state.GlobalLock && state.RunningProcesses <= 0),
            ]));
            active.Add(state.RunningProcesses);
        }

        return [status, active];
    }
}
