namespace Orchestrator.Metrics;

/// <summary>Options for the registry and its endpoint. Read once, at start-up.</summary>
public sealed class OrchestratorMetricsOptions
{
    /// <summary>
    /// The configuration key that turns the endpoint on, the same as in orchestrator-core:
    /// <c>ENABLE_PROMETHEUS_METRICS_ENDPOINT</c>.
    /// </summary>
    public const string EnableEndpointKey = "ENABLE_PROMETHEUS_METRICS_ENDPOINT";

    /// <summary>
    /// Whether the endpoint answers. Null, the default: as <see cref="EnableEndpointKey"/> says in the host's
    /// configuration, and off if that says nothing. Off means that the path answers 404 and runs no collector.
    /// </summary>
    public bool? EnableEndpoint { get; set; }

    /// <summary>
    /// Which of the three default collectors run. Leave one out if the host has no repository for it.
    /// </summary>
    public DefaultCollectors DefaultCollectors { get; set; } = DefaultCollectors.All;

    /// <summary>How long a collector may run unless its own options say otherwise. 30 seconds by default.</summary>
    public TimeSpan CollectorTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How much earlier than the timeout that Prometheus announces in <c>X-Prometheus-Scrape-Timeout-Seconds</c> a
    /// scrape ends, so that the answer still reaches it. At least a tenth of that timeout always remains. Half a
    /// second by default.
    /// </summary>
    public TimeSpan ScrapeTimeoutOffset { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>What a failed collector means for the scrape. By default the scrape fails.</summary>
    public FailurePolicy FailurePolicy { get; set; } = FailurePolicy.FailScrape;

    /// <summary>
    /// Whether each scrape reports on its collectors in families named <c>wfo_scrape_collector_*</c>. They are always
    /// there with <see cref="FailurePolicy.ReportAndContinue"/>. Off by default.
    /// </summary>
    public bool ScrapeMetrics { get; set; }

    /// <summary>
    /// How many collectors run at the same time, not counting one that was given up because its time was up; the others
    /// wait. No limit, <see cref="int.MaxValue"/>, by default.
    /// </summary>
    public int MaxConcurrentCollectors { get; set; } = int.MaxValue;

    /// <summary>
    /// How many scrapes the endpoint serves at the same time; one more gets 503. No limit, <see cref="int.MaxValue"/>,
    /// by default.
    /// </summary>
    public int MaxConcurrentScrapes { get; set; } = int.MaxValue;

    /// <summary>
    /// How many samples a collector may return; with more it fails, rather than flooding Prometheus. No limit,
    /// <see cref="int.MaxValue"/>, by default.
    /// </summary>
    public int MaxSamplesPerCollector { get; set; } = int.MaxValue;

    /// <summary>
    /// Whether a collector fails that returns two samples of the same name, labels and timestamp, which Prometheus
    /// rejects. Costs time and memory for each sample: for tests and development. Off by default.
    /// </summary>
    public bool CheckDuplicateSamples { get; set; }

    /// <summary>
    /// How often <see cref="OrchestratorMetricsBuilder.PublishToMeter"/> collects: a second to a day. A minute by
    /// default, which is also how often OpenTelemetry exports.
    /// </summary>
    public TimeSpan MeterInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Whether the endpoint compresses its answer with gzip if the client accepts that. On by default.
    /// </summary>
    public bool Compression { get; set; } = true;
}
