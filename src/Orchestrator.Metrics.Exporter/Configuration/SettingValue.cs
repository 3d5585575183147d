using System.Globalization;
using Orchestrator.Metrics.Exporter.Yaml;

namespace Orchestrator.Metrics.Exporter.Configuration;

/// <summary>A valid value of a setting. Its kind determines which property is set.</summary>
internal sealed record SettingValue
{
    /// <summary>A single value, in the format of the packages.</summary>
    public string Text { get; private init; } = "";

    /// <summary>The values of a list.</summary>
    public IReadOnlyList<string> Items { get; private init; } = [];

    /// <summary>The values of a map.</summary>
    public IReadOnlyDictionary<string, string> Pairs { get; private init; } = new Dictionary<string, string>();

    /// <summary>The part of the file; null for all other kinds.</summary>
    public YamlValue? Node { get; private init; }

    /// <summary>
    /// The source of the value in errors: a flag, a variable, or a key with its position in the file.
    /// </summary>
    public string Source { get; init; } = "";

    /// <summary>The position in the file, such as <c>exporter.yaml:12:5</c>. Null for a flag or a variable.</summary>
    public string? Position { get; init; }

    public bool IsTrue => Text == "true";

    public int Integer => int.Parse(Text, CultureInfo.InvariantCulture);

    public TimeSpan Duration => TimeSpan.ParseExact(Text, "c", CultureInfo.InvariantCulture);

    public static SettingValue CreateScalar(string text) => new() { Text = text };

    public static SettingValue CreateList(IReadOnlyList<string> items) => new() { Items = items };

    /// <summary>Creates the pairs of a map. Keys of the packages' configuration ignore case.</summary>
    public static Dictionary<string, string> CreatePairs() => new(StringComparer.OrdinalIgnoreCase);

    public static SettingValue CreateMap(IReadOnlyDictionary<string, string> pairs) => new() { Pairs = pairs };

    public static SettingValue CreatePart(YamlValue node) => new() { Node = node };

    /// <summary>Hides the value, which may be a secret.</summary>
    public override string ToString() => Source;
}
