using System.Globalization;
using System.Text.Json;

namespace Orchestrator.Metrics.Tests.Monitoring;

/// <summary>Query results of the dashboard for hours of data, simulated by promtool.</summary>
public class DashboardAnswerTests
{
    private static readonly (string Series, string Values)[] Failures =
    [
        // 100 failures, of which 40 are deleted, then five more, reported by two replicas.
        (Failed("deleted", "a"), "100x50 60x50 65x200"),
        (Failed("deleted", "b"), "100x50 60x50 65x200"),
        // The first failure of a user without earlier processes.
        (Failed("first", "a").Replace("failed", "completed", StringComparison.Ordinal), "9x300"),
        (Failed("first", "a"), "_x100 1x200"),
        // Three failures that are retried.
        (Failed("retried", "a"), "2x50 5x50 2x200"),
        // Deleted recently; the number of failures must not be negative.
        (Failed("deleted_now", "a"), "100x200 60x100"),
        // Replicas that were down.
        (Failed("restarted", "a"), "7x50 stale _x10 7x250"),
        // The same workflow in another orchestrator, which is scraped later and was down, too.
        (Failed("deleted", "a", "orchestrator-test"), "_x10 30x50 stale _x10 30x75 34x150"),
    ];

    // Two replicas, of which the second reports each change a minute later: running, pausing, paused, running.
    private static readonly (string Series, string Values)[] Engine =
    [
        (State("RUNNING", "a"), "1x9 0x9 0x9 1x9"),
        (State("PAUSING", "a"), "0x9 1x9 0x9 0x9"),
        (State("PAUSED", "a"), "0x9 0x9 1x9 0x9"),
        (State("RUNNING", "b"), "1x10 0x9 0x9 1x9"),
        (State("PAUSING", "b"), "0x10 1x9 0x9 0x9"),
        (State("PAUSED", "b"), "0x10 0x9 1x9 0x9"),
    ];

    [TestCase("Failed within 24 h", "A", "{}:10")]
    [TestCase("Failed workflows by name", "B", "{workflow_name='deleted'}:9 {workflow_name='first'}:1")]
    public Task Failures_are_counted_above_the_lowest_count(string title, string refId, string expected) =>
        AnswersAsync(title, refId, Failures, "203m", expected);

    [TestCase("Failed within 24 h", "A", "{}:0")]
    [TestCase("Failed workflows by name", "B", "")]
    public Task New_Prometheus_reports_no_failures(string title, string refId, string expected) =>
        AnswersAsync(title, refId, Failures, "3m", expected);

    [TestCase("5m", 2, "RUNNING")]
    [TestCase("10m", 3, "CHANGING")]
    [TestCase("15m", 1, "PAUSING")]
    [TestCase("25m", 0, "PAUSED")]
    [TestCase("35m", 2, "RUNNING")]
    public async Task Engine_has_exactly_one_named_status(string at, int value, string name)
    {
        foreach (var title in new[] { "Engine", "Engine status" })
        {
            var panel = Dashboard.Panel(title);
            var names = panel["fieldConfig"]!["defaults"]!["mappings"]![0]!["options"]!;

            await AnswersAsync(title, "A", Engine, at, $"{{job='orchestrator'}}:{value}");
            Assert.That((string)names[$"{value}"]!["text"]!, Is.EqualTo(name));
        }
    }

    private static async Task AnswersAsync(
        string title, string refId, (string Series, string Values)[] input, string at, string expected)
    {
        var query = Dashboard.Queries.Single(query => query.Title == title && query.RefId == refId);
        var samples = expected.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(it => new
        {
            labels = it[..it.LastIndexOf(':')],
            value = int.Parse(it[(it.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture),
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

    private static string Failed(string workflow, string instance, string job = "orchestrator") =>
        $"wfo_process_count{{job='{job}',instance='{instance}',last_status='failed',workflow_name='{workflow}'}}";

    private static string State(string state, string instance) =>
        $"wfo_engine_status{{job='orchestrator',instance='{instance}',wfo_engine_status='{state}'}}";
}
