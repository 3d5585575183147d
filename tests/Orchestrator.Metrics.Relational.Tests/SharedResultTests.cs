using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.Metrics.Tests;

/// <summary>Results of database-wide collectors, which replicas share.</summary>
public class SharedResultTests
{
    [TestCase(true)]
    [TestCase(false)]
    public async Task Sql_metrics_are_shared_unless_the_host_excludes_them(bool shared)
    {
        await using var sqlite = new TemporarySqlite();
        var store = new RecordingStore();
        await using var services = SqlMetricsHost.Services(sqlite.DataSource, metrics =>
        {
            metrics.Services.AddSingleton<ICollectorResultStore>(store);
            metrics.AddSqlMetrics("query", "SELECT 1 AS n", define => define.Gauge("acme_n", "", "n"), options =>
            {
                options.CacheFor = TimeSpan.FromMinutes(1);
                if (!shared)
                    options.Shared = false;
            });
        });

        await services.GetRequiredService<OrchestratorMetricsRegistry>().CollectAsync().Soon();

        Assert.That(store.Collectors, Is.EqualTo(shared ? ["query"] : Array.Empty<string>()));
    }

    private sealed class RecordingStore : ICollectorResultStore
    {
        public List<string> Collectors { get; } = [];

        public Task<CollectorResult> GetOrCollectAsync(
            CollectorResultRequest request, Func<Task<CollectorResult>> collect, CancellationToken cancellationToken)
        {
            Collectors.Add(request.Collector);
            return collect();
        }
    }
}
