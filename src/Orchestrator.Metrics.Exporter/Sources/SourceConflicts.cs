using Orchestrator.Metrics.Exporter.Configuration;
using Orchestrator.Metrics.Exporter.Yaml;

namespace Orchestrator.Metrics.Exporter.Sources;

/// <summary>
/// Finds options that the file sets both in <c>sources</c> and in <c>collectors</c>, or that are mutually exclusive.
/// </summary>
internal static class SourceConflicts
{
    private static readonly (string Key, string Option)[] SameOptions =
    [
        ("timeout", "timeout"), ("cache_for", "cache_for"), ("serve_stale_for", "serve_stale_for"),
        ("failure_policy", "failure_policy"), ("prefix", "name_prefix"), ("labels", "add_labels"),
    ];

    public static void Check(
        IEnumerable<SourceOptions> sources, IReadOnlyDictionary<string, SettingValue> settings,
        ConfigurationErrors errors)
    {
        foreach (var source in sources)
        {
            foreach (var (key, option) in SameOptions)
                AddIfBoth(source, key, option, $"set the same option. Keep only '{key}' of the source.");
            AddIfBoth(source, "cache_for", "refresh_every", "are mutually exclusive. Set only one of them.");
        }

        void AddIfBoth(SourceOptions source, string key, string option, string problem)
        {
            var path = $"{SettingTable.Collectors}.{source.Name}.{option}";
            if (source.Keys.Contains(key) && settings.TryGetValue(path, out var value))
                errors.Add($"{value.Position}: {path} and '{key}' of source '{source.Name}' {problem}");
        }
    }
}
