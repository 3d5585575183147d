using System.Globalization;
using System.Text;

namespace Orchestrator.Metrics.Text;

// Callers escape the name of a family before they add a suffix such as _bucket, as the client libraries of Prometheus
// do.
internal static class EscapedName
{
    public static string EscapeMetricName(string name, EscapingScheme scheme) =>
        MetricNames.IsLegacyMetricName(name) && scheme != EscapingScheme.Dots
            ? name
            : Escape(name, scheme, colons: true);

    public static string EscapeLabelName(string name, EscapingScheme scheme) =>
        MetricNames.IsLegacyLabelName(name) && scheme != EscapingScheme.Dots
            ? name
            : Escape(name, scheme, colons: false);

    /// <summary>
    /// Escapes a unit so that the escaped name of its family ends in it. Prometheus rejects any other unit.
    /// </summary>
    public static string EscapeUnit(string unit, string family, EscapingScheme scheme)
    {
        var name = EscapeMetricName(family, scheme);
        return name == family ? unit : name[Escape(family[..^unit.Length], scheme, colons: true).Length..];
    }

    private static string Escape(string name, EscapingScheme scheme, bool colons)
    {
        if (scheme == EscapingScheme.AllowUtf8)
            return name;
        var escaped = new StringBuilder(scheme == EscapingScheme.Values ? "U__" : "");
        var first = true;
        foreach (var rune in name.EnumerateRunes())
        {
            var legacy = IsLegacy(rune, first, colons);
            first = false;
            escaped.Append(scheme switch
            {
                EscapingScheme.Underscores => legacy ? rune.ToString() : "_",
                _ when rune.Value == '_' => "__",
                _ when legacy => rune.ToString(),
                EscapingScheme.Dots => rune.Value == '.' ? "_dot_" : "__",
                _ => string.Create(CultureInfo.InvariantCulture, $"_{rune.Value:x}_"),
            });
        }

        return escaped.ToString();
    }

    private static bool IsLegacy(Rune rune, bool first, bool colons) =>
        rune.IsAscii && !(first && char.IsAsciiDigit((char)rune.Value))
        && (colons ? MetricNames.MetricCharacters : MetricNames.LabelCharacters).Contains((char)rune.Value);
}
