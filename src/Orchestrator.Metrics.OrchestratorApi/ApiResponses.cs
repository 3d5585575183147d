using System.Text.Json.Serialization;

namespace Orchestrator.Metrics.OrchestratorApi;

/// <summary>The response of <c>GET /api/settings/status</c>, without unused fields.</summary>
/// <remarks>
/// <see cref="ApiClient"/> rejects a response if one of these properties is null. The same applies to
/// <see cref="WorkerStatus"/>.
/// </remarks>
internal sealed record EngineStatus(bool? GlobalLock, long? RunningProcesses);

/// <summary>The response of <c>GET /api/settings/worker-status</c>.</summary>
internal sealed record WorkerStatus(
    string? ExecutorType, long? NumberOfWorkersOnline, long? NumberOfQueuedJobs, long? NumberOfRunningJobs);

/// <summary>Deserializes the responses without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(EngineStatus))]
[JsonSerializable(typeof(WorkerStatus))]
internal sealed partial class ApiResponses : JsonSerializerContext;
