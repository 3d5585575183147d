using System.Globalization;

namespace Orchestrator.Metrics.Tests;

public class PageNumberTests
{
    private sealed record Row(string Name, string Total, string Parts, string Note);

    [Test]
    public async Task Numbers_on_the_page_equal_those_of_the_rows()
    {
        await using var host = await PageHost.StartAsync(GoldenRows.Exposition);
        using var browser = Browser.Open(host.GetAddress());
        await browser.WaitForStateAsync("live");

        var live = GoldenRows.Subscriptions.Where(row => row.LifecycleState != "terminated").ToArray();
        var subscriptions = live.GroupBy(row => row.ProductName)
            .Select(product => (product.Key, FormatNumber(product.Sum(row => row.Count))));
        var workflows = GoldenRows.Processes.GroupBy(row => row.WorkflowName)
            .Select(workflow => (workflow.Key, FormatNumber(workflow.Sum(row => row.Count))));
        var hours = Math.Round(GoldenRows.Processes.Sum(row => row.TotalSeconds) / 3600);
        Assert.Multiple(() =>
        {
            Assert.That(
                ReadRows(browser, "#products").Select(row => (row.Name, row.Total)), Is.EquivalentTo(subscriptions));
            Assert.That(
                ReadRows(browser, "#workflow-bars").Select(row => (row.Name, row.Total)), Is.EquivalentTo(workflows));
            Assert.That(
                ReadRows(browser, "#status-groups").Where(row => row.Total != "0").Select(row => (row.Name, row.Total)),
                Is.EqualTo(new[] { ("completed", FormatNumber(GoldenRows.Processes.Sum(row => row.Count))) }));
            Assert.That(
                browser.GetText("#subscriptions-figure"),
                Is.EqualTo($"{FormatNumber(live.Sum(row => row.Count))} 100\u00a0% in sync"));
            Assert.That(
                browser.GetText("#terminated"),
                Is.EqualTo(
                    FormatNumber(GoldenRows.Subscriptions.Except(live).Sum(row => row.Count)) +
                    " terminated subscriptions are not counted here."));
            Assert.That(
                browser.GetText("#processes-figure"), Does.EndWith($" {FormatNumber((long)hours)} h of run time"));
            Assert.That(browser.GetText("#active-count"), Is.EqualTo(FormatNumber(GoldenRows.Engine.RunningProcesses)));
            Assert.That(browser.GetText("#states [aria-current]"), Is.EqualTo("RUNNING"));
            Assert.That(browser.Title, Does.StartWith("RUNNING · 5 active"));
            Assert.That(browser.IsVisible("#engine-controls"), Is.False, "This host has no /api/engine.");
            foreach (var panel in (string[])["#others", "#stuck", "#collectors"])
                Assert.That(browser.IsVisible(panel), Is.False, panel);
        });
    }

    [Test]
    public async Task Share_is_never_rounded_to_0_or_100_percent_and_failures_are_highlighted()
    {
        await using var host = await PageHost.StartAsync("""
            # TYPE wfo_subscriptions_count gauge
            wfo_subscriptions_count{insync="True",lifecycle_state="active",product_name="Router"} 99999.0
            wfo_subscriptions_count{insync="False",lifecycle_state="retired",product_name="Router"} 1.0
            wfo_subscriptions_count{insync="True",lifecycle_state="active",product_name="Node"} 1.0
            wfo_subscriptions_count{insync="False",lifecycle_state="active",product_name="Node"} 999.0
            wfo_subscriptions_count{insync="True",lifecycle_state="active",product_name="Site"} 2.0
            wfo_subscriptions_count{insync="False",lifecycle_state="active",product_name="Site"} 1.0
            # TYPE wfo_process_count gauge
            wfo_process_count{last_status="failed",workflow_name="w"} 2.0
            wfo_process_count{last_status="api_unavailable",workflow_name="w"} 3.0
            wfo_process_count{last_status="dreaming",workflow_name="w"} 4.0

            """u8.ToArray());
        using var browser = Browser.Open(host.GetAddress());
        await browser.WaitForStateAsync("live");

        Assert.Multiple(() =>
        {
            Assert.That(
                ReadRows(browser, "#products").Select(row => row.Note),
                Is.EqualTo(new[] { ">99\u00a0% in sync", "<1\u00a0% in sync", "67\u00a0% in sync" }));
            Assert.That(ReadRows(browser, "#products")[0].Parts, Is.EqualTo("active 99,999, retired 1"));
            Assert.That(ReadRows(browser, "#workflow-bars")[0].Note, Is.EqualTo("5 failed"));
            Assert.That(ReadRows(browser, "#workflow-bars")[0].Parts, Is.EqualTo("failed 5, other 4"));
            Assert.That(browser.GetText("[data-group=Failed] h3"), Is.EqualTo("Failed 5"));
            Assert.That(browser.GetText("[data-group=Other] h3"), Is.EqualTo("Other 4"));
            Assert.That(
                browser.IsVisible("#engine") || browser.IsVisible("#active"), Is.False, "Not in the exposition.");
        });
    }

    [Test]
    public async Task Counters_and_histograms_are_shown_as_tables_in_both_formats()
    {
        await using var host = await PageHost.StartAsync(new FakeCollector(_ =>
            Task.FromResult<IReadOnlyList<MetricFamily>>([.. CreateFamilies()])));
        using var browser = Browser.Open(host.GetAddress());
        await browser.WaitForStateAsync("live");
        Assert.That(ReadTables(browser), Does.StartWith("acme_requests_total\nvalue\n3"));

        browser.Run<object?>("document.querySelector('[name=format][value^=application]').click();");
        await browser.WaitUntilAsync("document.querySelector('#exposition').textContent.endsWith('# EOF')");

        Assert.Multiple(() =>
        {
            Assert.That(browser.GetText("#scrape"), Does.Contain("application/openmetrics-text; version=1.0.0"));
            Assert.That(ReadTables(browser), Does.Contain("sample\nle\nvalue\n_bucket\n0.5\n3"));
            Assert.That(browser.GetText("#exposition"), Does.Contain("# {trace_id=\"4bf9\"} 1.0"));
        });

        static string ReadTables(Browser browser) => browser.Run<string>(
            """
            return [...document.querySelectorAll('#others table')].map(table =>
                [...table.querySelectorAll('.source, th, td')].map(cell => cell.textContent).join('\n')).join('\n\n');
            """);
    }

    private static IEnumerable<MetricFamily> CreateFamilies()
    {
        var counter = MetricFamily.Counter("acme_requests", "Requests.");
        counter.Add(MetricPoint.Counter(3, exemplar: new(1, [new("trace_id", "4bf9")])));
        yield return counter;
        var histogram = MetricFamily.Create(MetricType.Histogram, "acme_seconds", "Time.", [], unit: "seconds");
        histogram.Add(MetricPoint.Histogram([new(0.5, 3), new(double.PositiveInfinity, 4)], sum: 9));
        yield return histogram;
    }

    [Test]
    public async Task Workflows_can_be_sorted_by_failures_and_their_bars_are_to_scale()
    {
        await using var host = await PageHost.StartAsync("""
            # TYPE wfo_process_count gauge
            wfo_process_count{last_status="completed",workflow_name="large"} 9000.0
            wfo_process_count{last_status="failed",workflow_name="large"} 1.0
            wfo_process_count{last_status="completed",workflow_name="middle"} 500.0
            wfo_process_count{last_status="failed",workflow_name="small"} 3.0
            wfo_process_count{last_status="api_unavailable",workflow_name="small"} 1.0

            """u8.ToArray());
        using var browser = Browser.Open(host.GetAddress());
        await browser.WaitForStateAsync("live");
        Assert.That(ReadNames(), Is.EqualTo(new[] { "large", "middle", "small" }));
        Assert.That(MeasureFailedWidth("large"), Is.GreaterThanOrEqualTo(6), "One failure of 9,001 is visible.");

        browser.Click("#workflows label:has([value=failures])");

        Assert.That(ReadNames(), Is.EqualTo(new[] { "small", "large", "middle" }));
        Assert.That(
            ReadRows(browser, "#workflow-bars").Select(row => $"{row.Total}, {row.Note}"),
            Is.EqualTo(new[] { "4, 100\u00a0% of 4", "1, <1\u00a0% of 9,001", "0, 0\u00a0% of 500" }));
        // Waits, because widths change in a transition.
        await browser.WaitUntilAsync(
            "Math.abs(arguments[0].offsetWidth / arguments[1].offsetWidth - 4) < 0.1".Replace(
                "arguments[0]", SelectBar(1), StringComparison.Ordinal).Replace(
                "arguments[1]", SelectBar(2), StringComparison.Ordinal));

        browser.Click("#workflows label:has([value=processes])");
        Assert.That(ReadNames(), Is.EqualTo(new[] { "large", "middle", "small" }));

        string[] ReadNames() => [.. ReadRows(browser, "#workflow-bars").Select(row => row.Name)];

        static string SelectBar(int row) => $"document.querySelector('#workflow-bars li:nth-child({row}) i.failed')";

        double MeasureFailedWidth(string name) => browser.Run<double>(
            """
            return [...document.querySelectorAll('#workflow-bars li')]
                .find(row => row.firstChild.textContent === arguments[0]).querySelector('i.failed').offsetWidth;
            """, name);
    }

    private static Row[] ReadRows(Browser browser, string list) => browser.Run<Row[]>(
        """
        return [...document.querySelectorAll(`${arguments[0]} li`)].map(item => {
            const [name, , total, note, parts] = [...item.children].map(child => child.textContent);
            return { Name: name, Total: total, Parts: parts, Note: note };
        });
        """, list);

    private static string FormatNumber(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
