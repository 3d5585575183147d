// The snippets about operational metrics, compiled. ReadmeTests compares them.
#pragma warning disable IDE0005

using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Metrics;

namespace Orchestrator.Metrics.Tests.Snippets;

internal static class ReadmeOperational
{
    public static void AddToDatabase(WebApplicationBuilder builder)
    {
        builder.Services.AddOrchestratorMetrics()
            .AddRelationalRepositories()
            .AddOperationalMetrics(options => options.Window = TimeSpan.FromMinutes(30));
    }

    public static void AddToRepositories(WebApplicationBuilder builder)
    {
        builder.Services.AddOrchestratorMetrics()
            .AddRelationalRepositories()
            .AddOperationalMetrics(options => options.Window = TimeSpan.FromHours(1));
    }

    public static void AddOwnRepository(WebApplicationBuilder builder)
    {
        builder.Services.AddScoped<IOperationalRepository, OperationalProcesses>();
        builder.Services.AddOrchestratorMetrics()
            .AddOperationalMetrics();
    }
}

internal sealed class OperationalProcesses : IOperationalRepository
{
    public Task<OperationalState> GetOperationalStateAsync(
        TimeSpan window, IReadOnlyList<double> upperBounds, CancellationToken cancellationToken) =>
        Task.FromResult(new OperationalState
        {
            Processes =
            [
                new()
                {
                    LastStatus = "running", IsTask = false, WorkflowName = "create_port", WorkflowTarget = "CREATE",
                    Count = 3, OldestStart = 1_790_000_000, OldestChange = 1_790_000_360.5,
                },
            ],
            RecentlyEnded =
            [
                new()
                {
                    LastStatus = "completed", IsTask = false, WorkflowName = "create_port", WorkflowTarget = "CREATE",
                    // Two processes took at most the first bound, and none took longer.
                    BucketCounts = [2, .. new long[upperBounds.Count]], TotalSeconds = 1.25,
                },
            ],
        });
}
