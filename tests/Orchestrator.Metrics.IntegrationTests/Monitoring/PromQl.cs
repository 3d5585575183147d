using System.Text.RegularExpressions;

namespace Orchestrator.Metrics.Tests.Monitoring;

internal static partial class PromQl
{
    /// <summary>
    /// Returns the scraped metrics that a query names, each with its label matchers as one string, which may be empty.
    /// Excludes metrics that rules record.
    /// </summary>
    public static IEnumerable<(string Metric, string Matchers)> FindSelectors(string query) => Selector()
        .Matches(Grouping().Replace(query, ""))
        .Select(match => (match.Groups[1].Value, match.Groups[2].Value));

    public static IEnumerable<(string Label, string[] Values)> ParseMatchers(string matchers) =>
        Matcher().Matches(matchers).Select(match => (match.Groups[1].Value, match.Groups[2].Value.Split('|')));

    public static IEnumerable<string> FindGroupLabels(string query) => Grouping().Matches(query)
        .SelectMany(match => match.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries))
        .Where(label => label.Length > 0);

    /// <summary>
    /// Removes comparisons with a number, so the query of an alert returns data while the alert does not fire.
    /// </summary>
    public static string RemoveLimits(string query) => Limit().Replace(query, "");

    // The name of a state set is also its label name, so a name at the start of a matcher is not a metric.
    [GeneratedRegex(@"(?<![\w:])((?:wfo|scrape)_\w+|up)(?![\w:])(?:\{([^}]*)\})?(?!\s*[=!])")]
    private static partial Regex Selector();

    [GeneratedRegex("""(\w+)\s*(?:=~|!~|!=|=)\s*"([^"]*)"\s*""")]
    private static partial Regex Matcher();

    [GeneratedRegex(@"\b(?:by|on|without)\s*\(([^)]*)\)")]
    private static partial Regex Grouping();

    [GeneratedRegex(@"\s(?:==|>=|>|<)\s[\d.]+(?: \* [\d.]+)?")]
    private static partial Regex Limit();
}
