using System.Text.Json.Nodes;

namespace Orchestrator.Metrics.Tests.Monitoring;

/// <summary>The dashboard as a file; what it shows is tested by <see cref="ScrapedReplicasTests"/>.</summary>
public class DashboardTests
{
    private const string DataSource = "${datasource}";

    [Test]
    public void Ids_of_panels_are_unique() =>
        Assert.That(Dashboard.Panels.Select(panel => (int)panel["id"]!), Is.Unique.And.All.Positive);

    [Test]
    public void Panels_lie_side_by_side_within_the_grid()
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
        // Nothing but the right of a line is free.
        Assert.That(taken, Has.Count.EqualTo(24 * (taken.Keys.Max(cell => cell.Y) + 1)));
    }

    [Test]
    public void Every_panel_says_what_it_shows_and_in_which_unit_and_asks_the_chosen_data_source()
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
    public void Every_query_is_restricted_to_the_chosen_orchestrators()
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
    public void Its_variables_are_the_data_source_and_the_job()
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
