using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Orchestrator.Metrics.Tests;

/// <summary>An HTTP server that responds like the REST API of orchestrator-core 5.</summary>
internal sealed class OrchestratorServer : IAsyncDisposable
{
    public const string StatusPath = "/api/settings/status";
    public const string WorkersPath = "/api/settings/worker-status";
    public const string Running = """{"global_lock":false,"running_processes":2,"global_status":"RUNNING"}""";
    public const string Threadpool =
        """{"executor_type":"threadpool","number_of_workers_online":5,"number_of_queued_jobs":0,"number_of_running_jobs":2}""";

    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, RequestDelegate> _handlers = [];
    private readonly ConcurrentQueue<string> _requests = [];

    private OrchestratorServer(WebApplication app) => _app = app;

    public string Address => _app.Urls.Single();

    /// <summary>The token that requests to the API must contain; null for a server with OAUTH2_ACTIVE=False.</summary>
    public string? Token { get; set; }

    /// <summary>All requests, as path and Authorization header.</summary>
    public IReadOnlyList<string> Requests => [.. _requests];

    public static async Task<OrchestratorServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var server = new OrchestratorServer(app);
        app.Run(server.RespondAsync);
        server.Respond(StatusPath, Running);
        server.Respond(WorkersPath, Threadpool);
        await app.StartAsync();
        return server;
    }

    public void Respond(string path, RequestDelegate handler) => _handlers[path] = handler;

    public void Respond(string path, string body, int status = 200, string type = "application/json") =>
        Respond(path, context =>
        {
            (context.Response.StatusCode, context.Response.ContentType) = (status, type);
            return context.Response.WriteAsync(body);
        });

    /// <summary>Makes the server leave later requests for a path without a response.</summary>
    /// <returns>A task that completes when the server has received a request.</returns>
    public Task NeverRespond(string path)
    {
        var requested = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Respond(path, async context =>
        {
            requested.TrySetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });
        return requested.Task;
    }

    public int Count(string path) =>
        _requests.Count(request => request.StartsWith(path + " ", StringComparison.Ordinal));

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task RespondAsync(HttpContext context)
    {
        var authorization = context.Request.Headers.Authorization.ToString();
        var path = context.Request.Path.Value!;
        _requests.Enqueue($"{path} {authorization}");
        if (Token is not null && authorization != $"Bearer {Token}" && path.StartsWith("/api/", StringComparison.Ordinal))
        {
            context.Response.StatusCode = 403;
            await context.Response.WriteAsJsonAsync(new { detail = "Not authenticated" });
        }
        else if (_handlers.TryGetValue(path, out var handler))
            await handler(context);
        else
            context.Response.StatusCode = 404;
    }
}
