namespace Orchestrator.Metrics;

/// <summary>
/// Options of one collector. Read once, when the collector is registered. Values of the configuration section
/// <c>OrchestratorMetrics:Collectors:&lt;name&gt;</c> override values set in code.
/// </summary>
/// <remarks>
/// The keys of the section are the names of the properties, for example
/// <c>OrchestratorMetrics:Collectors:ProcessCollector:CacheFor</c>. <c>Name</c>, <c>FamilyNames</c>, <c>LabelNames</c>
/// and <c>SharedVersion</c> are set in code only. The section applies to collectors that
/// <see cref="OrchestratorMetricsBuilder"/> adds, not to those that are registered in a running registry.
/// <para>
/// Services of the type <c>IPostConfigureOptions&lt;CollectorOptions&gt;</c> can change the options of these collectors
/// by name. They run after all code that sets options; the configuration overrides both.
/// </para>
/// </remarks>
public sealed class CollectorOptions
{
    /// <summary>
    /// The name of the collector in logs, errors, scrape metrics and configuration keys; unique in a registry. Defaults
    /// to the name of the collector's type. A collector whose name contains a colon cannot be configured, because a
    /// colon separates keys.
    /// </summary>
    public string Name { get; set; } = "";

    /// <summary>
    /// The names of all metric families that the collector may return. Null, the default, declares none. If two
    /// collectors declare the same name, the host does not start, or the registration in a running registry fails,
    /// unless their <see cref="AddLabels"/> differ. Scrapes that request only other names (<c>?name[]=</c>) do not run
    /// the collector. Each name is the <see cref="MetricFamily.Name"/> of a family: with the unit, and without the
    /// suffix <c>_info</c> of an info. The suffix <c>_total</c> of a counter is optional.
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
    /// most a second, is subtracted, so scrapes at intervals of exactly this duration each get a new result. A failure
    /// is not cached. Zero, the default, turns caching off.
    /// </summary>
    public TimeSpan CacheFor { get; set; }

    /// <summary>
    /// The maximum age of the last good result, which is served in place of a failed run. The failure is still logged
    /// and reported in the scrape metrics. Zero, the default, turns stale results off. With <see cref="RefreshEvery"/>,
    /// it is the maximum age of every result. It must then be at least one interval; zero means three intervals plus
    /// the timeout. A result is served for at least 1.05 intervals, the longest time to the next refresh, plus the
    /// timeout. A slow success lengthens the interval and thus this limit.
    /// </summary>
    public TimeSpan ServeStaleFor { get; set; }

    /// <summary>
    /// How a scrape handles a failure of this collector. Null, the default, applies
    /// <see cref="OrchestratorMetricsOptions.FailurePolicy"/>.
    /// </summary>
    public FailurePolicy? FailurePolicy { get; set; }

    /// <summary>
    /// Whether <see cref="OrchestratorMetricsBuilder.PublishToMeter"/> publishes the families of the collector. True by
    /// default; false for collectors whose metrics OpenTelemetry can read at the source.
    /// </summary>
    public bool PublishToMeter { get; set; } = true;

    /// <summary>
    /// The interval at which the collector runs in the background. Scrapes then get the last result at once, so neither
    /// their number nor their rate changes how often the collector runs; the first scrape waits for the first run. The
    /// interval varies by up to 5 % to spread replicas out, and only upwards if <see cref="MaxRefreshShare"/>
    /// determines it. Requests by name (<c>?name[]=</c>) filter the last result. Cannot be combined with
    /// <see cref="CacheFor"/>. At most a day. Zero, the default, runs the collector when it is scraped.
    /// </summary>
    /// <remarks>
    /// The collector runs from the start of the host, or from the first scrape if there is no host, until it is
    /// unregistered, the host begins to stop, or the registry is disposed. In a registry that was created without a
    /// service container, it runs from its registration. If a result exceeds its maximum age
    /// (<see cref="ServeStaleFor"/>), the collector fails in each scrape until a refresh succeeds.
    /// </remarks>
    public TimeSpan RefreshEvery { get; set; }

    /// <summary>
    /// The maximum share of the time that the background refresh may spend running the collector. If a run takes longer
    /// than this share of <see cref="RefreshEvery"/>, the interval becomes longer. Above 0 and at most 1; 0.1 by
    /// default.
    /// </summary>
    /// <remarks>
    /// Failed runs count too, because they put as much load on a database as successful ones. For example, if a run
    /// times out after 30 s, the next one starts at least 5 minutes after the start of that run. Set 1 to retry after
    /// <see cref="RefreshEvery"/>.
    /// </remarks>
    public double MaxRefreshShare { get; set; } = 0.1;

    /// <summary>
    /// Whether scrapes before the first result wait for a run of the collector. True by default. If false, the
    /// collector fails in each scrape until a refresh has succeeded, so no scrape ever waits for it. Has an effect only
    /// with <see cref="RefreshEvery"/>.
    /// </summary>
    public bool WaitForFirstResult { get; set; } = true;

    /// <summary>
    /// Whether one replica of the application may run the collector for all replicas. Set it if all replicas would
    /// return the same result, for example counts over a whole database. Has an effect if the host registers an
    /// <see cref="ICollectorResultStore"/> and <see cref="CacheFor"/> or <see cref="RefreshEvery"/> is set: all
    /// replicas then use a result for that time. A result that the store cannot keep without loss, such as one with
    /// native histograms in Redis, is not shared: each replica runs the collector. By default true for the default
    /// collectors, operational metrics, SQL metrics and <c>AddOrchestratorApi</c>; otherwise false.
    /// </summary>
    public bool Shared { get; set; }

    /// <summary>
    /// A string that identifies everything else that determines a shared result, such as the text of a query. Replicas
    /// share a result only if their strings are equal, so a rollout of another version does not mix results. Has an
    /// effect only with <see cref="Shared"/>. Empty by default. <c>AddSqlMetrics</c> sets it to the queries and
    /// families; another value replaces them.
    /// </summary>
    public string SharedVersion { get; set; } = "";

    /// <summary>
    /// The names of all labels that the families may have, except those that a type adds, such as <c>le</c>. Null, the
    /// default, declares none. If they are declared, a name in <see cref="DropLabels"/>, <see cref="HashLabels"/> or
    /// <see cref="MapLabel"/> that is not among them is an error at registration.
    /// </summary>
    public IReadOnlyCollection<string>? LabelNames { get; set; }

    /// <summary>
    /// The labels to remove from the families, to reduce the number of series or to keep values private. Series that
    /// become equal are summed: gauges, counters, values of unknown type, histograms, gauge histograms, and the count
    /// and sum of summaries, whose quantiles are then left out. A merged histogram contains the bounds of all its parts
    /// and takes the earliest creation time. A merged native histogram takes the lowest resolution of its parts; it
    /// contains no native buckets if a part is classic only. A merged sample takes the latest timestamp and the latest
    /// exemplar. Statesets and infos cannot be summed: if two of their series become equal, the run fails. Families
    /// without such a label keep their series. All exemplars lose the label. In families with such a label, series that
    /// the collector returns twice are summed too, even with different timestamps. Empty by default.
    /// </summary>
    /// <remarks>
    /// The repositories of <c>AddRelationalRepositories</c> do not read dropped labels from the database, see
    /// <see cref="CollectorContext.DroppedLabels"/>.
    /// </remarks>
    public IReadOnlyCollection<string> DropLabels { get; set; } = [];

    /// <summary>
    /// The labels whose values are replaced by pseudonyms: the first 16 hexadecimal digits of their HMAC-SHA256 with
    /// <see cref="OrchestratorMetricsOptions.LabelHashKey"/>, which must be set. Equal values have equal pseudonyms. An
    /// empty value stays empty. Exemplars with such a label are changed too, and omitted if that makes their labels
    /// longer than 128 characters. Series that a collector returns twice are summed, as with <see cref="DropLabels"/>.
    /// Empty by default.
    /// </summary>
    public IReadOnlyCollection<string> HashLabels { get; set; } = [];

    /// <summary>
    /// Labels to add to all samples, with their values; for example the name of a database, if two databases provide
    /// the same families. If a family already contains such a label and <see cref="DropLabels"/> does not remove it,
    /// registration fails if <see cref="LabelNames"/> declares the label; otherwise, the run fails. Empty by default.
    /// </summary>
    public IReadOnlyDictionary<string, string> AddLabels { get; set; } = new Dictionary<string, string>();

    /// <summary>
    /// The prefix to add to the names of all families. Requests by name (<c>?name[]=</c>) use the names with the
    /// prefix; <see cref="FamilyNames"/> declares them without it. Empty by default.
    /// </summary>
    public string NamePrefix { get; set; } = "";

    /// <summary>The families whose merged series keep the smallest value instead of the sum.</summary>
    internal IReadOnlyCollection<string> MinimumFamilyNames { get; set; } = [];

    /// <summary>
    /// Returns settings of a collector to add to <see cref="SharedVersion"/>. Called in each run instead of at
    /// start-up, because the settings have their own validation, which reports their errors.
    /// </summary>
    internal Func<IEnumerable<string>> SharedSettings { get; set; } = () => [];

    internal Dictionary<string, Func<string, string>> LabelMaps { get; } = [];

    /// <summary>
    /// Replaces the values of a label, for example to group customers; also in exemplars, like
    /// <see cref="HashLabels"/>. Series that become equal are summed, as with <see cref="DropLabels"/>. If
    /// <see cref="HashLabels"/> contains the label too, the new value is hashed. A second call for the same label
    /// replaces the first one.
    /// </summary>
    /// <param name="label">The name of the label.</param>
    /// <param name="map">
    /// Returns the new value, not null. Called in each run, at least once per sample. Must be thread-safe.
    /// </param>
    public void MapLabel(string label, Func<string, string> map)
    {
        ArgumentException.ThrowIfNullOrEmpty(label);
        ArgumentNullException.ThrowIfNull(map);
        LabelMaps[label] = map;
    }

    internal ArgumentException CreateException(string option, string problem) =>
        new($"{option} of collector '{Name}' {problem}.");
}
