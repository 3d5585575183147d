using Orchestrator.Metrics.DependencyInjection;

namespace Orchestrator.Metrics;

/// <summary>
/// Options of the metrics endpoints of a host. Read once, when an endpoint is mapped. Set them for all endpoints with
/// <c>services.Configure&lt;MetricsEndpointOptions&gt;</c>; values of the configuration section
/// <c>OrchestratorMetrics:Endpoint</c> override these. Options that <c>MapOrchestratorMetrics</c> sets apply to its
/// endpoint only, and override both.
/// </summary>
/// <remarks>
/// The keys of the section are the names of the properties, for example
/// <c>OrchestratorMetrics:Endpoint:Compression</c>; <see cref="Predicate"/> is set in code only. Durations are written
/// as <c>hh:mm:ss</c>. An unknown key or an invalid value is an error at start-up.
/// </remarks>
public sealed class MetricsEndpointOptions
{
    /// <summary>
    /// The configuration key that turns the endpoint on, as in orchestrator-core:
    /// <c>ENABLE_PROMETHEUS_METRICS_ENDPOINT</c>. Accepts <c>true</c>/<c>false</c>, <c>1</c>/<c>0</c>,
    /// <c>yes</c>/<c>no</c>, <c>on</c>/<c>off</c>, <c>t</c>/<c>f</c> and <c>y</c>/<c>n</c>. Case is ignored.
    /// </summary>
    public const string EnableEndpointKey = SettingsSection.EnableEndpointKey;

    /// <summary>
    /// Whether the endpoint serves metrics. Null, the default, follows <see cref="EnableEndpointKey"/> of the
    /// configuration; without that key, the endpoint is off. An endpoint that is off returns 404 and runs no collector.
    /// </summary>
    public bool? EnableEndpoint { get; set; }

    /// <summary>Whether responses are compressed with gzip for clients that accept it. True by default.</summary>
    public bool Compression { get; set; } = true;

    /// <summary>
    /// The maximum number of scrapes in flight per endpoint, from the request to the end of the response. Further
    /// scrapes receive 503. At least 1. No limit, <see cref="int.MaxValue"/>, by default.
    /// </summary>
    public int MaxConcurrentScrapes { get; set; } = int.MaxValue;

    /// <summary>
    /// The time to subtract from the timeout that Prometheus sends (<c>X-Prometheus-Scrape-Timeout-Seconds</c>), so the
    /// response arrives before that timeout. At least a tenth of the timeout remains for the collectors. Zero or
    /// longer, and shorter than a day. Half a second by default.
    /// </summary>
    public TimeSpan ScrapeTimeoutOffset { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// The maximum time for the client to receive the response after the collectors have finished. After that, the
    /// connection is aborted. Until then, the metric families of the response stay in memory: about 60 bytes per sample
    /// with seven labels if samples share their label strings, 350 bytes if they do not. Longer than zero, at most a
    /// day. 30 seconds by default.
    /// </summary>
    public TimeSpan WriteTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Selects the collectors of the endpoint, for example by <see cref="CollectorRegistration.Tags"/>. Called for each
    /// collector in each scrape, possibly by several threads. Null, the default, selects all collectors.
    /// </summary>
    public Func<CollectorRegistration, bool>? Predicate { get; set; }

    internal MetricsEndpointOptions Clone() => (MetricsEndpointOptions)MemberwiseClone();
}
