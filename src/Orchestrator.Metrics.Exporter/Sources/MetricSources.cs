using Orchestrator.Metrics.Exporter.Configuration;

namespace Orchestrator.Metrics.Exporter.Sources;

internal static class MetricSources
{
    // The keys, by the options that errors name.
    private static readonly Dictionary<string, string> Keys = new()
    {
        [nameof(CollectorOptions.AddLabels)] = "labels",
        [nameof(CollectorOptions.CacheFor)] = "cache_for",
        [nameof(CollectorOptions.NamePrefix)] = "prefix",
        [nameof(CollectorOptions.ServeStaleFor)] = "serve_stale_for",
        [nameof(CollectorOptions.Timeout)] = "timeout",
    };

    public static void Add(OrchestratorMetricsBuilder builder, IReadOnlyList<SourceOptions> sources)
    {
        foreach (var source in sources)
        {
            // The container disposes the connections of the source.
            builder.Services.AddKeyedSingleton(source.Name, (_, _) => new MetricSource(source));
            builder.AddCollector(
                source.Name,
                (services, cancellationToken) =>
                    services.GetRequiredKeyedService<MetricSource>(source.Name).CollectAsync(cancellationToken),
                options =>
                {
                    options.Timeout = source.Timeout;
                    options.CacheFor = source.CacheFor;
                    options.ServeStaleFor = source.ServeStaleFor;
                    options.FailurePolicy = source.FailurePolicy;
                    options.NamePrefix = source.Prefix;
                    options.AddLabels = source.Labels;
                });
        }
    }

    public static string? FindError(SourceOptions source) =>
        Registration.FindError(builder => Add(builder, [source])) is { } error
            ? SettingNames.Translate(error, Keys)
            : null;

    /// <summary>
    /// In an error about a label that occurs twice, replaces the options with the keys of the source.
    /// </summary>
    public static string Translate(string message, SourceOptions source) => source.Keys.Contains("labels")
        ? SettingNames.Translate(message, new Dictionary<string, string>
        {
            [nameof(CollectorOptions.AddLabels)] = "labels",
            [nameof(CollectorOptions.DropLabels)] = $"{SettingTable.Collectors}.{source.Name}.drop_labels",
        })
        : message;
}
