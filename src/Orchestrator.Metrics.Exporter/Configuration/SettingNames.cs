using System.Text.RegularExpressions;

namespace Orchestrator.Metrics.Exporter.Configuration;

/// <summary>Replaces the names of the packages' options in messages by those of the settings.</summary>
internal static partial class SettingNames
{
    private static readonly (string Section, string Options)[] Sections =
    [
        (SettingTable.Endpoint, nameof(MetricsEndpointOptions)),
        (SettingTable.Api, nameof(OrchestratorApiOptions)),
        (SettingTable.Operational, nameof(OperationalMetricsOptions)),
        (SettingTable.Relational, nameof(RelationalOptions)),
        (SettingTable.Registry, nameof(OrchestratorMetricsOptions)),
    ];

    private static readonly Dictionary<string, string> Keys = SettingTable.All
        .Where(setting => setting.Key is not null).ToDictionary(setting => setting.Key!, setting => setting.Path);

    // The longest first, because one key may be the start of another. Rules of options name their properties.
    private static readonly (string Key, string Path)[] Names =
    [
        .. Keys.Select(key => (Key: key.Key, Path: key.Value))
            .Concat(Keys.Select(key => (Key: ToOption(key.Key), Path: key.Value)))
            .Concat(SettingTable.PackageCollectors.Select(collector => (
                Key: SettingTable.RegistryCollectors + collector.Value.Name,
                Path: $"{SettingTable.Collectors}.{collector.Key}")))
            .Append((Key: SettingTable.RegistryCollectors.TrimEnd(':'), Path: SettingTable.Collectors))
            .Append((Key: nameof(OrchestratorApiOptions), Path: "orchestrator_api"))
            .OrderByDescending(name => name.Key.Length),
    ];

    /// <summary>Removes advice that only code can follow.</summary>
    public static string WithoutCode(string message) => message.Replace(
        ", or allow any name that is valid Unicode: MetricFamily.Create(..., nameValidation: NameValidationScheme.Utf8)",
        "",
        StringComparison.Ordinal);

    public static string Translate(string message)
    {
        // Some messages name properties without their class. In a message about the options of the API, they are those,
        // otherwise those of the registry.
        var section = message.StartsWith(nameof(OrchestratorApiOptions) + " ", StringComparison.Ordinal)
            ? SettingTable.Api
            : SettingTable.Registry;
        message = Names.Aggregate(
            WithoutCode(message).Replace("Set it in code or as ", "Set ", StringComparison.Ordinal),
            (text, name) => text.Replace(name.Key, name.Path, StringComparison.Ordinal));
        return Property().Replace(message, name => Keys.GetValueOrDefault(section + name.Value, name.Value));
    }

    private static string ToOption(string key)
    {
        var (section, options) = Array.Find(Sections, pair => key.StartsWith(pair.Section, StringComparison.Ordinal));
        return $"{options}.{key[section.Length..]}";
    }

    // Not the end of a longer name.
    [GeneratedRegex(@"(?<![\w.:])[A-Z][A-Za-z]+\b", RegexOptions.CultureInvariant)]
    private static partial Regex Property();
}
