using System.Text.Json.Serialization;
using Orchestrator.Metrics;

namespace Sample.Engine;

/// <summary>
/// The state of the engine, with the field names of <c>GET /api/settings/status</c> in orchestrator-core.
/// </summary>
internal sealed record EngineStatus(
    [property: JsonPropertyName("global_status")] string GlobalStatus,
    [property: JsonPropertyName("global_lock")] bool GlobalLock,
    [property: JsonPropertyName("running_processes")] long RunningProcesses)
{
    public static EngineStatus Create(WorkflowEngineState state) => new(
        state switch
        {
            { GlobalLock: false } => "RUNNING",
            { RunningProcesses: > 0 } => "PAUSING",
            _ => "PAUSED",
        },
        state.GlobalLock,
        state.RunningProcesses);
}

/// <summary>The state of the engine at a time in the past.</summary>
/// <param name="Time">Milliseconds since the Unix epoch, as in JavaScript.</param>
/// <param name="Status">The state at that time.</param>
internal sealed record PastEngineStatus(
    [property: JsonPropertyName("time")] long Time,
    [property: JsonPropertyName("status")] EngineStatus Status);
