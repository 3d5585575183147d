using System.Text.RegularExpressions;

namespace Orchestrator.Metrics.Exporter.Configuration;

/// <summary>Replaces the names of the packages' options in messages with the names of the settings.</summary>
internal static partial class SettingNames
{
    private const string CollectorPrefix = nameof(CollectorOptions) + ".";

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

    // Messages name keys (OrchestratorMetrics:Endpoint:Compression) or properties (MetricsEndpointOptions.Compression).
    // The longest name is first, because one name may be the start of another.
    private static readonly (string Key, string Path)[] Names =
    [
        .. Keys.Select(key => (Key: key.Key, Path: key.Value))
            .Concat(Keys.Select(key => (Key: ToOption(key.Key), Path: key.Value)))
            .Concat(SettingTable.PackageCollectors.Select(collector => (
                Key: SettingTable.RegistryCollectors + collector.Value.Name,
                Path: $"{SettingTable.Collectors}.{collector.Key}")))
            .Append((Key: SettingTable.RegistryCollectors, Path: SettingTable.Collectors + "."))
            .Append((Key: SettingTable.RegistryCollectors.TrimEnd(':'), Path: SettingTable.Collectors))
            .Append((Key: nameof(OrchestratorApiOptions), Path: "orchestrator_api"))
            .OrderByDescending(name => name.Key.Length),
    ];

    // The keys of collectors, by the properties that messages name.
    private static readonly Dictionary<string, string> CollectorKeys = SettingTable.GetCollectorSettings("")
        .Where(setting => setting.Key is not null)
        .ToDictionary(setting => setting.Key!.Split(':')[^1], setting => setting.Path.Split('.')[^1]);

    // Properties that a message may name without their class, because they are not English words.
    private static readonly Dictionary<string, string> Options = CollectorKeys
        .Concat(SettingTable.All.Where(setting => setting.Key is not null)
            .Select(setting => KeyValuePair.Create(setting.Key!.Split(':')[^1], setting.Path)))
        .Where(option => option.Key.Count(char.IsUpper) > 1)
        .DistinctBy(option => option.Key).ToDictionary();

    /// <summary>Removes advice that only a developer can follow.</summary>
    public static string RemoveCodeAdvice(string message) => message
        .Replace(
            ", or allow any valid Unicode: MetricFamily.Create(..., nameValidation: NameValidationScheme.Utf8)",
            "", StringComparison.Ordinal)
        .Replace(
            " For a schema of your own, use a SQL dialect with queries for it, and cast UUIDs to text.", "",
            StringComparison.Ordinal)
        .Replace(": options => options.Name = \"...\"", "", StringComparison.Ordinal);

    /// <summary>Replaces properties with the keys of a part of a file.</summary>
    public static string Translate(string message, IReadOnlyDictionary<string, string> keys) =>
        Property().Replace(message, name => keys.GetValueOrDefault(name.Value, name.Value));

    /// <summary>Replaces keys and properties of the packages with the paths of settings.</summary>
    public static string Translate(string message)
    {
        // Some messages name properties without their class. These are properties of the API in a message about its
        // options, and properties of the registry in all other messages.
        var section = message.StartsWith(nameof(OrchestratorApiOptions) + " ", StringComparison.Ordinal)
            ? SettingTable.Api
            : SettingTable.Registry;
        message = Names.Aggregate(
            RemoveCodeAdvice(message).Replace("Set it in code or as ", "Set ", StringComparison.Ordinal),
            (text, name) => text.Replace(name.Key, name.Path, StringComparison.Ordinal));
        message = CollectorOption().Replace(
            message,
            option => "." + CollectorKeys.GetValueOrDefault(option.Groups["name"].Value, option.Groups["name"].Value));
        return Property().Replace(message, name => Keys.GetValueOrDefault(section + name.Value)
            ?? (name.Value.StartsWith(CollectorPrefix, StringComparison.Ordinal)
                ? CollectorKeys.GetValueOrDefault(name.Value[CollectorPrefix.Length..])
                : Options.GetValueOrDefault(name.Value))
            ?? name.Value);
    }

    /// <summary>Prepends the position of the setting if the file sets it.</summary>
    public static string TranslateError(string message, IReadOnlyDictionary<string, string> positions)
    {
        message = Translate(message);

        // An error of a collector names its section once, and then only its options.
        var section = Section().Match(message).Groups["path"].Value;
        var position = Name().Matches(message)
            .SelectMany(name => (string[])[name.Value, $"{section}.{name.Value}"])
            .Select(positions.GetValueOrDefault).FirstOrDefault(found => found is not null);
        return position is null ? message : $"{position}: {message}";
    }

    private static string ToOption(string key)
    {
        var (section, options) = Array.Find(Sections, pair => key.StartsWith(pair.Section, StringComparison.Ordinal));
        return $"{options}.{key[section.Length..]}";
    }

    [GeneratedRegex(@"^(?<path>collectors\..+?) is invalid: ", RegexOptions.CultureInvariant)]
    private static partial Regex Section();

    [GeneratedRegex(@"\w[\w.-]*\w", RegexOptions.CultureInvariant)]
    private static partial Regex Name();

    // Matches an option of a collector that only the file configures.
    [GeneratedRegex(@"(?<=\bcollectors\.[^:]+):(?<name>[A-Z][A-Za-z]+)\b", RegexOptions.CultureInvariant)]
    private static partial Regex CollectorOption();

    // Matches neither the end of a longer name nor a value, which is in quotes.
    [GeneratedRegex(@"(?<![\w.:'])(CollectorOptions\.)?[A-Z][A-Za-z]+\b", RegexOptions.CultureInvariant)]
    private static partial Regex Property();
}
