using System.Globalization;
using Orchestrator.Metrics.Exporter.Yaml;

namespace Orchestrator.Metrics.Exporter.Configuration;

/// <summary>
/// A row of <see cref="SettingTable"/>: one key of the configuration file, with its flag and environment variable.
/// </summary>
/// <param name="Path">The keys in the file, joined by dots: <c>web.listen_address</c>.</param>
/// <param name="Kind">The format of the values.</param>
/// <param name="Default">The default, in the format of a flag. Null if the setting has no default.</param>
/// <param name="Description">The description in <c>--help</c> and the documentation.</param>
internal sealed record Setting(string Path, SettingKind Kind, string? Default, string Description)
{
    public const string VariablePrefix = "WFO_EXPORTER_";

    public static readonly TimeSpan DefaultLongest = TimeSpan.FromDays(1);

    /// <summary>The values of <see cref="SettingKind.Choice"/>, and their names in the packages.</summary>
    public IReadOnlyDictionary<string, string> Choices { get; init; } = new Dictionary<string, string>();

    /// <summary>The labels that a list may contain; null for other lists, or if the labels are unknown.</summary>
    public IReadOnlyList<string>? Labels { get; init; }

    public TimeSpan Shortest { get; init; } = TimeSpan.FromMilliseconds(1);

    public TimeSpan Longest { get; init; } = DefaultLongest;

    /// <summary>The key of the packages' configuration that receives the value; null for none.</summary>
    public string? Key { get; init; }

    public Action<ExporterOptions, SettingValue>? Apply { get; init; }

    /// <summary>
    /// The group of the setting; null for none. The settings of a group are mutually exclusive: a source may set only
    /// one of them. At most one has a default.
    /// </summary>
    public string? Group { get; init; }

    public bool NeedsRestart { get; init; }

    /// <summary>Whether the file can contain the setting. False only for the path of the file itself.</summary>
    public bool IsInFile { get; init; } = true;

    /// <summary>
    /// Whether the value is a path, which must not be empty. Paths in the file are relative to the folder of the file.
    /// </summary>
    public bool IsPath { get; init; }

    public string Variable { get; init; } = VariablePrefix + Path.Replace('.', '_').ToUpperInvariant();

    /// <summary>
    /// The flag. Null for secrets, because all users of a machine can read the flags of a program, and for parts of the
    /// file.
    /// </summary>
    public string? Flag => Kind is SettingKind.Secret or SettingKind.Node ? null : FlagName;

    /// <summary>The name of the flag, or the name that it would have.</summary>
    public string FlagName => "--" + Path.Replace('_', '-');

    public bool IsOfCollector => Path.StartsWith(SettingTable.Collectors + ".", StringComparison.Ordinal);

    /// <summary>
    /// Reads the value of a flag or an environment variable, or a single value of the file. If it is invalid, returns
    /// null, and <paramref name="problem"/> states how to write it. Otherwise, the problem is empty.
    /// </summary>
    public SettingValue? Parse(string text, out string problem)
    {
        problem = "";
        switch (Kind)
        {
            case SettingKind.List:
                var items = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
                problem = items.Select(FindProblem).FirstOrDefault(found => found is not null) ?? "";
                return problem.Length == 0 ? new() { Items = items } : null;
            case SettingKind.Map:
                return ParseMap(text, out problem);
            default:
                if (ParseScalar(text) is { } value)
                    return new() { Text = value };
                problem = $"'{text}' is not {Expected}.";
                return null;
        }
    }

    /// <summary>Returns the problem with an item of a list, or null if it is valid.</summary>
    public string? FindProblem(string item) => Labels is null || Labels.Contains(item)
        ? null
        : $"The collector has no label '{item}'. {Suggestion.Describe(item, Labels, "Labels")}";

    public string Expected => Kind switch
    {
        SettingKind.Duration => "a duration such as 500ms, 30s or 1h30m, " + Range,
        SettingKind.Integer => "an integer of at least 1",
        SettingKind.Share => "a number above 0 and at most 1",
        SettingKind.Boolean => "true or false",
        SettingKind.Choice => $"one of {string.Join(", ", Choices.Keys)}",
        SettingKind.List => "a list; separate values with commas",
        SettingKind.Map => "a list of name=value pairs; separate pairs with commas",
        _ => IsPath ? "a path" : "a string",
    };

    private string Range =>
        (Shortest >= TimeSpan.FromSeconds(1) ? "at least 1s"
            : Shortest > TimeSpan.Zero ? "longer than 0"
            : "0 or longer")
        + (Longest == TimeSpan.MaxValue
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $", at most {Longest.TotalDays}d"));

    /// <summary>Returns the value in the format of the packages, or null if it is invalid.</summary>
    private string? ParseScalar(string text)
    {
        switch (Kind)
        {
            case SettingKind.Duration:
                return PrometheusDuration.TryParse(text, out var duration)
                    && duration >= Shortest && duration <= Longest
                    ? duration.ToString("c", CultureInfo.InvariantCulture)
                    : null;
            case SettingKind.Integer:
                return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var integer)
                    && integer > 0 ? text : null;
            case SettingKind.Share:
                return double.TryParse(
                    text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var share)
                    && share is > 0 and <= 1
                    ? text
                    : null;
            case SettingKind.Boolean:
                return text.ToLowerInvariant() switch
                {
                    "true" or "yes" or "on" or "1" => "true",
                    "false" or "no" or "off" or "0" => "false",
                    _ => null,
                };
            case SettingKind.Choice:
                return Choices.GetValueOrDefault(text);
            default:
                return IsPath && text.Length == 0 ? null : text;
        }
    }

    private static SettingValue? ParseMap(string text, out string problem)
    {
        var pairs = SettingValue.CreatePairs();
        foreach (var item in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (item.Split('=', 2) is not [{ Length: > 0 } name, var value] || !pairs.TryAdd(name, value))
            {
                problem = $"'{item}' is not name=value, or repeats a name, ignoring case. Write name=value once for " +
                    "each name.";
                return null;
            }
        }

        problem = "";
        return new() { Pairs = pairs };
    }
}
