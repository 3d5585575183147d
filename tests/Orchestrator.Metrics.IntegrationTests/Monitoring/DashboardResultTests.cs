using System.Globalization;
using System.Text.Json;

namespace Orchestrator.Metrics.Tests.Monitoring;

public class DashboardResultTests
{
    private static readonly (string Series, string Values)[] Failures =
    [
        // Two replicas report 100 failures, then 60 after 40 are deleted, then five more.
        (FormatFailed("deleted", "a"), "100x50 60x50 65x200"),
        (FormatFailed("deleted", "b"), "100x50 60x50 65x200"),
        // The first failure of a workflow. Its earlier processes completed.
        (FormatFailed("first", "a").Replace("failed", "completed", StringComparison.Ordinal), "9x300"),
        (FormatFailed("first", "a"), "_x100 1x200"),
        // Three failures that are retried.
        (FormatFailed("retried", "a"), "2x50 5x50 2x200"),
        // Deleted recently; the number of failures must not be negative.
        (FormatFailed("deleted_now", "a"), "100x200 60x100"),
        // A replica that was down.
        (FormatFailed("restarted", "a"), "7x50 stale _x10 7x250"),
        // The same workflow in another orchestrator: its first scrape is later, and it was also down.
        (FormatFailed("deleted", "a", "orchestrator-test"), "_x10 30x50 stale _x10 30x75 34x150"),
    ];

    // Two replicas: running, pausing, paused, running. The second one reports each change a minute later.
    private static readonly (string Series, string Values)[] Engine =
    [
        (FormatState("RUNNING", "a"), "1x9 0x9 0x9 1x9"),
        (FormatState("PAUSING", "a"), "0x9 1x9 0x9 0x9"),
        (FormatState("PAUSED", "a"), "0x9 0x9 1x9 0x9"),
        (FormatState("RUNNING", "b"), "1x10 0x9 0x9 1x9"),
        (FormatState("PAUSING", "b"), "0x10 1x9 0x9 0x9"),
        (FormatState("PAUSED", "b"), "0x10 0x9 1x9 0x9"),
    ];

    [TestCase("Failed within 24 h", "A", "{}:10")]
    [TestCase("Failed workflows by name", "B", "{workflow_name='deleted'}:9 {workflow_name='first'}:1")]
    public Task Failures_are_counted_above_the_lowest_count(string title, string refId, string expected) =>
        AssertResultAsync(title, refId, Failures, "203m", expected);

    [TestCase("Failed within 24 h", "A", "{}:0")]
    [TestCase("Failed workflows by name", "B", "")]
    public Task New_Prometheus_reports_no_failures(string title, string refId, string expected) =>
        AssertResultAsync(title, refId, Failures, "3m", expected);

    [TestCase("5m", 2, "RUNNING")]
    [TestCase("10m", 3, "CHANGING")]
    [TestCase("15m", 1, "PAUSING")]
    [TestCase("25m", 0, "PAUSED")]
    [TestCase("35m", 2, "RUNNING")]
    public async Task Engine_has_exactly_one_named_status(string at, int value, string name)
    {
        foreach (var title in new[] { "Engine", "Engine status" })
        {
            var panel = Dashboard.GetPanel(title);
            var names = panel["fieldConfig"]!["defaults"]!["mappings"]![0]!["options"]!;

            await AssertResultAsync(title, "A", Engine, at, $"{{job='orchestrator'}}:{value}");
            Assert.That((string)names[$"{value}"]!["text"]!, Is.EqualTo(name));
        }
    }

    [TestCase("48h30m", "{}:48")]
    // Processes ended only in the first eleven of the 24 hours.
    [TestCase("72h30m", "{}:22")]
    public Task Processes_that_ended_within_a_day_are_the_sum_of_its_hours(string at, string expected) =>
        AssertResultAsync(
            "Ended within a day", "A",
            [(FormatEnded("a", "completed"), "2x3590"), (FormatEnded("b", "completed"), "2x3590")], at, expected);

    [TestCase("10m", "{}:0")]
    [TestCase("30m", "{}:0.25")]
    // No process ended in the window.
    [TestCase("50m", "")]
    public Task Share_that_failed_counts_all_failures(string at, string expected) =>
        AssertResultAsync(
            "Share that failed", "A",
            [
                (FormatEnded("a", "completed"), "3x40 stale"), (FormatEnded("b", "completed"), "3x40 stale"),
                (FormatEnded("a", "aborted"), "3x40 stale"), (FormatEnded("b", "aborted"), "3x40 stale"),
                (FormatEnded("a", "failed"), "_x20 1x20 stale"), (FormatEnded("b", "failed"), "_x20 1x20 stale"),
                (FormatEnded("a", "inconsistent_data"), "_x20 1x20 stale"),
                (FormatEnded("b", "inconsistent_data"), "_x20 1x20 stale"),
            ],
            at, expected);

    [Test]
    public Task Duration_panel_shows_the_95th_percentile_of_completed_processes_of_all_targets() =>
        AssertResultAsync(
            "Duration of 95 %", "A",
            [
                .. from instance in new[] { "a", "b" }
                   from bucket in new[] { ("1.0", "CREATE", 18), ("3.0", "CREATE", 19), ("+Inf", "CREATE", 19),
                       ("1.0", "MODIFY", 0), ("3.0", "MODIFY", 1), ("+Inf", "MODIFY", 1) }
                   select (FormatEnded(instance, "completed", bucket.Item1, bucket.Item2), $"{bucket.Item3}x10"),
                (FormatEnded("a", "failed"), "999x10"),
            ],
            "5m", "{workflow_name='create'}:2");

    [Test]
    public Task Workflows_without_a_subscription_are_determined_per_orchestrator() =>
        AssertResultAsync(
            "Workflows without a subscription", "A",
            [
                ("wfo_processes{job='orchestrator',instance='a',workflow_name='task'}", "4x10"),
                ("wfo_processes{job='orchestrator',instance='b',workflow_name='task'}", "4x10"),
                ("wfo_processes{job='orchestrator',instance='a',workflow_name='create'}", "7x10"),
                ("wfo_process_count{job='orchestrator',instance='a',workflow_name='create'}", "6x10"),
                ("wfo_processes{job='orchestrator-test',instance='a',workflow_name='create'}", "1x10"),
            ],
            "5m", "{workflow_name='task'}:4 {workflow_name='create'}:1");

    private static async Task AssertResultAsync(
        string title, string refId, (string Series, string Values)[] input, string at, string expected)
    {
        var query = Dashboard.Queries.Single(query => query.Title == title && query.RefId == refId);
        var samples = expected.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(it => new
        {
            labels = it[..it.LastIndexOf(':')],
            value = double.Parse(it[(it.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture),
        });
        var test = new
        {
            interval = "1m",
            input_series = input.Select(it => new { series = it.Series, values = it.Values }),
            promql_expr_test = new[]
            {
                new { expr = Dashboard.Substitute(query.Expression, ".+"), eval_time = at, exp_samples = samples },
            },
        };
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "dashboard.test.yml");
        // JSON is valid YAML.
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(new { tests = new[] { test } }));

        var (exitCode, output) = await Promtool.RunAsync(["test", "rules", file]);

        Assert.That(exitCode, Is.Zero, output);
    }

    private static string FormatFailed(string workflow, string instance, string job = "orchestrator") =>
        $"wfo_process_count{{job='{job}',instance='{instance}',last_status='failed',workflow_name='{workflow}'}}";

    private static string FormatEnded(
        string instance, string status, string bound = "+Inf", string target = "CREATE") =>
        $"wfo_process_recent_duration_seconds_bucket{{job='orchestrator',instance='{instance}',le='{bound}'," +
        $"last_status='{status}',workflow_name='create',workflow_target='{target}'}}";

    private static string FormatState(string state, string instance) =>
        $"wfo_engine_status{{job='orchestrator',instance='{instance}',wfo_engine_status='{state}'}}";
}
