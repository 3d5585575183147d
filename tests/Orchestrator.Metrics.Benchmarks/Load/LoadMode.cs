namespace Orchestrator.Metrics.Benchmarks.Load;

/// <summary>Options that limit the load of scrapes on the database.</summary>
internal sealed record LoadMode(string Name, Action<OrchestratorMetricsBuilder> Configure)
{
    public const string Refresh = "refresh";
    public const string Redis = "Redis";

    public static LoadMode Plain { get; } = new("plain", _ => { });

    /// <summary>
    /// Creates all modes. <paramref name="run"/> distinguishes the replicas of this run from those of earlier runs.
    /// </summary>
    public static IReadOnlyList<LoadMode> CreateAll(TimeSpan interval, string redis, string run) =>
    [
        Plain,
        Create("dropped labels", options => options.DropLabels = ["created_by", "customer_id"]),
        Create(Refresh, options => (options.RefreshEvery, options.MaxRefreshShare) = (interval, 1)),
        new(Redis, metrics =>
        {
            metrics.ConfigureDefaultCollectors(DefaultCollectors.All, options => options.CacheFor = interval);
            metrics.ShareResultsInRedis(redis, keySuffix: run);
        }),
    ];

    private static LoadMode Create(string name, Action<CollectorOptions> configure) =>
        new(name, metrics => metrics.ConfigureDefaultCollectors(DefaultCollectors.All, configure));
}
