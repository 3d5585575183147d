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
        await using var services = SqlMetricsHost.BuildServices(sqlite.DataSource, metrics =>
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

    [TestCase("SELECT 1 AS n", "N.", "n", false)]
    [TestCase("SELECT 2 AS n", "N.", "n", true)]
    [TestCase("SELECT 1 AS n", "Another help text.", "n", true)]
    [TestCase("SELECT 1 AS n", "N.", "N", true)]
    public async Task Sql_metrics_are_shared_only_with_the_same_query_and_families(
        string query, string help, string value, bool changes)
    {
        var plain = await CollectHashAsync("SELECT 1 AS n", "N.", "n");
        Assert.That(await CollectHashAsync(query, help, value), changes ? Is.Not.EqualTo(plain) : Is.EqualTo(plain));
    }

    private static async Task<string> CollectHashAsync(string query, string help, string value)
    {
        await using var sqlite = new TemporarySqlite();
        var store = new RecordingStore();
        await using var services = SqlMetricsHost.BuildServices(sqlite.DataSource, metrics =>
        {
            metrics.Services.AddSingleton<ICollectorResultStore>(store);
            metrics.AddSqlMetrics(
                "query", query, define => define.Gauge("acme_n", help, value),
                options => options.CacheFor = TimeSpan.FromMinutes(1));
        });
        await services.GetRequiredService<OrchestratorMetricsRegistry>().CollectAsync().Soon();
        return store.Hashes.Single();
    }

    private sealed class RecordingStore : ICollectorResultStore
    {
        public List<string> Collectors { get; } = [];

        public List<string> Hashes { get; } = [];

        public Task<CollectorResult> GetOrCollectAsync(
            CollectorResultRequest request, Func<Task<CollectorResult>> collect, CancellationToken cancellationToken)
        {
            Collectors.Add(request.Collector);
            Hashes.Add(request.OptionsHash);
            return collect();
        }
    }
}
