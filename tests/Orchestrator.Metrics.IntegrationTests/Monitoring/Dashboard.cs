using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Orchestrator.Metrics.Tests.Monitoring;

/// <summary>The dashboard of the monitoring pack, as Grafana reads it.</summary>
internal static partial class Dashboard
{
    public static JsonNode Json { get; } =
        JsonNode.Parse(MonitoringPack.ReadText("grafana/dashboards/orchestrator.json"))!;

    public static IEnumerable<JsonNode> Panels => Json["panels"]!.AsArray().Select(panel => panel!);

    public static IEnumerable<JsonNode> DataPanels => Panels.Where(panel => (string)panel["type"]! != "row");

    public static IEnumerable<DashboardQuery> Queries => DataPanels.SelectMany(panel =>
        panel["targets"]!.AsArray().Select(target => new DashboardQuery(
            (int)panel["id"]!,
            (string)panel["title"]!,
            (string)target!["refId"]!,
            (string)target["expr"]!,
            (string?)target["legendFormat"] ?? "")));

    public static JsonNode GetVariable(string name) =>
        Json["templating"]!["list"]!.AsArray().Single(variable => (string)variable!["name"]! == name)!;

    public static JsonNode GetPanel(string title) =>
        DataPanels.First(panel => (string)panel["title"]! == title);

    public static string GetQuery(string title) => Queries.First(query => query.Title == title).Expression;

    /// <summary>Replaces the variables of a query. Selects all products and customers by default.</summary>
    public static string Substitute(string expression, string job, string product = ".*", string customer = ".*")
    {
        var query = expression
            .Replace("$job", job, StringComparison.Ordinal)
            .Replace("$product", product, StringComparison.Ordinal)
            .Replace("$customer", customer, StringComparison.Ordinal)
            // For a scrape every second, Grafana sets this variable to four scrape intervals.
            .Replace("$__rate_interval", "4s", StringComparison.Ordinal);
        Assert.That(query, Does.Not.Contain("$"), "The query has an unknown variable. Replace it in Dashboard.cs.");
        return query;
    }

    public static IEnumerable<string> FindLegendLabels(string legend) =>
        LegendLabel().Matches(legend).Select(match => match.Groups[1].Value);

    [GeneratedRegex(@"\{\{(\w+)\}\}")]
    private static partial Regex LegendLabel();
}

/// <summary>A query of a panel. Public for NUnit, which passes it to tests.</summary>
public sealed record DashboardQuery(int Panel, string Title, string RefId, string Expression, string Legend)
{
    public override string ToString() => $"{Title} ({Panel}{RefId})";
}
