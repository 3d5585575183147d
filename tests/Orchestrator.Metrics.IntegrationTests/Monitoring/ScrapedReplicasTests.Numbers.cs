using System.Text.Json;

namespace Orchestrator.Metrics.Tests.Monitoring;

public partial class ScrapedReplicasTests
{
    /// <summary>Replaces the current time in queries, in seconds since 1970.</summary>
    private const long FixedTime = 2_000_000_000;

    [Test]
    public async Task Dashboard_and_rules_give_the_numbers_of_one_replica()
    {
        var live = _samples.Get("wfo_subscriptions_count")
            .Where(it => it.Labels["lifecycle_state"] != "terminated")
            .ToArray();
        var processes = _samples.Get("wfo_process_count");
        var failed = processes.Where(
            it => it.Labels["last_status"] is "failed" or "api_unavailable" or "inconsistent_data").ToArray();
        var seconds = _samples.Get("wfo_process_seconds_total_count");
        Assert.That(failed, Is.Not.Empty);

        await AssertShownAsync("Engine", "job", new() { ["orchestrator"] = 2 });
        await AssertShownAsync("Replicas up", "", new() { [""] = 2 });
        await AssertShownAsync("Active processes", "", ComputeSums(_samples.Get("wfo_active_process_count"), ""));
        await AssertShownAsync("Subscriptions", "", ComputeSums(live, ""));
        await AssertShownAsync("Subscriptions in sync", "", new()
        {
            [""] = live.Where(it => it.Labels["insync"] == "True").Sum(it => it.Value) / live.Sum(it => it.Value),
        });
        await AssertShownAsync("Active subscriptions by product", "product_name",
            ComputeSums(live.Where(it => it.Labels["lifecycle_state"] == "active"), "product_name"));
        await AssertShownAsync("Out of sync by product", "product_name",
            ComputeSums(live.Where(it => it.Labels["insync"] == "False"), "product_name"));
        await AssertShownAsync("Workflow count", "is_task", ComputeSums(processes, "is_task"));
        await AssertShownAsync("Processes by status", "last_status", ComputeSums(processes, "last_status"));
        await AssertShownAsync("Failed processes by workflow", "workflow_name", ComputeSums(failed, "workflow_name"));
        await AssertShownAsync("Failed within 24 h", "", new() { [""] = 0 });
        var counts = ComputeSums(processes, "workflow_name");
        await AssertShownAsync("Average run time by workflow", "workflow_name", ComputeSums(seconds, "workflow_name")
            .Select(it => KeyValuePair.Create(it.Key, it.Value / counts[it.Key]))
            .OrderByDescending(it => it.Value)
            .Take(15)
            .ToDictionary());
        await AssertResultAsync("sum(job_product_name_lifecycle_state_insync:wfo_subscriptions_count:max)", "",
            ComputeSums(_samples.Get("wfo_subscriptions_count"), ""));
        await AssertResultAsync(
            "sum(job_is_task_last_status_workflow_name:wfo_process_count:max)", "", ComputeSums(processes, ""));
        await AssertResultAsync(
            "sum(job_is_task_workflow_name:wfo_process_count_failed:max)", "", ComputeSums(failed, ""));
    }

    [Test]
    public async Task Panels_on_stuck_processes_give_the_numbers_of_one_replica()
    {
        const string Change = "wfo_process_oldest_change_timestamp_seconds";
        var unfinished = _samples.Get("wfo_processes")
            .Where(it => it.Labels["last_status"] is not ("completed" or "aborted"))
            .ToArray();
        var failed = unfinished
            .Where(it => it.Labels["last_status"] is "failed" or "api_unavailable" or "inconsistent_data")
            .ToArray();
        var statuses = _samples.Get(Change).Select(it => it.Labels["last_status"]).Distinct().ToArray();
        var withSubscription = _samples.Get("wfo_process_count").Select(it => it.Labels["workflow_name"]).ToHashSet();

        await AssertShownAsync("Longest without a step", "", ComputeAge(Change, "running"));
        await AssertShownAsync("Longest in the queue", "", ComputeAge(Change, "created", "resumed"));
        await AssertShownAsync("Longest wait for a callback", "", ComputeAge(Change, "awaiting_callback"));
        await AssertShownAsync("Longest wait for a person", "", ComputeAge(Change, "suspended"));
        await AssertShownAsync(
            "Longest retried", "", ComputeAge("wfo_process_oldest_start_timestamp_seconds", "waiting"));
        await AssertShownAsync("Longest unchanged by status", "last_status",
            statuses.ToDictionary(status => status, status => ComputeAge(Change, status)[""]));
        await AssertShownAsync("Failed and not dealt with", "", ComputeSums(failed, ""));
        await AssertShownAsync(
            "Failed and not dealt with, by workflow", "workflow_name", ComputeSums(failed, "workflow_name"));
        await AssertShownAsync("Workflows without a subscription", "workflow_name", ComputeSums(
            _samples.Get("wfo_processes").Where(it => !withSubscription.Contains(it.Labels["workflow_name"])),
            "workflow_name"));
        await AssertShownAsync("Jobs in the queue", "last_status", ComputeSums(
            unfinished.Where(it => it.Labels["last_status"] is "created" or "resumed"), "last_status"));
        await AssertShownAsync("Workers online", "executor_type", new() { ["celery"] = 4 });
        await AssertShownAsync("Jobs of workers", "state", new() { ["queued"] = 2, ["running"] = 3 });
    }

    [Test]
    public async Task Product_and_customer_restrict_the_numbers()
    {
        var labels = _samples.Get("wfo_process_count").First(it => it.Labels["last_status"] == "failed").Labels;
        var (product, customer) = (labels["product_name"], labels["customer_id"]);
        var ofProduct = _samples.Get("wfo_process_count").Where(it => it.Labels["product_name"] == product).ToArray();
        var ofBoth = ofProduct.Where(it => it.Labels["customer_id"] == customer).ToArray();
        var query = Dashboard.GetQuery("Processes by status");

        await AssertResultAsync(
            Dashboard.Substitute(query, ".+", product), "last_status", ComputeSums(ofProduct, "last_status"));
        await AssertResultAsync(
            Dashboard.Substitute(query, ".+", product, customer), "last_status", ComputeSums(ofBoth, "last_status"));
        Assert.That(ofProduct.Length, Is.GreaterThan(ofBoth.Length));
    }

    private Dictionary<string, double> ComputeAge(string metric, params string[] statuses) => new()
    {
        [""] = FixedTime - _samples.Get(metric)
            .Where(it => statuses.Contains(it.Labels["last_status"]))
            .Min(it => it.Value),
    };

    private static string ReplaceTime(string query) =>
        query.Replace("time()", $"{FixedTime}", StringComparison.Ordinal);

    private Task AssertShownAsync(string panel, string label, Dictionary<string, double> expected) =>
        AssertResultAsync(
        PromQl.RemoveLimits(ReplaceTime(Dashboard.Substitute(Dashboard.GetQuery(panel), ".+"))), label, expected);

    private async Task AssertResultAsync(string query, string label, Dictionary<string, double> expected)
    {
        var series = await _prometheus.QueryAsync(query);
        var values = series.ToDictionary(
            it => label.Length == 0 ? "" : JsonDocument.Parse(it.Key).RootElement.GetProperty(label).GetString()!,
            it => it.Value);

        Assert.That(values.Keys, Is.EquivalentTo(expected.Keys), query);
        foreach (var (key, value) in expected)
            Assert.That(values[key], Is.EqualTo(value).Within(1e-9).Percent, $"{query} {key}");
    }

    private static Dictionary<string, double> ComputeSums(
        IEnumerable<ExpositionSample> samples, string label) => samples
        .GroupBy(sample => label.Length == 0 ? "" : sample.Labels[label])
        .ToDictionary(group => group.Key, group => group.Sum(sample => sample.Value));
}
