namespace Orchestrator.Metrics;

/// <summary>
/// Options of the registry. Read once, at start-up. Values of the configuration section <c>OrchestratorMetrics</c>
/// override values set in code.
/// </summary>
/// <remarks>
/// The keys of the section are the names of the properties, for example <c>OrchestratorMetrics:FailurePolicy</c>.
/// Durations are written as <c>hh:mm:ss</c>. An unknown key or an invalid value is an error at start-up.
/// </remarks>
public sealed class OrchestratorMetricsOptions
{
    private DefaultCollectors? _defaultCollectors;

    /// <summary>
    /// The default collectors to run. By default, they follow the repositories that the host registers: all three
    /// collectors run if all three repositories are registered, and none runs if no repository is registered. If only
    /// some are registered, the host does not start. Once this property is set, to any value, the host does not start
    /// if a repository of a selected collector is missing. Returns <see cref="DefaultCollectors.All"/> until it is set.
    /// </summary>
    public DefaultCollectors DefaultCollectors
    {
        get => _defaultCollectors ?? DefaultCollectors.All;
        set => _defaultCollectors = value;
    }

    /// <summary>
    /// The timeout of collectors without <see cref="CollectorOptions.Timeout"/>. Longer than zero and at most a day. 30
    /// seconds by default.
    /// </summary>
    public TimeSpan CollectorTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How a scrape handles failed collectors, unless <see cref="CollectorOptions.FailurePolicy"/> is set.
    /// <see cref="FailurePolicy.FailScrape"/> by default.
    /// </summary>
    public FailurePolicy FailurePolicy { get; set; } = FailurePolicy.FailScrape;

    /// <summary>
    /// Whether each scrape includes the state of its collectors, in metric families whose names start with
    /// <see cref="ScrapeMetricsPrefix"/>. <see cref="FailurePolicy.ReportAndContinue"/> always includes the state.
    /// False by default.
    /// </summary>
    public bool ScrapeMetrics { get; set; }

    /// <summary>
    /// The prefix of the scrape metric names: ASCII letters, digits, underscores and colons, not starting with a digit.
    /// <c>wfo_scrape_collector_</c> by default.
    /// </summary>
    public string ScrapeMetricsPrefix { get; set; } = "wfo_scrape_collector_";

    /// <summary>
    /// The maximum number of collectors that run concurrently; further collectors wait. Abandoned runs do not count. At
    /// least 1. No limit, <see cref="int.MaxValue"/>, by default.
    /// </summary>
    public int MaxConcurrentCollectors { get; set; } = int.MaxValue;

    /// <summary>
    /// The maximum number of samples that a collector may return; a collector that returns more fails. At least 1. No
    /// limit, <see cref="int.MaxValue"/>, by default.
    /// </summary>
    public int MaxSamplesPerCollector { get; set; } = int.MaxValue;

    /// <summary>
    /// Whether a collector fails if it returns two samples with the same name, labels and timestamp, which Prometheus
    /// rejects. An empty label equals a missing one. The check reads every label value once more. True by default. A
    /// series that two collectors return is a conflict even if the check is off, unless one of them returns duplicates
    /// in the same family.
    /// </summary>
    public bool CheckDuplicateSamples { get; set; } = true;

    /// <summary>
    /// Whether the start of the host waits for the first run of each collector with
    /// <see cref="CollectorOptions.RefreshEvery"/>, so that data is available when the host reports ready. The start
    /// waits at most for the longest timeout of these collectors. A failed run does not prevent the start. False by
    /// default.
    /// </summary>
    public bool WaitForFirstRefresh { get; set; }

    /// <summary>
    /// The secret key for the pseudonyms of <see cref="CollectorOptions.HashLabels"/>: at least 16 characters, the same
    /// in all replicas. A different key produces different pseudonyms, and therefore new series. Null by default.
    /// </summary>
    public string? LabelHashKey { get; set; }

    internal bool SelectsDefaultCollectors => _defaultCollectors is not null;

    internal OrchestratorMetricsOptions Clone() => (OrchestratorMetricsOptions)MemberwiseClone();
}
