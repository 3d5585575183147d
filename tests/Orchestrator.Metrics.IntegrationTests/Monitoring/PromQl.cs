using System.Text.RegularExpressions;

namespace Orchestrator.Metrics.Tests.Monitoring;

/// <summary>The subset of PromQL that the monitoring pack uses.</summary>
internal static partial class PromQl
{
    /// <summary>
    /// The scraped metrics that a query names, with their label matchers as one string, which may be empty. Excludes
    /// metrics recorded by rules.
    /// </summary>
    public static IEnumerable<(string Metric, string Matchers)> Selectors(string query) => Selector()
        .Matches(Grouping().Replace(query, ""))
        .Select(match => (match.Groups[1].Value, match.Groups[2].Value));

    /// <summary>Each matcher of a selector, with its values.</summary>
    public static IEnumerable<(string Label, string[] Values)> Matchers(string matchers) =>
        Matcher().Matches(matchers).Select(match => (match.Groups[1].Value, match.Groups[2].Value.Split('|')));

    /// <summary>The labels by which the query groups.</summary>
    public static IEnumerable<string> GroupLabels(string query) => Grouping().Matches(query)
        .SelectMany(match => match.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries))
        .Where(label => label.Length > 0);

    /// <summary>The query without comparisons to a number, so it returns data while no alert fires.</summary>
    public static string WithoutLimits(string query) => Limit().Replace(query, "");

    // The name of a state set is also its label: a name at the start of a matcher is not a metric.
    [GeneratedRegex(@"(?<![\w:])((?:wfo|scrape)_\w+|up)(?![\w:])(?:\{([^}]*)\})?(?!\s*[=!])")]
    private static partial Regex Selector();

    [GeneratedRegex("""(\w+)\s*(?:=~|!~|!=|=)\s*"([^"]*)"\s*""")]
    private static partial Regex Matcher();

    [GeneratedRegex(@"\b(?:by|on|without)\s*\(([^)]*)\)")]
    private static partial Regex Grouping();

    [GeneratedRegex(@"\s(?:==|>=|>|<)\s[\d.]+(?: \* [\d.]+)?")]
    private static partial Regex Limit();
}
