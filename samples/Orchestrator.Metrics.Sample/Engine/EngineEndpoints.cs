using System.Data.Common;
using Microsoft.AspNetCore.Http.HttpResults;
using Orchestrator.Metrics;
using Sample.Data;

namespace Sample.Engine;

internal static class EngineEndpoints
{
    public static void MapEngine(this IEndpointRouteBuilder endpoints)
    {
        var engine = endpoints.MapGroup("/api/engine");
        engine.MapGet("/status", GetStatusAsync);
        engine.MapGet("/history", GetHistoryAsync);
        engine.MapPost("/pause", PauseAsync);
        engine.MapPost("/resume", ResumeAsync);
    }

    private static Task<Ok<EngineStatus>> PauseAsync(
        DbDataSource database, IWorkflowEngineRepository repository, CancellationToken cancellationToken) =>
        SetLockAsync(true, database, repository, cancellationToken);

    private static Task<Ok<EngineStatus>> ResumeAsync(
        DbDataSource database, IWorkflowEngineRepository repository, CancellationToken cancellationToken) =>
        SetLockAsync(false, database, repository, cancellationToken);

    private static async Task<Ok<EngineStatus>> SetLockAsync(
        bool globalLock, DbDataSource database, IWorkflowEngineRepository repository,
        CancellationToken cancellationToken)
    {
        await using (var connection = await database.OpenConnectionAsync(cancellationToken))
        {
            await connection.ExecuteAsync(
                "UPDATE engine_settings SET global_lock = $lock", [("$lock", globalLock)], cancellationToken);
        }

        return await GetStatusAsync(repository, cancellationToken);
    }

    private static async Task<Ok<EngineStatus>> GetStatusAsync(
        IWorkflowEngineRepository repository, CancellationToken cancellationToken) =>
        TypedResults.Ok(EngineStatus.Create(await repository.GetEngineStateAsync(cancellationToken)));

    private static async Task<Ok<List<PastEngineStatus>>> GetHistoryAsync(
        DbDataSource database, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return TypedResults.Ok(await EngineHistory.ReadAsync(connection, time.GetUtcNow(), cancellationToken));
    }
}
