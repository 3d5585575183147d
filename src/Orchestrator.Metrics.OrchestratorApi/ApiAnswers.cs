using System.Text.Json.Serialization;

namespace Orchestrator.Metrics.OrchestratorApi;

/// <summary>The answer of <c>GET /api/settings/status</c>, without the fields that are not used.</summary>
/// <remarks>
/// <see cref="ApiClient"/> rejects answers in which one of the properties is null, here and in
/// <see cref="WorkerStatus"/>.
/// </remarks>
internal sealed record EngineStatus(bool? GlobalLock, long? RunningProcesses);

/// <summary>The answer of <c>GET /api/settings/worker-status</c>.</summary>
internal sealed record WorkerStatus(
    string? ExecutorType, long? NumberOfWorkersOnline, long? NumberOfQueuedJobs, long? NumberOfRunningJobs);

/// <summary>Reads the answers without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(EngineStatus))]
[JsonSerializable(typeof(WorkerStatus))]
internal sealed partial class ApiAnswers : JsonSerializerContext;
