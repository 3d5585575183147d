namespace Orchestrator.Metrics;

/// <summary>How one collector is run. Set once, when the collector is registered.</summary>
public sealed class CollectorOptions
{
    /// <summary>
    /// What the collector is called in logs, errors and scrape metrics; unique in a registry. By default the name of
    /// its type.
    /// </summary>
    public string Name { get; set; } = "";

    /// <summary>
    /// The names of all families that the collector may return, if they are known beforehand. Then a name that
    /// another collector has declared too is an error at registration instead of at the first scrape, and a scrape
    /// with <c>?name[]=</c> that wants none of them does not run the collector. Names are those of
    /// <see cref="MetricFamily.Name"/>: with the unit, and without the <c>_info</c> of an info; the <c>_total</c> of a
    /// counter may be there or not. Null, the default: not declared.
    /// </summary>
    public IReadOnlyCollection<string>? FamilyNames { get; set; }

    /// <summary>
    /// Tags by which an endpoint or a <see cref="ScrapeRequest"/> selects collectors. Compared ordinally. Empty by
    /// default.
    /// </summary>
    public IReadOnlyCollection<string> Tags { get; set; } = [];

    /// <summary>
    /// How long one run may take; then it fails and its token is cancelled. Null, the default: as long as
    /// <see cref="OrchestratorMetricsOptions.CollectorTimeout"/>.
    /// </summary>
    public TimeSpan? Timeout { get; set; }

    /// <summary>
    /// For how long, from the start of a run, its result is used again instead of running the collector. A twentieth of
    /// it is left off, at most a second, so that scrapes in intervals of exactly this length each see a new result.
    /// Zero, the default: never.
    /// </summary>
    public TimeSpan CacheFor { get; set; }

    /// <summary>
    /// Up to what age the last good result stands in for a run that failed. The failure is logged all the same, and
    /// shows in the scrape metrics. Zero, the default: never.
    /// </summary>
    public TimeSpan ServeStaleFor { get; set; }
}
