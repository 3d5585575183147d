using System.Text.RegularExpressions;

namespace Orchestrator.Metrics.Exporter.Configuration;

/// <summary>Replaces the names of the packages' configuration in messages by those of the exporter.</summary>
internal static partial class SettingNames
{
    private const string Api = "OrchestratorMetrics:OrchestratorApi:";

    private static readonly (string Section, string Options)[] Options =
    [
        ("OrchestratorMetrics:Endpoint:", nameof(MetricsEndpointOptions)),
        (Api, nameof(OrchestratorApiOptions)),
        ("OrchestratorMetrics:Operational:", nameof(OperationalMetricsOptions)),
        ("OrchestratorMetrics:Relational:", nameof(RelationalOptions)),
        ("OrchestratorMetrics:", nameof(OrchestratorMetricsOptions)),
    ];

    // Those without a key are secrets, which the exporter sets itself.
    private static readonly (string Key, string Path)[] Keys =
    [
        .. SettingTable.All.Where(setting => setting.Key is not null).Select(setting => (setting.Key!, setting.Path)),
        ("OrchestratorMetrics:LabelHashKey", "scrape.label_hash_key"),
        (Api + nameof(OrchestratorApiOptions.ClientSecret), "orchestrator_api.client_secret"),
    ];

    // The longest first, because one key may be the start of another. Rules of options name their properties.
    private static readonly (string Key, string Path)[] Names =
    [
        .. Keys
            .Concat(Keys.Select(key => (Key: ToOption(key.Key), key.Path)))
            .Concat(SettingTable.PackageCollectors.Select(collector => (
                Key: $"OrchestratorMetrics:Collectors:{collector.Value.Name}",
                Path: $"{SettingTable.Collectors}.{collector.Key}")))
            .Append((Key: "OrchestratorMetrics:Collectors", Path: SettingTable.Collectors))
            .Append((Key: nameof(OrchestratorApiOptions), Path: "orchestrator_api"))
            .OrderByDescending(name => name.Key.Length),
    ];

    public static string Translate(string message)
    {
        // A message about several options names their properties without the class.
        if (message.StartsWith(nameof(OrchestratorApiOptions) + " ", StringComparison.Ordinal))
            message = Word().Replace(message, word => Keys.FirstOrDefault(key => key.Key == Api + word.Value).Path ?? word.Value);
        return Names.Aggregate(
            message.Replace("Set it in code or as ", "Set ", StringComparison.Ordinal),
            (text, name) => text.Replace(name.Key, name.Path, StringComparison.Ordinal));
    }

    private static string ToOption(string key)
    {
        var (section, options) = Array.Find(Options, pair => key.StartsWith(pair.Section, StringComparison.Ordinal));
        return $"{options}.{key[section.Length..]}";
    }

    [GeneratedRegex("\\b[A-Z][A-Za-z]+\\b", RegexOptions.CultureInvariant)]
    private static partial Regex Word();
}
