using System.Text;
using System.Text.RegularExpressions;

namespace Orchestrator.Metrics.Exposition.Parsing;

/// <summary>
/// The line syntax of OpenMetrics 1.0, limited to the rules that the lenient parser does not enforce: spaces, commas
/// and comments. Allows names in quotes, as Prometheus 3 does.
/// Source: the ABNF in https://prometheus.io/docs/specs/om/open_metrics_spec.
/// </summary>
internal static partial class OpenMetricsSyntax
{
    // The lenient parser has checked the characters of names.
    private const string MetricName = @"[\w:]+";
    private const string Quoted = """(?>"(?:[^"\\]|\\.)*")""";
    private const string Label = $@"(?:\w+|{Quoted})={Quoted}";
    private const string Labels = $$"""\{(?:{{Label}}(?:,{{Label}})*)?\}""";
    private const string QuotedNameAndLabels = $$"""\{{{Quoted}}(?:, ?{{Label}})*\}""";
    private const string Numbers = "[-+.0-9A-Za-z]+(?: [-+.0-9A-Za-z]+)?";

    public static void Require(ReadOnlySpan<byte> line)
    {
        var text = Encoding.UTF8.GetString(line);
        if (text.Length == 0)
            throw new FormatException("OpenMetrics allows no blank lines. Remove the line.");
        if (text.StartsWith('#'))
        {
            if (!Metadata().IsMatch(text))
                throw new FormatException(
                    "OpenMetrics allows no comments, and its metadata has the form '# TYPE name type', " +
                    "'# UNIT name unit' or '# HELP name text', with single spaces.");
        }
        else if (!Sample().IsMatch(text))
        {
            throw new FormatException(
                "OpenMetrics requires single spaces between the parts of a sample and allows no other spaces, tabs " +
                "or trailing commas. The form is 'name{label=\"value\"} value timestamp # {label=\"value\"} value " +
                "timestamp'.");
        }
    }

    [GeneratedRegex(
        $@"\A# (?:TYPE (?:{MetricName}|{Quoted}) [a-z]+|UNIT (?:{MetricName}|{Quoted}) [\w:]*" +
        $@"|HELP (?:{MetricName}|{Quoted}) [^\n]*)\z", RegexOptions.Singleline)]
    private static partial Regex Metadata();

    [GeneratedRegex(
        $@"\A(?:{MetricName}(?:{Labels})?|{QuotedNameAndLabels}) {Numbers}(?: # {Labels} {Numbers})?\z",
        RegexOptions.Singleline)]
    private static partial Regex Sample();
}
