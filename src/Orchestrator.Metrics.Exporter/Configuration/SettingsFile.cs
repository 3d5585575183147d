using Orchestrator.Metrics.Exporter.Yaml;

namespace Orchestrator.Metrics.Exporter.Configuration;

/// <summary>Reads the values of settings from the configuration file. Adds errors instead of throwing them.</summary>
internal sealed class SettingsFile(ConfigurationErrors errors)
{
    private string _folder = "";

    private readonly Dictionary<string, SettingValue> _values = [];
    private readonly List<Setting> _furtherSettings = [];
    private readonly Dictionary<string, Action<string>> _collectors = [];

    public IReadOnlyDictionary<string, SettingValue> Values => _values;

    /// <summary>The settings that are not in the table, because only the file names their collectors.</summary>
    public IReadOnlyList<Setting> FurtherSettings => _furtherSettings;

    /// <summary>The names of configured collectors, each with a delegate that adds an error at its position.</summary>
    public IReadOnlyDictionary<string, Action<string>> Collectors => _collectors;

    public void Load(string path)
    {
        _folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (YamlFile.Load(path, errors) is { } root)
            ReadRoot(root);
    }

    private void ReadRoot(YamlMap root)
    {
        // Collectors have arbitrary names, so they are read separately.
        if (root.Find(SettingTable.Collectors)?.AsMap() is { } collectors)
        {
            foreach (var (name, value) in collectors.Entries)
                ReadCollector(name, value, message => collectors.AddError(name, message));
        }

        ReadMap(root, "", SettingTable.All.Where(setting => setting.IsInFile && !setting.IsOfCollector));
    }

    private void ReadCollector(string name, YamlValue value, Action<string> addError)
    {
        _collectors[name] = addError;
        if (value.IsNull || value.AsMap() is not { } map)
            return;
        Setting[] settings = [.. SettingTable.GetCollectorSettings(name)];
        if (!SettingTable.PackageCollectors.ContainsKey(name))
            _furtherSettings.AddRange(settings);
        ReadMap(map, $"{SettingTable.Collectors}.{name}.", settings);
    }

    private void ReadMap(YamlMap map, string prefix, IEnumerable<Setting> settings)
    {
        foreach (var group in settings.GroupBy(setting => setting.Path[prefix.Length..].Split('.')[0]))
        {
            if (map.Find(group.Key) is not { } value)
                continue;
            if (group.SingleOrDefault(setting => setting.Path == prefix + group.Key) is { } setting)
                Read(setting, value);
            else if (value.AsMap() is { } section)
                ReadMap(section, $"{prefix}{group.Key}.", group);
        }

        map.RejectUnknownKeys(key => FindRemedy(prefix + key));
    }

    /// <summary>Returns the remedy for a key that is almost right, or null for other keys.</summary>
    private static string? FindRemedy(string path) => path switch
    {
        "collectors.operational.enabled" => "Set operational.enabled.",
        "collectors.workers.enabled" => "Set orchestrator_api.base_address, which turns it on.",

        // A known path, written as a single key, as in the documentation and errors.
        _ when SettingTable.All.Any(setting => setting.IsInFile && setting.Path == path) =>
            $"Write '{path[(path.LastIndexOf('.') + 1)..]}' in the section '{path[..path.LastIndexOf('.')]}'.",
        _ => null,
    };

    private void Read(Setting setting, YamlValue value)
    {
        var read = setting.Kind switch
        {
            SettingKind.List => ReadList(setting, value),
            SettingKind.Map => ReadPairs(value),
            SettingKind.Node => new() { Node = value },
            _ => ReadScalar(setting, value),
        };
        if (read is not null)
            _values[setting.Path] = read with { Position = value.Position };
    }

    private SettingValue? ReadScalar(Setting setting, YamlValue value)
    {
        if (value.AsString() is not { } text)
            return null;
        if (setting.Parse(text, out var problem) is { } parsed)
            return setting.IsPath ? new() { Text = Path.Combine(_folder, text) } : parsed;
        value.AddError(problem);
        return null;
    }

    private static SettingValue? ReadList(Setting setting, YamlValue value)
    {
        var items = value.AsList()?.Select(item => ReadItem(setting, item)).ToArray();
        return items is null || items.Contains(null) ? null : new() { Items = items! };
    }

    private static string? ReadItem(Setting setting, YamlValue item)
    {
        if (item.AsString() is not { } text)
            return null;
        if (setting.FindProblem(text) is not { } problem)
            return text;
        item.AddError(problem);
        return null;
    }

    private static SettingValue? ReadPairs(YamlValue value)
    {
        if (value.AsMap() is not { } map)
            return null;
        var pairs = SettingValue.CreatePairs();
        foreach (var (key, item) in map.Entries)
        {
            if (item.AsString() is not { } text)
                return null;
            if (!pairs.TryAdd(key, text))
                map.AddError(key, $"The key '{key}' occurs twice, ignoring case. Remove or rename one of them.");
        }

        return new() { Pairs = pairs };
    }
}
