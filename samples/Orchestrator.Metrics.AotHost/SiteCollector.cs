using Orchestrator.Metrics;

namespace AotHost;

/// <summary>A collector of the host. The container creates it for each run.</summary>
internal sealed class SiteCollector(Sites sites) : IMetricsCollector
{
    public Task<IReadOnlyList<MetricFamily>> CollectAsync(CancellationToken cancellationToken)
    {
        var family = MetricFamily.Gauge("acme_sites", "Sites per city.", "city");
        foreach (var (city, count) in sites.PerCity)
            family.Add(count, city);
        return Task.FromResult<IReadOnlyList<MetricFamily>>([family]);
    }
}

internal sealed class Sites
{
    public IReadOnlyDictionary<string, int> PerCity { get; } =
        new Dictionary<string, int> { ["Oslo"] = 2, ["Rome"] = 1 };
}
