using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Orchestrator.Metrics.Tests.Monitoring;

/// <summary>
/// The file of the dashboard. <see cref="DashboardResultTests"/> and <see cref="ScrapedReplicasTests"/> test the
/// queries.
/// </summary>
public class DashboardTests
{
    private const string DataSource = "${datasource}";

    [Test]
    public void Panel_ids_are_unique() =>
        Assert.That(Dashboard.Panels.Select(panel => (int)panel["id"]!), Is.Unique.And.All.Positive);

    [Test]
    public void Panels_fit_the_grid_without_overlap()
    {
        var taken = new Dictionary<(int X, int Y), string>();
        Assert.Multiple(() =>
        {
            foreach (var panel in Dashboard.Panels)
            {
                var title = (string)panel["title"]!;
                foreach (var cell in GetCells(panel["gridPos"]!))
                {
                    Assert.That(cell.X, Is.InRange(0, 23), title);
                    Assert.That(taken.TryAdd(cell, title), Is.True, $"{title} lies on {taken[cell]} at {cell}.");
                }
            }
        });
        // The panels fill every cell of the grid.
        Assert.That(taken, Has.Count.EqualTo(24 * (taken.Keys.Max(cell => cell.Y) + 1)));
    }

    [Test]
    public void Every_panel_has_a_description_a_unit_and_the_selected_data_source()
    {
        Assert.Multiple(() =>
        {
            foreach (var panel in Dashboard.DataPanels)
            {
                var title = (string)panel["title"]!;
                var targets = panel["targets"]!.AsArray();
                Assert.That(title, Is.Not.Empty);
                Assert.That((string?)panel["description"], Does.EndWith("."), title);
                Assert.That((string?)panel["fieldConfig"]!["defaults"]!["unit"], Is.Not.Null.And.Not.Empty, title);
                Assert.That((string?)panel["datasource"]!["uid"], Is.EqualTo(DataSource), title);
                Assert.That(targets, Is.Not.Empty, title);
                Assert.That(targets.Select(target => (string?)target!["refId"]), Is.Unique.And.All.Not.Null, title);
                var sources = targets.Select(target => (string?)target!["datasource"]!["uid"]);
                Assert.That(sources, Is.All.EqualTo(DataSource), title);
                Assert.That(targets.Select(target => (string?)target!["expr"]), Is.All.Not.Empty, title);
            }
        });
    }

    [Test]
    public void Every_query_is_restricted_to_the_selected_orchestrators()
    {
        foreach (var query in Dashboard.Queries)
        {
            var selectors = PromQl.FindSelectors(query.Expression).ToList();
            Assert.That(selectors, Is.Not.Empty, query.ToString());
            Assert.That(
                selectors.Select(selector => selector.Matchers), Has.All.Contains("job=~\"$job\""), query.ToString());
        }
    }

    [Test]
    public void Query_of_a_metric_with_product_and_customer_is_restricted_to_the_selected_ones()
    {
        string[] metrics = ["wfo_subscriptions_count", "wfo_process_count", "wfo_process_seconds_total_count"];
        foreach (var query in Dashboard.Queries.Where(query => query.Title != "Workflows without a subscription"))
        {
            foreach (var (metric, matchers) in PromQl.FindSelectors(query.Expression))
            {
                foreach (var matcher in new[] { "product_name=~\"$product\"", "customer_id=~\"$customer\"" })
                    Assert.That(matchers.Contains(matcher, StringComparison.Ordinal), Is.EqualTo(metrics.Contains(metric)),
                        $"{query}: {matchers}");
            }
        }
    }

    [Test]
    public void Dashboard_variables_are_the_data_source_the_job_the_product_and_the_customer()
    {
        var variables = Dashboard.Json["templating"]!["list"]!.AsArray().Select(variable =>
            ((string)variable!["name"]!, (string)variable["type"]!, (string?)variable["allValue"]));

        Assert.That(variables, Is.EqualTo(new (string, string, string?)[]
        {
            ("datasource", "datasource", null),
            ("job", "query", ".*orchestrator.*"),
            // Also matches series without the label, because a host may drop it.
            ("product", "query", ".*"),
            ("customer", "query", ".*"),
        }));
    }

    [Test]
    public void Number_of_subscriptions_excludes_the_terminated_ones_as_on_the_page_of_the_sample()
    {
        var figures = File.ReadAllText(
            Path.Combine(TestFiles.Root, "samples", "Orchestrator.Metrics.Sample", "wwwroot", "figures.js"));
        var matchers = Dashboard.Queries
            // The columns of this panel are all lifecycle states.
            .Where(query => query.Title != "Subscriptions by product and lifecycle state")
            .SelectMany(query => PromQl.FindSelectors(query.Expression))
            .Where(selector => selector.Metric == "wfo_subscriptions_count")
            .Select(selector => selector.Matchers)
            .ToArray();

        Assert.That(figures, Does.Contain("'lifecycle_state') !== 'terminated'"));
        Assert.That(matchers, Is.Not.Empty);
        foreach (var matcher in matchers)
            Assert.That(matcher, Does.Match("lifecycle_state(!=\"terminated\"|=\"active\")"));
    }

    [Test]
    public void Limits_of_alerts_are_the_red_thresholds_of_panels()
    {
        foreach (var (title, name) in new[]
        {
            ("Longest without a step", "OrchestratorProcessHangs"),
            ("Longest in the queue", "OrchestratorJobsNotStarted"),
            ("Longest wait for a callback", "OrchestratorCallbackMissing"),
            ("Longest wait for a person", "OrchestratorProcessSuspended"),
            ("Longest retried", "OrchestratorRetriesInVain"),
        })
        {
            var panel = Dashboard.GetPanel(title);
            var red = panel["fieldConfig"]!["defaults"]!["thresholds"]!["steps"]!.AsArray()
                .Single(step => (string)step!["color"]! == "red")!;
            var alert = MonitoringPack.ReadAlerts().Single(alert => (string)alert["alert"]! == name);
            var limit = Regex.Match((string)alert["expr"]!, @"> ([\d* ]+)").Groups[1].Value
                .Split('*').Aggregate(1, (product, factor) => product * int.Parse(factor, CultureInfo.InvariantCulture));

            Assert.That((int)red["value"]!, Is.EqualTo(limit), title);
            Assert.That((string)panel["description"]!, Does.Contain(name));
        }
    }

    // PageOperationalTests compares the colours of the first panel with those of the page.
    [Test]
    public void State_of_the_engine_has_one_colour_in_all_panels()
    {
        var mappings = new[] { "Engine", "Engine status" }
            .Select(title => Dashboard.GetPanel(title)["fieldConfig"]!["defaults"]!["mappings"]!.ToJsonString())
            .ToArray();

        Assert.That(mappings[1], Is.EqualTo(mappings[0]));
    }

    // As on the page, a share above 0 is not shown as 0 %, and a share below 1 is not shown as 100 %.
    [TestCase(0, null)]
    [TestCase(0.000_001, "<1 %")]
    [TestCase(0.0049, "<1 %")]
    [TestCase(0.005, null)]
    [TestCase(0.9949, null)]
    [TestCase(0.995, ">99 %")]
    [TestCase(0.999_999, ">99 %")]
    [TestCase(1, null)]
    public void Share_in_sync_is_not_rounded_to_none_or_all(double share, string? text)
    {
        var ranges = Dashboard.GetPanel("Subscriptions in sync")["fieldConfig"]!["defaults"]!["mappings"]!.AsArray()
            .Select(mapping => mapping!["options"]!)
            .Where(range => share >= (double)range["from"]! && share <= (double)range["to"]!);

        Assert.That(ranges.Select(range => (string?)range["result"]!["text"]).SingleOrDefault(), Is.EqualTo(text));
    }

    private static IEnumerable<(int X, int Y)> GetCells(JsonNode position) =>
        from x in Enumerable.Range((int)position["x"]!, (int)position["w"]!)
        from y in Enumerable.Range((int)position["y"]!, (int)position["h"]!)
        select (x, y);
}
