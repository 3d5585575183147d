using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Orchestrator.Metrics.Tests;

/// <summary>One of several hosts with the same collector and the same Redis.</summary>
internal sealed class Replica : IAsyncDisposable
{
    // Longer than the default, so a busy machine is not treated as an outage.
    private static readonly TimeSpan CommandTimeout = TimeSpan.FromSeconds(5);

    private readonly ServiceProvider _services;

    public Replica(
        RedisServer server, IMetricsCollector collector, Action<CollectorOptions>? configure = null,
        string keySuffix = "", Action<OrchestratorMetricsOptions>? options = null)
        : this(
            metrics => RedisExtensions.ShareResultsInRedis(metrics, server.Address, keySuffix, CommandTimeout),
            collector, configure, options)
    {
    }

    public Replica(
        Action<OrchestratorMetricsBuilder> share, IMetricsCollector collector,
        Action<CollectorOptions>? configure = null, Action<OrchestratorMetricsOptions>? options = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton<ILogger<OrchestratorMetricsRegistry>>(Log);
        var metrics = services.AddOrchestratorMetrics(registry =>
        {
            registry.DefaultCollectors = DefaultCollectors.None;
            registry.ScrapeMetrics = true;
            options?.Invoke(registry);
        });
        share(metrics);
        metrics.AddCollector(collector, collectorOptions =>
        {
            collectorOptions.Shared = true;
            collectorOptions.CacheFor = TimeSpan.FromMinutes(10);
            configure?.Invoke(collectorOptions);
        });
        _services = services.BuildServiceProvider();
        Registry = _services.GetRequiredService<OrchestratorMetricsRegistry>();
    }

    public ListLogger Log { get; } = new();

    public ICollectorResultStore Store => _services.GetRequiredService<ICollectorResultStore>();

    public OrchestratorMetricsRegistry Registry { get; }

    public Task<MetricsSnapshot> ScrapeAsync(TimeSpan? timeout = null) =>
        Registry.CollectAsync(new() { Timeout = timeout }).Soon();

    public async Task<double> ScrapeValueAsync() =>
        (await ScrapeAsync()).TryGetValue("x", out var value)
            ? value
            : throw new AssertionException("The scrape returned no sample 'x'.");

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
