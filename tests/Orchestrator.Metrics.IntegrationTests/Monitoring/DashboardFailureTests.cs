using System.Text.Json;

namespace Orchestrator.Metrics.Tests.Monitoring;

/// <summary>What the dashboard says of failures within 24 hours, for which a test cannot wait, by promtool.</summary>
public class DashboardFailureTests
{
    private static readonly (string Series, string Values)[] Input =
    [
        // 100, of which 40 are deleted, then five more; seen by two replicas.
        (Failed("deleted", "a"), "100x50 60x50 65x200"),
        (Failed("deleted", "b"), "100x50 60x50 65x200"),
        // The first ever, of someone who has started no process before.
        ("""wfo_process_count{job="orchestrator",instance="a",last_status="completed",workflow_name="first"}""", "9x300"),
        (Failed("first", "a"), "_x100 1x200"),
        // Three that are retried.
        (Failed("retried", "a"), "2x50 5x50 2x200"),
        // Deleted a moment ago, which is no negative number of failures.
        (Failed("deleted_now", "a"), "100x200 60x100"),
        // Replicas that were away.
        (Failed("restarted", "a"), "7x50 stale _x10 7x250"),
        // The same workflow in another orchestrator, which is watched later and was away, too.
        (Failed("deleted", "a").Replace("\"orchestrator\"", "\"orchestrator-test\"", StringComparison.Ordinal),
            "_x10 30x50 stale _x10 30x75 34x150"),
    ];

    [TestCase("Failed within 24 h", "A", "{}:10")]
    [TestCase("Failed workflows by name", "B", """{workflow_name="deleted"}:9 {workflow_name="first"}:1""")]
    public Task They_are_those_above_the_lowest_count(string title, string refId, string expected) =>
        AnswersAsync(title, refId, "203m", expected);

    [TestCase("Failed within 24 h", "A", "{}:0")]
    [TestCase("Failed workflows by name", "B", "")]
    public Task There_are_none_in_the_first_minutes_of_a_new_Prometheus(string title, string refId, string expected) =>
        AnswersAsync(title, refId, "3m", expected);

    private static async Task AnswersAsync(string title, string refId, string at, string expected)
    {
        var query = Dashboard.Queries.Single(query => query.Title == title && query.RefId == refId);
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "dashboard.test.yml");
        // JSON is YAML.
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(new
        {
            tests = new[]
            {
                new
                {
                    interval = "1m",
                    input_series = Input.Select(it => new { series = it.Series, values = it.Values }),
                    promql_expr_test = new[]
                    {
                        new
                        {
                            expr = Dashboard.Substitute(query.Expression, ".+"),
                            eval_time = at,
                            exp_samples = expected.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(it => new
                            {
                                labels = it[..it.LastIndexOf(':')],
                                value = int.Parse(it[(it.LastIndexOf(':') + 1)..], System.Globalization.CultureInfo.InvariantCulture),
                            }),
                        },
                    },
                },
            },
        }));

        var (exitCode, output) = await Promtool.RunAsync(["test", "rules", file]);
        Assert.That(exitCode, Is.Zero, output);
    }

    private static string Failed(string workflow, string instance) =>
        $$"""wfo_process_count{job="orchestrator",instance="{{instance}}",last_status="failed",workflow_name="{{workflow}}"}""";
}
