using System.Text.Json.Nodes;

namespace Orchestrator.Metrics.Tests.Monitoring;

/// <summary>The dashboard file. <see cref="ScrapedReplicasTests"/> tests its queries.</summary>
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
                foreach (var cell in Cells(panel["gridPos"]!))
                {
                    Assert.That(cell.X, Is.InRange(0, 23), title);
                    Assert.That(taken.TryAdd(cell, title), Is.True, $"{title} lies on {taken[cell]} at {cell}.");
                }
            }
        });
        // Free space is allowed only at the right of a row.
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
            var selectors = PromQl.Selectors(query.Expression).ToList();
            Assert.That(selectors, Is.Not.Empty, query.ToString());
            Assert.That(
                selectors.Select(selector => selector.Matchers), Has.All.Contains("job=~\"$job\""), query.ToString());
        }
    }

    [Test]
    public void Dashboard_variables_are_the_data_source_and_the_job()
    {
        var variables = Dashboard.Json["templating"]!["list"]!.AsArray().Select(variable =>
            ((string)variable!["name"]!, (string)variable["type"]!));

        Assert.That(variables, Is.EqualTo(new[] { ("datasource", "datasource"), ("job", "query") }));
    }

    private static IEnumerable<(int X, int Y)> Cells(JsonNode position) =>
        from x in Enumerable.Range((int)position["x"]!, (int)position["w"]!)
        from y in Enumerable.Range((int)position["y"]!, (int)position["h"]!)
        select (x, y);
}
