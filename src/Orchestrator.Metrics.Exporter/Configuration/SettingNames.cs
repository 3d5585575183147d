namespace Orchestrator.Metrics.Exporter.Configuration;

/// <summary>Replaces the names of the packages' configuration in messages by those of the exporter.</summary>
internal static class SettingNames
{
    // The longest first, because one key may be the start of another. Rules of options name their properties.
    private static readonly (string Key, string Path)[] Names =
    [
        .. SettingTable.All.Where(setting => setting.Key is not null)
            .Select(setting => (Key: setting.Key!, setting.Path))
            .Concat(SettingTable.DefaultCollectorNames.Select(collector => (
                Key: $"OrchestratorMetrics:Collectors:{collector.Value.Name}",
                Path: $"{SettingTable.Collectors}.{collector.Key}")))
            .Concat(SettingTable.All.Where(setting => setting.Key is not null).Select(setting => (
                Key: setting.Key!
                    .Replace("OrchestratorMetrics:Endpoint:", "MetricsEndpointOptions.", StringComparison.Ordinal)
                    .Replace("OrchestratorMetrics:", "OrchestratorMetricsOptions.", StringComparison.Ordinal),
                setting.Path)))
            .Append((Key: "OrchestratorMetricsOptions.LabelHashKey", Path: "scrape.label_hash_key"))
            .Append((Key: "OrchestratorMetrics:LabelHashKey", Path: "scrape.label_hash_key"))
            .Append((Key: "OrchestratorMetrics:Collectors", Path: SettingTable.Collectors))
            .OrderByDescending(name => name.Key.Length),
    ];

    public static string Translate(string message) => Names.Aggregate(
        message.Replace(" (Parameter 'options')", "", StringComparison.Ordinal),
        (text, name) => text.Replace(name.Key, name.Path, StringComparison.Ordinal));
}
