namespace Orchestrator.Metrics;

/// <summary>
/// Options of one collector. Read once, when the collector is registered. Values of the configuration section
/// <c>OrchestratorMetrics:Collectors:&lt;name&gt;</c> override values set in code.
/// </summary>
/// <remarks>
/// The keys of the section are <c>Tags</c>, <c>Timeout</c>, <c>CacheFor</c>, <c>ServeStaleFor</c> and
/// <c>PublishToMeter</c>, for example <c>OrchestratorMetrics:Collectors:ProcessCollector:CacheFor</c>. They apply to collectors that
/// <see cref="OrchestratorMetricsBuilder"/> adds, not to those that are registered with a running registry.
/// </remarks>
public sealed class CollectorOptions
{
    /// <summary>
    /// The name of the collector in logs, errors and scrape metrics; unique in a registry. Defaults to the name of the
    /// type of the collector.
    /// </summary>
    public string Name { get; set; } = "";

    /// <summary>
    /// The names of all metric families that the collector may return. Null, the default, declares none. Names declared
    /// by two collectors are an error at registration instead of at the first scrape. Scrapes that request only other
    /// names (<c>?name[]=</c>) do not run the collector. Each name is the <see cref="MetricFamily.Name"/> of a family:
    /// with the unit, and without the suffix <c>_info</c> of an info. The suffix <c>_total</c> of a counter is
    /// optional.
    /// </summary>
    public IReadOnlyCollection<string>? FamilyNames { get; set; }

    /// <summary>
    /// The tags by which an endpoint or a <see cref="ScrapeRequest"/> selects collectors. Case-sensitive. Empty by
    /// default.
    /// </summary>
    public IReadOnlyCollection<string> Tags { get; set; } = [];

    /// <summary>
    /// The timeout of a run, after which the run fails and its token is cancelled. Longer than zero and at most a day.
    /// Null, the default, applies <see cref="OrchestratorMetricsOptions.CollectorTimeout"/>.
    /// </summary>
    public TimeSpan? Timeout { get; set; }

    /// <summary>
    /// The duration for which the result of a run is cached, from the start of the run. A twentieth of the duration, at
    /// most a second, is subtracted, so scrapes at intervals of exactly this duration each get a new result. Zero, the
    /// default, turns caching off.
    /// </summary>
    public TimeSpan CacheFor { get; set; }

    /// <summary>
    /// The maximum age of the last good result, which is served in place of a failed run. The failure is still logged
    /// and reported in the scrape metrics. Zero, the default, turns stale results off.
    /// </summary>
    public TimeSpan ServeStaleFor { get; set; }

    /// <summary>
    /// Whether <see cref="OrchestratorMetricsBuilder.PublishToMeter"/> publishes the families of the collector. True by
    /// default; false for collectors whose metrics OpenTelemetry can read at the source.
    /// </summary>
    public bool PublishToMeter { get; set; } = true;
}
