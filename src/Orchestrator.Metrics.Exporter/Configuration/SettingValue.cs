using System.Globalization;
using Orchestrator.Metrics.Exporter.Yaml;

namespace Orchestrator.Metrics.Exporter.Configuration;

/// <summary>A valid value of a setting. The kind of the setting determines which property is set.</summary>
internal sealed record SettingValue
{
    /// <summary>A single value, in the format of the packages.</summary>
    public string Text { get; init; } = "";

    public IReadOnlyList<string> Items { get; init; } = [];

    public IReadOnlyDictionary<string, string> Pairs { get; init; } = new Dictionary<string, string>();

    public YamlValue? Node { get; init; }

    /// <summary>
    /// The source of the value in errors: a flag, a variable, or a key with its position in the file.
    /// </summary>
    public string Source { get; init; } = "";

    /// <summary>
    /// The position in the file, such as <c>exporter.yaml:12:5</c>. Null if the value is not from the file.
    /// </summary>
    public string? Position { get; init; }

    public bool IsTrue => Text == "true";

    public int Integer => int.Parse(Text, CultureInfo.InvariantCulture);

    public TimeSpan Duration => TimeSpan.ParseExact(Text, "c", CultureInfo.InvariantCulture);

    // Keys of the packages' configuration ignore case.
    public static Dictionary<string, string> CreatePairs() => new(StringComparer.OrdinalIgnoreCase);

    // The value may be a secret.
    public override string ToString() => Source;
}
