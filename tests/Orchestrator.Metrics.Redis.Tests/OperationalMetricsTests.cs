using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.Metrics.Tests;

public class OperationalMetricsTests
{
    [Test]
    public async Task Operational_metrics_are_shared_and_mapped_timestamps_keep_the_earliest_in_each_replica()
    {
        await using var server = await RedisServer.StartAsync();
        var repository = new Repository();
        var texts = new List<string>();
        var database = await server.ConnectAsync();
        for (var i = 0; i < 2; i++)
        {
            var metrics = new ServiceCollection()
                .AddSingleton<IOperationalRepository>(repository)
                .AddOrchestratorMetrics()
                .AddOperationalMetrics(configureCollector: options =>
                {
                    options.CacheFor = TimeSpan.FromMinutes(10);
                    options.DropLabels = ["is_task"];
                    options.MapLabel("workflow_name", _ => "all");
                });
            RedisExtensions.ShareResultsInRedis(metrics, server.Address, "", TimeSpan.FromSeconds(5));
            await using var services = metrics.Services.BuildServiceProvider(validateScopes: true);
            var registry = services.GetRequiredService<OrchestratorMetricsRegistry>();
            texts.Add((await registry.CollectAsync().Soon()).ToText());
            await StoredResults.WaitForKeyAsync(database);
        }

        const string Labels = "{last_status=\"running\",workflow_name=\"all\",workflow_target=\"T\"}";
        Assert.That(repository.Reads, Is.EqualTo(1));
        Assert.That(texts[1], Is.EqualTo(texts[0]));
        Assert.That(texts[0].Split('\n').Where(line => line.StartsWith("wfo_", StringComparison.Ordinal)), Is.EqualTo(new[]
        {
            $"wfo_processes{Labels} 6.0",
            $"wfo_process_oldest_start_timestamp_seconds{Labels} 100.0",
            $"wfo_process_oldest_change_timestamp_seconds{Labels} 50.0",
        }));
    }

    private sealed class Repository : IOperationalRepository
    {
        public int Reads { get; private set; }

        public Task<OperationalState> GetOperationalStateAsync(
            TimeSpan window, IReadOnlyList<double> upperBounds, CancellationToken cancellationToken)
        {
            Reads++;
            return Task.FromResult(new OperationalState
            {
                Processes =
                [
                    CreateGroup("a", false, 100, 300), CreateGroup("a", true, 200, 50), CreateGroup("b", false, 300, 200),
                ],
                RecentlyEnded = [],
            });
        }

        private static ProcessGroup CreateGroup(string workflow, bool isTask, double start, double change) => new()
        {
            LastStatus = "running",
            IsTask = isTask,
            WorkflowName = workflow,
            WorkflowTarget = "T",
            Count = 2,
            OldestStart = start,
            OldestChange = change,
        };
    }
}
