namespace Orchestrator.Metrics.Testing;

/// <summary>
/// The unit rules of promlint.
/// Source: https://github.com/prometheus/client_golang/blob/main/prometheus/testutil/promlint/validations/units.go.
/// </summary>
internal static class UnitRules
{
    private static readonly Dictionary<string, string> BaseUnits = new Dictionary<string, string[]>
    {
        ["amperes"] = ["amperes"],
        ["bytes"] = ["bytes", "bits"],
        ["celsius"] = ["celsius", "fahrenheit", "rankine"],
        ["grams"] = ["grams", "pounds", "ounces"],
        ["joules"] = ["joules", "calories"],
        ["kelvin"] = ["kelvin", "kelvins"],
        ["meters"] = ["meters", "inches", "yards", "miles"],
        ["metres"] = ["metres"],
        ["seconds"] = ["seconds", "minutes", "hours", "days", "weeks"],
        ["volts"] = ["volts"],
    }.SelectMany(units => units.Value.Select(unit => (unit, units.Key))).ToDictionary();

    // promlint spells "mebi" as "mibi".
    private static readonly string[] Prefixes =
    [
        "", "pico", "nano", "micro", "milli", "centi", "deci", "deca", "hecto", "kilo", "kibi", "mega", "mibi", "giga",
        "gibi", "tera", "tebi", "peta", "pebi",
    ];

    private static readonly string[] Abbreviations =
        ["s", "ms", "us", "ns", "sec", "b", "kb", "mb", "gb", "tb", "pb", "m", "h", "d"];

    // Only the first unit in a name counts.
    public static (string Unit, string BaseUnit)? FindNonBaseUnit(string name)
    {
        foreach (var word in name.Split('_'))
        {
            if (FindBaseUnit(word) is { } unit)
                return unit == word ? null : (word, unit);
        }

        return null;
    }

    public static string? FindAbbreviation(string name) => Array.Find(Abbreviations, word => HasWord(name, word));

    /// <summary>Returns whether a name contains a word after its first word, ignoring case.</summary>
    public static bool HasWord(string name, string word) =>
        $"{name}_".Contains($"_{word}_", StringComparison.OrdinalIgnoreCase);

    private static string? FindBaseUnit(string word) => Prefixes
        .Where(prefix => word.StartsWith(prefix, StringComparison.Ordinal))
        .Select(prefix => BaseUnits.GetValueOrDefault(word[prefix.Length..]))
        .FirstOrDefault(unit => unit is not null);
}
