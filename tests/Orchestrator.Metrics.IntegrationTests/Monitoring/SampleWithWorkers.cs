using Microsoft.Extensions.Logging;

namespace Orchestrator.Metrics.Tests.Monitoring;

/// <summary>
/// The sample behind a server that adds <c>wfo_workers</c> and <c>wfo_worker_jobs</c> to its metrics, because the
/// sample has no workers.
/// </summary>
internal sealed class SampleWithWorkers : IAsyncDisposable
{
    private const string Workers =
        """
        # HELP wfo_workers Number of workers online.
        # TYPE wfo_workers gauge
        wfo_workers{executor_type="celery"} 4.0
        # HELP wfo_worker_jobs Number of jobs that workers have, per state.
        # TYPE wfo_worker_jobs gauge
        wfo_worker_jobs{executor_type="celery",state="queued"} 2.0
        wfo_worker_jobs{executor_type="celery",state="running"} 3.0

        """;

    private readonly SampleProgram _sample;
    private readonly WebApplication _server;

    private SampleWithWorkers(SampleProgram sample, WebApplication server) => (_sample, _server) = (sample, server);

    public string Target => new Uri(_server.Urls.Single()).Authority;

    public static async Task<SampleWithWorkers> StartAsync(params (string Name, string? Value)[] environment)
    {
        var sample = await SampleProgram.StartAsync(environment);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var server = builder.Build();
        server.Urls.Add("http://127.0.0.1:0");
        var result = new SampleWithWorkers(sample, server);
        server.MapGet("/api/metrics", async context =>
        {
            context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
            await context.Response.WriteAsync(await result.GetMetricsAsync());
        });
        await server.StartAsync();
        return result;
    }

    public async Task<string> GetMetricsAsync() => await _sample.Client.GetStringAsync("/api/metrics") + Workers;

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _sample.DisposeAsync();
    }
}
