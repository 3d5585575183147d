using System.Globalization;
using System.Text;
using Orchestrator.Metrics.Tests.Monitoring;

namespace Orchestrator.Metrics.Tests;

public class PageOperationalTests
{
    [Test]
    public async Task Stuck_processes_are_listed_by_age_in_words()
    {
        await using var host = await PageHost.StartAsync(CreateStuckExposition());
        using var browser = Browser.Open(host.GetAddress());
        await browser.WaitForStateAsync("live");

        Assert.Multiple(() =>
        {
            Assert.That(browser.GetText("#waiting h3"), Is.EqualTo("Waiting, since their start 7"));
            Assert.That(ReadRows(browser, "#waiting"), Is.EqualTo(new[]
            {
                "create_port: 9 days, waits for user input, unchanged for 8 days",
                "modify_node: 31 h, waits for a retry, unchanged for 24 min",
                "create_node: 50 min, 4 × waits for a callback, unchanged for 49 min",
                "new_status: 3 min, dreaming",
            }));
            Assert.That(browser.GetText("#waiting .remark"), Is.Empty);
            Assert.That(browser.GetText("#at-work h3"), Is.EqualTo("At work, since their last change 1"));
            Assert.That(ReadRows(browser, "#at-work"), Is.EqualTo(new[] { "hanging: 2 h, runs" }));
            Assert.That(browser.GetText("#not-dealt-with h3"), Is.EqualTo("Failed and not dealt with 9"));
            Assert.That(ReadRows(browser, "#not-dealt-with"), Is.EqualTo(new[]
            {
                "a: 5 days, 2 × failed",
                "b: 4 days, failed: API unavailable",
                "c: 3 days, failed: inconsistent data",
                "d: 2 days, failed",
            }));
            Assert.That(browser.GetText("#not-dealt-with .remark"), Is.EqualTo("and 1 more, all of them younger"));
            Assert.That(
                browser.GetText("#recent"),
                Is.EqualTo("1,003 ended in the last hour: 1,000 completed, 2 aborted, 1 failed (<1\u00a0%)."));
            Assert.That(browser.IsVisible("#others"), Is.False);
        });
    }

    [Test]
    public async Task Processes_whose_times_are_unknown_are_counted()
    {
        await using var host = await PageHost.StartAsync("""
            # TYPE wfo_processes gauge
            wfo_processes{last_status="suspended",is_task="False",workflow_name="a",workflow_target="CREATE"} 2.0
            # TYPE wfo_process_oldest_start_timestamp_seconds gauge
            # TYPE wfo_process_oldest_change_timestamp_seconds gauge

            """u8.ToArray());
        using var browser = Browser.Open(host.GetAddress());
        await browser.WaitForStateAsync("live");

        Assert.That(browser.GetText("#waiting h3"), Is.EqualTo("Waiting, since their start 2"));
        Assert.That(browser.GetText("#waiting .remark"), Is.EqualTo("Their times are unknown."));
        Assert.That(browser.GetText("#at-work .remark"), Is.EqualTo("None."));
    }

    [Test]
    public async Task Nothing_is_stuck_in_an_empty_database()
    {
        await using var host = await PageHost.StartAsync("""
            # TYPE wfo_processes gauge
            # TYPE wfo_process_oldest_start_timestamp_seconds gauge
            # TYPE wfo_process_oldest_change_timestamp_seconds gauge
            # HELP wfo_process_recent_duration_seconds Time of the processes that ended in the last 259200 seconds.
            # TYPE wfo_process_recent_duration_seconds histogram

            """u8.ToArray());
        using var browser = Browser.Open(host.GetAddress());
        await browser.WaitForStateAsync("live");

        foreach (var list in (string[])["#waiting", "#at-work", "#not-dealt-with"])
        {
            Assert.That(browser.GetText(list + " b"), Is.EqualTo("0"), list);
            Assert.That(browser.GetText(list + " .remark"), Is.EqualTo("None."), list);
        }

        Assert.That(browser.GetText("#recent"), Is.EqualTo("No process ended in the last 3 days."));
        Assert.That(browser.FindFaults(), Is.Empty);
    }

    [Test]
    public async Task Scrape_metrics_are_one_table_with_a_row_per_collector([Values] bool openMetrics)
    {
        var exposition = """
            # TYPE wfo_scrape_collector_success gauge
            wfo_scrape_collector_success{collector="Fine"} 1.0
            wfo_scrape_collector_success{collector="Broken"} 0.0
            # TYPE wfo_scrape_collector_duration_seconds gauge
            wfo_scrape_collector_duration_seconds{collector="Fine"} 0.0123456
            wfo_scrape_collector_duration_seconds{collector="Broken"} 12.3456
            # TYPE wfo_scrape_collector_samples gauge
            wfo_scrape_collector_samples{collector="Fine"} 1234.0
            # TYPE wfo_scrape_collector_failures_total counter
            wfo_scrape_collector_failures_total{collector="Broken",reason="error"} 2.0
            wfo_scrape_collector_failures_total{collector="Broken",reason="timeout"} 3.0
            # TYPE acme_seats gauge
            acme_seats 1.0

            """;
        if (openMetrics)
            exposition = exposition.Replace("failures_total counter", "failures counter", StringComparison.Ordinal);
        await using var host = await PageHost.StartAsync(Encoding.UTF8.GetBytes(exposition));
        using var browser = Browser.Open(host.GetAddress());
        await browser.WaitForStateAsync("live");

        Assert.That(
            browser.Run<string[]>(
                """
                return [...document.querySelectorAll('#collector-table tr')]
                    .map(row => [...row.cells].map(cell => cell.textContent).join(' | '));
                """),
            Is.EqualTo(new[]
            {
                "collector | last run | took | data age | families | samples | failures | abandoned runs",
                "Fine | succeeded | 12 ms | – | – | 1,234 | – | –",
                "Broken | failed | 12 s | – | – | – | 5 | –",
            }));
        Assert.That(
            browser.Run<string[]>("return [...document.querySelectorAll('#others .source')].map(it => it.textContent);"),
            Is.EqualTo(new[] { "acme_seats" }));
        Assert.That(browser.FindFaults(), Is.Empty);
    }

    [Test]
    public async Task Engine_states_have_the_colours_of_the_dashboard([Values] bool dark)
    {
        var hues = new Dictionary<string, (int Least, int Most)>
        {
            ["red"] = (350, 370),
            ["orange"] = (30, 50),
            ["green"] = (130, 150),
        };
        var names = Dashboard.DataPanels.Single(panel => (string)panel["title"]! == "Engine")
            ["fieldConfig"]!["defaults"]!["mappings"]![0]!["options"]!.AsObject()
            .ToDictionary(option => (string)option.Value!["text"]!, option => (string)option.Value!["color"]!);
        await using var host = await PageHost.StartAsync(GoldenRows.Exposition);
        using var browser = Browser.Open(host.GetAddress(), dark: dark);
        await browser.WaitForStateAsync("live");

        foreach (var state in (string[])["RUNNING", "PAUSING", "PAUSED"])
        {
            var rgb = browser.Run<double[]>(
                """
                document.querySelector('#engine').dataset.state = arguments[0];
                const item = document.querySelector(`#states [data-state=${arguments[0]}]`);
                item.setAttribute('aria-current', 'true');
                return getComputedStyle(item).color.match(/\d+/g).map(Number);
                """, state);
            var hue = System.Drawing.Color.FromArgb((int)rgb[0], (int)rgb[1], (int)rgb[2]).GetHue();

            var (least, most) = hues[names[state]];
            Assert.That(hue < 10 ? hue + 360 : hue, Is.InRange(least, most), state);
        }
    }

    private static byte[] CreateStuckExposition()
    {
        var text = new StringBuilder();
        (string Status, string Workflow, double Count, TimeSpan Start, TimeSpan? Change)[] rows =
        [
            ("suspended", "create_port", 1, FromHours(9 * 24 + 1), FromHours(8 * 24 + 1)),
            ("waiting", "modify_node", 1, FromHours(31.1), FromHours(0.41)),
            ("awaiting_callback", "create_node", 4, FromHours(50.5 / 60), FromHours(49.5 / 60)),
            ("dreaming", "new_status", 1, FromHours(3.5 / 60), null),
            ("running", "hanging", 1, FromHours(100), FromHours(2.1)),
            ("failed", "e", 4, FromHours(500), FromHours(2.1)),
            ("failed", "a", 2, FromHours(200), FromHours(5 * 24 + 1)),
            ("api_unavailable", "b", 1, FromHours(300), FromHours(4 * 24 + 1)),
            ("inconsistent_data", "c", 1, FromHours(400), FromHours(3 * 24 + 1)),
            ("failed", "d", 1, FromHours(50), FromHours(2 * 24 + 1)),
        ];
        foreach (var row in rows)
            Append("wfo_processes", row.Status, row.Workflow, row.Count);
        Append("wfo_processes", "completed", "create_port", 1000);
        foreach (var row in rows)
            Append("wfo_process_oldest_start_timestamp_seconds", row.Status, row.Workflow, ComputeTimestamp(row.Start));
        foreach (var row in rows.Where(row => row.Change is not null))
        {
            Append(
                "wfo_process_oldest_change_timestamp_seconds", row.Status, row.Workflow,
                ComputeTimestamp(row.Change!.Value));
        }

        text.Append("# HELP wfo_process_recent_duration_seconds Of processes that ended in the last 3600 seconds.\n");
        Append("wfo_process_recent_duration_seconds_gcount", "completed", "a", 600);
        Append("wfo_process_recent_duration_seconds_gcount", "completed", "b", 400);
        Append("wfo_process_recent_duration_seconds_gcount", "aborted", "b", 2);
        Append("wfo_process_recent_duration_seconds_gcount", "api_unavailable", "b", 1);
        return Encoding.UTF8.GetBytes(text.ToString());

        void Append(string family, string status, string workflow, double value) => text.Append(
            CultureInfo.InvariantCulture,
            $"{family}{{last_status=\"{status}\",workflow_name=\"{workflow}\"}} {value:R}\n");

        static TimeSpan FromHours(double hours) => TimeSpan.FromHours(hours);

        static double ComputeTimestamp(TimeSpan age) => (DateTimeOffset.UtcNow - age).ToUnixTimeSeconds();
    }

    private static string[] ReadRows(Browser browser, string list) => browser.Run<string[]>(
        """
        return [...document.querySelectorAll(`${arguments[0]} li`)].map(item => {
            const [name, age, text] = [...item.children].map(child => child.textContent);
            return `${name}: ${age}, ${text}`;
        });
        """, list);
}
