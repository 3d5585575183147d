using System.Collections;
using System.Globalization;
using Orchestrator.Metrics.Exporter.CollectorFiles;
using Orchestrator.Metrics.Exporter.Sources;
using Orchestrator.Metrics.Exporter.Yaml;

namespace Orchestrator.Metrics.Exporter.Configuration;

/// <summary>
/// Loads the configuration from its sources: flags take precedence over environment variables, and variables over the
/// file.
/// </summary>
internal sealed class ConfigurationLoader(
    IReadOnlyDictionary<string, SettingValue> flags, IReadOnlyDictionary<string, string> environment)
{
    public static IReadOnlyDictionary<string, string> ReadProcessEnvironment() =>
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .ToDictionary(variable => (string)variable.Key, variable => (string?)variable.Value ?? "");

    // Each call reads the file again.
    public ExporterOptions Load()
    {
        var errors = new ConfigurationErrors();
        var variables = ReadEnvironment(errors);
        var path = flags.GetValueOrDefault("config.file") ?? variables.GetValueOrDefault("config.file");
        var file = new SettingsFile(errors);
        if (path is not null)
            file.Load(path.Text);
        IReadOnlyDictionary<string, SettingValue>[] sources = [flags, variables, file.Values];
        var options = new ExporterOptions { Environment = environment };
        Setting[] settings = [.. SettingTable.All, .. file.FurtherSettings];
        foreach (var group in settings.GroupBy(setting => setting.Group ?? setting.Path))
            errors.Try(() => Apply([.. group], sources, options));
        ReadCollectors(file, options, errors);
        RejectUnknownVariables(file, options, errors);
        errors.ThrowIfAny();
        return options;
    }

    private static void ReadCollectors(SettingsFile file, ExporterOptions options, ConfigurationErrors errors)
    {
        var count = errors.Count;
        options.SqlCollectors = SqlCollectors.Read(
            FindNode("collector_files"), options.Folder, errors, options.Warnings);
        options.Sources = SourceReader.Read(
            FindNode("sources"), options.Folder, options.SqlCollectors.Select(collector => collector.Name));

        // After an error in its definition, a collector would also be reported as unknown.
        if (errors.Count == count)
            RequireKnownCollectors(file, options, errors);
        SourceConflicts.Check(options.Sources, file.Values, errors);

        YamlValue? FindNode(string path) => file.Values.GetValueOrDefault(path)?.Node;
    }

    private static void RequireKnownCollectors(SettingsFile file, ExporterOptions options, ConfigurationErrors errors)
    {
        string[] known =
        [
            .. SettingTable.PackageCollectors.Keys,
            .. options.SqlCollectors.Select(collector => collector.Name),
            .. options.Sources.Select(source => source.Name),
            .. SettingTable.OwnCollectors,
        ];
        foreach (var (name, addError) in file.Collectors.Where(collector => !known.Contains(collector.Key)))
        {
            addError(
                $"There is no collector '{name}'. {Suggestion.Describe(name, known, "Collectors")} If its collector " +
                "file or source was removed, remove this section too.");

            // A pattern that matches no file may be the cause.
            options.Warnings.ForEach(errors.Add);
        }
    }

    private Dictionary<string, SettingValue> ReadEnvironment(ConfigurationErrors errors)
    {
        var values = new Dictionary<string, SettingValue>();
        foreach (var setting in SettingTable.All.Where(setting => setting.Kind != SettingKind.Node))
        {
            // An empty variable counts as unset: container templates often leave variables empty.
            if (!environment.TryGetValue(setting.Variable, out var text) || text.Length == 0)
                continue;
            if (setting.Parse(text, out var problem) is { } value)
                values[setting.Path] = value;
            else
                errors.Add($"environment variable {setting.Variable}: {problem}");
        }

        return values;
    }

    // Called once the collectors are known, because a variable may be meant for one of them.
    private void RejectUnknownVariables(SettingsFile file, ExporterOptions options, ConfigurationErrors errors)
    {
        string[] collectors =
        [
            .. options.SqlCollectors.Select(collector => collector.Name),
            .. options.Sources.Select(source => source.Name),
            .. file.Collectors.Keys, .. SettingTable.OwnCollectors,
        ];
        foreach (var name in environment.Keys.Where(IsUnknown))
            errors.Add($"environment variable {name} is unknown. {UnknownVariable.FindRemedy(name, collectors)}");

        bool IsUnknown(string name) =>
            name.StartsWith(Setting.VariablePrefix, StringComparison.Ordinal)
            && !SettingTable.All.Any(setting => setting.Kind != SettingKind.Node && setting.Variable == name)
            && !ServiceLinks.IsServiceLink(name, environment[name]);
    }

    /// <summary>Applies the value from the first source that sets a setting of the group, or the default.</summary>
    private static void Apply(
        Setting[] group, IReadOnlyDictionary<string, SettingValue>[] sources, ExporterOptions options)
    {
        foreach (var source in sources)
        {
            var given = Array.FindAll(group, setting => source.ContainsKey(setting.Path));
            if (given.Length > 1)
            {
                var names = string.Join(" and ", given.Select(setting => Describe(setting, source, sources)));
                var position = FormatPosition(source[given[^1].Path]);
                throw new ConfigurationException([$"{position}{names} are mutually exclusive. Set only one of them."]);
            }

            if (given.Length == 1)
            {
                var (setting, value) = (given[0], source[given[0].Path]);
                var name = FormatPosition(value) + Describe(setting, source, sources);
                Apply(setting, value with { Source = name }, options);
                return;
            }
        }

        if (Array.Find(group, setting => setting.Default is not null) is { } withDefault)
            Apply(withDefault, withDefault.Parse(withDefault.Default!, out _)!, options);
    }

    private static string FormatPosition(SettingValue value) =>
        value.Position is { } position ? position + ": " : "";

    private static string Describe(
        Setting setting, IReadOnlyDictionary<string, SettingValue> source,
        IReadOnlyDictionary<string, SettingValue>[] sources) => Array.IndexOf(sources, source) switch
        {
            0 => setting.Flag!,
            1 => setting.Variable,
            _ => setting.Path,
        };

    private static void Apply(Setting setting, SettingValue value, ExporterOptions options)
    {
        setting.Apply?.Invoke(options, value);
        if (value.Position is { } position)
            options.Positions[setting.Path] = position;
        if (setting.NeedsRestart)
            options.UntilRestart[setting.Path] = value.Text + string.Join(',', value.Items);
        if (setting.Key is not { } key)
            return;
        if (setting.Kind == SettingKind.List)
        {
            for (var i = 0; i < value.Items.Count; i++)
                options.Packages[string.Create(CultureInfo.InvariantCulture, $"{key}:{i}")] = value.Items[i];
        }
        else if (setting.Kind == SettingKind.Map)
        {
            foreach (var (name, text) in value.Pairs)
                options.Packages[$"{key}:{name}"] = text;
        }
        else
        {
            options.Packages[key] = value.Text;
        }
    }
}
