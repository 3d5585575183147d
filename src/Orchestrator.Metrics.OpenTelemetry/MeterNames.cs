using System.Text;
using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics.OpenTelemetry;

// Source:
// https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#otlp-metric-points-to-prometheus.
internal sealed class MeterNames(TranslationStrategy strategy)
{
    private const string Total = "_total";

    private readonly bool _escapes = strategy is TranslationStrategy.UnderscoreEscapingWithSuffixes
        or TranslationStrategy.UnderscoreEscapingWithoutSuffixes;

    private readonly bool _appends = strategy is TranslationStrategy.UnderscoreEscapingWithSuffixes
        or TranslationStrategy.NoUtf8EscapingWithSuffixes;

    // The unit is empty without suffixes, or if the name without _total does not end in an underscore and the unit.
    public (string Name, string Unit) TranslateFamily(string instrument, string unit, bool isCounter)
    {
        var name = _escapes ? Escape(instrument, colons: true) : instrument;
        if (!_appends)
            return (name, "");
        if (isCounter && name.EndsWith(Total, StringComparison.Ordinal))
            name = name[..^Total.Length];
        var word = MeterUnits.ToWord(unit);
        if (!name.EndsWith(word, StringComparison.Ordinal))
            name += _escapes && name.EndsWith('_') ? word : "_" + word;
        var ending = word.Length > 0 && name.EndsWith("_" + word, StringComparison.Ordinal) ? word : "";
        return (isCounter ? name + Total : name, ending);
    }

    // Prometheus drops labels that start with two underscores, so only one underscore is kept. It rejects a scrape with
    // a label __name__, so no label has this name after escaping either.
    public string TranslateLabel(string tag)
    {
        if (tag.Length == 0)
            return "_";
        if (_escapes)
            return Escape(tag, colons: false);
        var label = TagText.ReplaceUnpairedSurrogates(tag);
        if (label.StartsWith("__", StringComparison.Ordinal))
            label = "_" + label.TrimStart('_');
        return EscapedName.EscapeLabelName(label, EscapingScheme.Underscores) == MetricNames.MetricNameLabel
            ? "_name__"
            : label;
    }

    /// <summary>
    /// Replaces each run of underscores and of characters that legacy names cannot contain with one underscore, and
    /// puts an underscore before a leading digit.
    /// </summary>
    public static string Escape(string name, bool colons)
    {
        var escaped = new StringBuilder(name.Length + 1);
        if (name.Length > 0 && char.IsAsciiDigit(name[0]))
            escaped.Append('_');
        foreach (var character in name)
        {
            if (char.IsAsciiLetterOrDigit(character) || (colons && character == ':'))
                escaped.Append(character);
            else if (escaped.Length == 0 || escaped[^1] != '_')
                escaped.Append('_');
        }

        return escaped.ToString();
    }
}
