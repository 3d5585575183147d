using System.Text.RegularExpressions;

namespace Orchestrator.Metrics.Testing;

internal static partial class Linter
{
    private static readonly string[] InheritedNames =
        ["wfo_subscriptions_count", "wfo_process_count", "wfo_process_seconds_total_count", "wfo_active_process_count"];

    // promlint checks only these type names.
    private static readonly string[] TypeWords = ["counter", "gauge", "summary", "histogram", "gauge_histogram"];

    public static IReadOnlyList<LintProblem> Lint(IEnumerable<LintedFamily> families, bool exemptInheritedNames) =>
    [
        .. families.SelectMany(family => CheckHelp(family)
            .Concat(CheckUnits(family))
            .Concat(CheckSuffixes(family, exemptInheritedNames))
            .Concat(CheckWords(family))
            .Concat(CheckLabelNames(family))
            .Select(text => new LintProblem(family.Name, text))),
    ];

    private static IEnumerable<string> CheckHelp(LintedFamily family)
    {
        if (family.Help.AsSpan().Trim(" \t\r").IsEmpty)
            yield return "It has no help text. Describe in a sentence what it measures.";
    }

    private static IEnumerable<string> CheckUnits(LintedFamily family)
    {
        if (UnitRules.FindNonBaseUnit(family.Name) is var (unit, baseUnit))
            yield return $"It is in {unit}. Use the base unit: {baseUnit}.";
        if (UnitRules.FindAbbreviation(family.Name) is { } abbreviation)
            yield return $"Its name contains an abbreviated unit: {abbreviation}. Write out the unit.";
    }

    private static IEnumerable<string> CheckSuffixes(LintedFamily family, bool exemptInheritedNames)
    {
        string[] reserved = family.Type switch
        {
            "untyped" => [],
            "counter" => ["_bucket", "_count", "_sum"],
            "histogram" => ["_total"],
            "summary" => ["_total", "_bucket"],
            _ => ["_total", "_bucket", "_count", "_sum"],
        };
        foreach (var suffix in reserved.Where(suffix => family.Name.EndsWith(suffix, StringComparison.Ordinal)))
        {
            if (exemptInheritedNames && InheritedNames.Contains(family.Name))
                continue;
            var owners = suffix switch
            {
                "_total" => "counters",
                "_bucket" => "histograms",
                _ => "histograms and summaries",
            };
            yield return $"It ends in {suffix}, as only {owners} should. Rename it.";
        }

        if (family.Type == "counter" && !family.Name.EndsWith("_total", StringComparison.Ordinal))
            yield return "It does not end in _total, as counters should. Rename it.";
    }

    private static IEnumerable<string> CheckWords(LintedFamily family)
    {
        foreach (var type in TypeWords.Where(type => UnitRules.HasWord(family.Name, type)))
            yield return $"Its name contains a metric type: {type}. Remove it; # TYPE states the type.";
        if (family.Name.Contains(':'))
            yield return "Its name contains a colon, which is for recording rules. Use an underscore.";
        if (CamelCase().IsMatch(family.Name))
            yield return "Its name is in camelCase. Use snake_case.";
    }

    private static IEnumerable<string> CheckLabelNames(LintedFamily family)
    {
        foreach (var label in family.LabelNames)
        {
            if (label == "le" && family.Type is not ("histogram" or "untyped"))
                yield return "It has a label le, as only histograms should. Rename the label.";
            if (label == "quantile" && family.Type is not ("summary" or "untyped"))
                yield return "It has a label quantile, as only summaries should. Rename the label.";
            if (CamelCase().IsMatch(label))
                yield return $"Its label {label} is in camelCase. Use snake_case.";
        }
    }

    [GeneratedRegex("[a-z][A-Z]")]
    private static partial Regex CamelCase();
}
