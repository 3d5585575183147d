namespace Orchestrator.Metrics.Exporter.Configuration;

internal static class UnknownVariable
{
    private const string Collectors = "COLLECTORS_";

    /// <param name="name">An unknown variable with the prefix of the exporter.</param>
    /// <param name="collectors">The collectors that only the file configures.</param>
    public static string FindRemedy(string name, IEnumerable<string> collectors)
    {
        if (SettingTable.All.FirstOrDefault(setting => setting.Variable == name) is { } part)
            return $"Set {part.Path} in the configuration file.";
        var further = collectors.SelectMany(SettingTable.GetCollectorSettings)
            .FirstOrDefault(setting => GetVariableName(setting) == name);
        if (further is not null)
            return $"This collector has no variables. Set {further.Path} in the configuration file.";
        var remedy = Suggest(name) is { } suggestion ? $"Did you mean {suggestion}?" : "See --help.";
        return name.StartsWith(Setting.VariablePrefix + Collectors, StringComparison.Ordinal)
            ? "Collectors of collector_files and sources have no variables. Set their options in the configuration " +
                $"file. {remedy}"
            : remedy;
    }

    // Shells accept only ASCII letters, digits and underscores in variable names.
    private static string GetVariableName(Setting setting) =>
        string.Concat(setting.Variable.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));

    // Ignores the prefixes, which would make all names similar.
    private static string? Suggest(string name)
    {
        var prefix = Setting.VariablePrefix;
        if (name.StartsWith(prefix + Collectors, StringComparison.Ordinal))
            prefix += Collectors;
        return Suggestion.Find(name[prefix.Length..], SettingTable.All
            .Where(setting => setting.Kind != SettingKind.Node
                && setting.Variable.StartsWith(prefix, StringComparison.Ordinal))
            .Select(setting => setting.Variable[prefix.Length..])) is { } end
            ? prefix + end
            : null;
    }
}
