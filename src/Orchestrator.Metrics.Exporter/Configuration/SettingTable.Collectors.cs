namespace Orchestrator.Metrics.Exporter.Configuration;

internal static partial class SettingTable
{
    // A duration of zero, in the format of the packages.
    private const string Off = "00:00:00";

    /// <summary>The collectors of the packages by their names in the configuration.</summary>
    public static IReadOnlyDictionary<string, PackageCollector> PackageCollectors { get; } =
        new Dictionary<string, PackageCollector>
        {
            ["subscriptions"] = new(
                "SubscriptionCollector", DefaultCollectors.Subscriptions,
                ["product_name", "lifecycle_state", "customer_id", "insync"]),
            ["processes"] = new(
                "ProcessCollector", DefaultCollectors.Processes,
                [
                    "last_status", "created_by", "is_task", "product_name", "workflow_name", "customer_id",
                    "workflow_target",
                ]),
            ["workflow_engine"] = new("WorkflowEngineCollector", DefaultCollectors.WorkflowEngine, []),
            ["operational"] = new(
                "OperationalCollector", DefaultCollectors.None,
                ["is_task", "last_status", "workflow_name", "workflow_target"]),
            ["workers"] = new("OrchestratorWorkerCollector", DefaultCollectors.None, ["executor_type", "state"]),
        };

    /// <summary>The collectors of the exporter itself, which always have these names.</summary>
    public static IReadOnlyList<string> OwnCollectors { get; } =
        [ExporterOptions.BuildInfoCollector, ExporterOptions.LastReloadPrefix];

    /// <summary>
    /// Returns the problem with the name of a source or a collector from a file, or null if it is valid. The name is a
    /// key of the packages' configuration, which ignores case, and in which ':' separates keys.
    /// </summary>
    public static string? FindNameProblem(string name) =>
        name.Contains(':', StringComparison.Ordinal)
            ? $"The name '{name}' contains ':', which separates keys of the configuration. Remove it."
        : PackageCollectors.SelectMany(known => (string[])[known.Key, known.Value.Name]).Concat(OwnCollectors)
            .Contains(name, StringComparer.OrdinalIgnoreCase)
            ? $"'{name}' is the name of a built-in collector. Choose another name."
            : null;

    /// <param name="name">The name in the configuration.</param>
    public static IEnumerable<Setting> GetCollectorSettings(string name)
    {
        var collector = PackageCollectors.GetValueOrDefault(name);
        var key = $"{RegistryCollectors}{collector?.Name ?? name}:";
        var path = $"{Collectors}.{name}.";
        if (collector is { Flag: not DefaultCollectors.None })
            yield return new(path + "enabled", SettingKind.Boolean, "true", "Whether the collector runs.")
            {
                Apply = (options, value) => options.DefaultCollectors =
                    value.IsTrue ? options.DefaultCollectors : options.DefaultCollectors & ~collector.Flag,
            };
        yield return new(
            path + "refresh_every", SettingKind.Duration, name is "processes" or "operational" ? "1m" : null,
            "Runs the collector in the background at this interval; scrapes get the last result.")
        {
            Shortest = TimeSpan.Zero,
            Group = path + "refresh_every",
            Key = key + nameof(CollectorOptions.RefreshEvery),

            // Replaces min_interval of a collector file.
            Apply = (options, _) => options.Packages[key + nameof(CollectorOptions.CacheFor)] = Off,
        };
        yield return new(
            path + "max_refresh_share", SettingKind.Share, null,
            "The maximum share of the time that background runs may take; 0.1 (10 %) if not set. After a run of 30s, " +
            "the next one starts at least 5m after the start of that run.")
        { Key = key + nameof(CollectorOptions.MaxRefreshShare) };
        yield return new(
            path + "wait_for_first_result", SettingKind.Boolean, null,
            "Whether scrapes wait for the first background refresh; true if not set.")
        { Key = key + nameof(CollectorOptions.WaitForFirstResult) };
        yield return new(
            path + "cache_for", SettingKind.Duration, null,
            "Caches a result for this time. Replaces the default of refresh_every. Set only one of the two.")
        {
            Shortest = TimeSpan.Zero,
            Group = path + "refresh_every",
            Key = key + nameof(CollectorOptions.CacheFor),

            // Replaces the default of the collectors that query the API.
            Apply = (options, _) => options.Packages[key + nameof(CollectorOptions.RefreshEvery)] = Off,
        };
        yield return new(
            path + "serve_stale_for", SettingKind.Duration, null,
            "The maximum age of the last good result, which is served if a run fails.")
        {
            Shortest = TimeSpan.Zero,
            Longest = TimeSpan.MaxValue,
            Key = key + nameof(CollectorOptions.ServeStaleFor),
        };
        yield return new(
            path + "timeout", SettingKind.Duration, null, "The timeout of a run; scrape.collector_timeout if not set.")
        { Key = key + nameof(CollectorOptions.Timeout) };
        yield return new(
            path + "failure_policy", SettingKind.Choice, null,
            "What happens if this collector fails; scrape.failure_policy if not set.")
        { Choices = FailurePolicies, Key = key + nameof(CollectorOptions.FailurePolicy) };
        yield return new(
            path + "shared", SettingKind.Boolean, null,
            "Whether replicas share results in Redis; if not set, true for all collectors except sources.")
        { Key = key + nameof(CollectorOptions.Shared) };
        yield return new(
            path + "drop_labels", SettingKind.List, null,
            "The labels to remove; series that become equal are summed.")
        { Labels = collector?.Labels, Key = key + nameof(CollectorOptions.DropLabels) };
        yield return new(
            path + "hash_labels", SettingKind.List, null,
            "The labels whose values become pseudonyms. Needs scrape.label_hash_key.")
        {
            Labels = collector?.Labels,
            Key = key + nameof(CollectorOptions.HashLabels),
            Apply = (options, labels) => RequireHashKey(options, name, labels),
        };
        yield return new(
            path + "add_labels", SettingKind.Map, null, "The labels to add to all series, with their values.")
        { Key = key + nameof(CollectorOptions.AddLabels) };
        yield return new(path + "name_prefix", SettingKind.Text, null, "The prefix of all metric names.")
        { Key = key + nameof(CollectorOptions.NamePrefix) };
    }

    // The registry would report the error without a position. The settings for the key and for turning collectors on
    // precede this one, so they are already applied.
    private static void RequireHashKey(ExporterOptions options, string collector, SettingValue labels)
    {
        if (labels.Items.Count > 0 && options.IsOn(collector) && !options.Packages.ContainsKey(LabelHashKey))
            throw new ConfigurationException(
                [$"{labels.Source} needs scrape.label_hash_key. Set it to the output of 'openssl rand -hex 32', the " +
                 "same in all replicas."]);
    }
}

/// <param name="Name">The name in the registry.</param>
/// <param name="Flag">The flag of a default collector; None for other collectors.</param>
/// <param name="Labels">The labels of its metrics.</param>
internal sealed record PackageCollector(string Name, DefaultCollectors Flag, IReadOnlyList<string> Labels);
