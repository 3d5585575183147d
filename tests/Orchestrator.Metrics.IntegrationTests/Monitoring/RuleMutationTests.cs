namespace Orchestrator.Metrics.Tests.Monitoring;

/// <summary>Checks that the unit tests of the rules fail after each of these changes to a copy of the rules.</summary>
[Parallelizable(ParallelScope.Children)]
public class RuleMutationTests
{
    private const string Endpoint = "endpoint.test.yml";
    private const string Flapping = "flapping.test.yml";
    private const string Workflows = "workflows.test.yml";
    private const string Recording = "recording.test.yml";
    private const string Queue = "queue.test.yml";
    private const string Waiting = "waiting.test.yml";
    private const string Retries = "retries.test.yml";
    private const string Workers = "workers.test.yml";
    private const string Running =
        """max by (job) (last_over_time(wfo_engine_status{wfo_engine_status="RUNNING"}[5m]))""";

    // Orchestrators that are down, and the number of their replicas.
    [TestCase(Endpoint, """up{job=~".*orchestrator.*"}) == 0 or""", "up) == 0 or")]
    [TestCase(Endpoint, """ or absent(up{job=~".*orchestrator.*"})""", "")]
    [TestCase(Endpoint, """expr: max by (job) (up""", "expr: min by (job) (up")]
    [TestCase(Endpoint, "for: 5m\n        labels:\n          severity: critical",
        "for: 4m\n        labels:\n          severity: critical")]
    [TestCase(Endpoint, "and on (job)", "or on (job)")]
    [TestCase(Endpoint, "for: 10m", "for: 9m")]
    // An endpoint that fails intermittently.
    [TestCase(Flapping, "max by (job) (avg", "min by (job) (avg")]
    [TestCase(Flapping, "< 0.6", "< 0.4")]
    [TestCase(Flapping, "< 0.6", "< 0.7")]
    [TestCase(Flapping, "and max by (job) (max_over_time(up{job=~\".*orchestrator.*\"}[5m])) == 1", "")]
    [TestCase(Flapping, "== 1\n        for: 10m\n        labels:\n          severity: warning\n        annotations:\n" +
        "          summary: Scrapes", "== 1\n        for: 5m\n        labels:\n          severity: warning\n" +
        "        annotations:\n          summary: Scrapes")]
    // Slow scrapes.
    [TestCase(Endpoint, """.*"}) > 8""", """.*"}) >= 8""")]
    [TestCase(Endpoint, "max by (job) (scrape", "min by (job) (scrape")]
    [TestCase(Endpoint, """seconds{job=~".*orchestrator.*"}""", "seconds")]
    [TestCase(Endpoint, "for: 15m", "for: 14m")]
    // Collectors.
    [TestCase(Endpoint, "min by (job, collector)", "max by (job, collector)")]
    [TestCase(Endpoint, "avg_over_time(wfo_scrape_collector_success[15m])", "wfo_scrape_collector_success")]
    [TestCase(Endpoint, "< 0.5", "< 0.3")]
    [TestCase(Endpoint, "< 0.5", "< 0.7")]
    [TestCase(Endpoint, "max by (job, collector)", "min by (job, collector)")]
    [TestCase(Endpoint, "> 900", ">= 900")]
    [TestCase(Endpoint, "> 900", "> 1300")]
    // Collectors without samples.
    [TestCase(Endpoint, "min by (job) (\n            wfo_scrape_collector_samples",
        "max by (job) (\n            wfo_scrape_collector_samples")]
    [TestCase(Endpoint, "{collector=\"WorkflowEngineCollector\"}", "")]
    [TestCase(Endpoint, "and wfo_scrape_collector_success{collector=\"WorkflowEngineCollector\"} == 1", "")]
    [TestCase(Endpoint, "for: 10m\n        labels:\n          severity: warning\n        annotations:\n          " +
        "summary: \"", "for: 9m\n        labels:\n          severity: warning\n        annotations:\n          summary: \"")]
    [TestCase(Endpoint, "min by (job, collector) (\n            wfo_scrape_collector_samples",
        "max by (job, collector) (\n            wfo_scrape_collector_samples")]
    [TestCase(Endpoint, "collector=~\"SubscriptionCollector.*", "collector=~\".*")]
    [TestCase(Endpoint, "OperationalCollector.*", "OperationalCollector")]
    [TestCase(Endpoint, "and max by (job, collector)", "or max by (job, collector)")]
    [TestCase(Endpoint, "[1d])) > 0", "[1d])) >= 0")]
    [TestCase(Endpoint, "for: 16m", "for: 15m")]
    // The engine.
    [TestCase(Workflows, """last_over_time(wfo_engine_status{wfo_engine_status="RUNNING"}[5m])""",
        """wfo_engine_status{wfo_engine_status="RUNNING"}""")]
    [TestCase(Workflows, "=\"RUNNING\"", "=~\"RUNNING|PAUSING\"")]
    [TestCase(Workflows, "max by (job) (last", "sum without (instance) (last")]
    [TestCase(Workflows, "for: 30m", "for: 29m")]
    // Failures.
    [TestCase(Workflows, ">= 5", "> 5")]
    [TestCase(Workflows, ">= 5", ">= 4")]
    [TestCase(Workflows, "sum by (job, is_task) (job", "sum by (job) (job")]
    [TestCase(Workflows, "for: 2m", "for: 1m")]
    [TestCase(Workflows, "last_over_time(job_is_task_workflow_name:wfo_process_count_failed:max[5m])",
        "job_is_task_workflow_name:wfo_process_count_failed:max")]
    [TestCase(Workflows, "sort_desc(topk(3,", "sort(topk(3,")]
    [TestCase(Workflows, "max by (job, is_task, last_status", "sum by (job, is_task, last_status")]
    [TestCase(Recording, "failed|api_unavailable|inconsistent_data", "failed|api_unavailable")]
    [TestCase(Recording, "0 * sum by (job, is_task", "absent(up) * sum by (job, is_task")]
    [TestCase(Recording, "min_over_time", "max_over_time")]
    [TestCase(Workflows, "[1h]", "[30m]")]
    [TestCase(Recording, "[1h]", "[2h]")]
    [TestCase(Recording, "- min_over_time(job_is_task_workflow_name:wfo_process_count_failed:max[1h])",
        "- job_is_task_workflow_name:wfo_process_count_failed:max offset 1h")]
    // Subscriptions.
    [TestCase(Workflows, "last_over_time(job_product_name:wfo_subscriptions_count_active_outofsync:ratio[5m])",
        "job_product_name:wfo_subscriptions_count_active_outofsync:ratio")]
    [TestCase(Workflows, "[5m]) > 0.1", "[5m]) >= 0.1")]
    [TestCase(Workflows, "[5m]) > 0.1", "[5m]) > 0.12")]
    [TestCase(Workflows, "for: 1h", "for: 59m")]
    [TestCase(Recording, "max by (job, product_name", "sum by (job, product_name")]
    [TestCase(Recording, "sum by (job, instance, product_name", "max by (job, instance, product_name")]
    [TestCase(Recording, "lifecycle_state=\"active\", insync", "insync")]
    // Processes that hang, and jobs that no worker takes.
    [TestCase(Queue, "> 3600", ">= 3600")]
    [TestCase(Queue, "> 3600", "> 3540")]
    [TestCase(Queue, "seconds{last_status=\"running\"}", "seconds")]
    [TestCase(Queue, "max by (job, workflow_name)", "min by (job, workflow_name)")]
    [TestCase(Queue, "min by (job, instance, workflow_name)", "max by (job, instance, workflow_name)")]
    [TestCase(Queue, "for: 10m", "for: 9m")]
    [TestCase(Queue, $"and on (job) {Running} == 1", "")]
    [TestCase(Queue, $"and on (job) {Running} == 1", $"unless on (job) {Running} == 0")]
    [TestCase(Queue, "=\"RUNNING\"}[5m])) == 1", "=~\"RUNNING|PAUSING\"}[5m])) == 1")]
    [TestCase(Queue, "last_over_time(wfo_engine_status{wfo_engine_status=\"RUNNING\"}[5m])",
        "wfo_engine_status{wfo_engine_status=\"RUNNING\"}")]
    [TestCase(Queue, "last_over_time(wfo_process_oldest_change_timestamp_seconds{last_status=\"running\"}[5m])",
        "wfo_process_oldest_change_timestamp_seconds{last_status=\"running\"}")]
    [TestCase(Queue, "> 300\n", ">= 300\n")]
    [TestCase(Queue, "created|resumed", "created")]
    [TestCase(Queue, "created|resumed", "resumed")]
    [TestCase(Queue, "max by (job) (\n            min", "min by (job) (\n            min")]
    [TestCase(Queue, "min by (job, instance) (", "max by (job, instance) (")]
    [TestCase(Queue, "last_over_time(wfo_process_oldest_change_timestamp_seconds{last_status=~\"created|resumed\"}[5m])",
        "wfo_process_oldest_change_timestamp_seconds{last_status=~\"created|resumed\"}")]
    // Processes that wait, and failures that remain.
    [TestCase(Waiting, "> 86400\n          and on", ">= 86400\n          and on")]
    [TestCase(Waiting, "> 7 * 86400", ">= 7 * 86400")]
    [TestCase(Waiting, "> 86400\n        for", ">= 86400\n        for")]
    [TestCase(Waiting, "last_status=\"awaiting_callback\"", "last_status=~\"awaiting_callback|inconsistent_data\"")]
    [TestCase(Waiting, "last_status=\"suspended\"", "last_status=~\"suspended|inconsistent_data\"")]
    [TestCase(Waiting, "max by (job, workflow_name) (\n            min", "min by (job, workflow_name) (\n            min")]
    [TestCase(Waiting, "min by (job, instance, workflow_name)", "max by (job, instance, workflow_name)")]
    [TestCase(Waiting, "max by (job, workflow_name) (\n            sum", "sum by (job, workflow_name) (\n            sum")]
    [TestCase(Waiting, "sum by (job, instance, workflow_name) (", "max by (job, instance, workflow_name) (")]
    [TestCase(Waiting, "failed|api_unavailable|inconsistent_data", "failed|api_unavailable")]
    [TestCase(Waiting, "failed|api_unavailable|inconsistent_data", "failed|inconsistent_data")]
    [TestCase(Waiting, "failed|api_unavailable|inconsistent_data", "failed|api_unavailable|inconsistent_data|suspended")]
    [TestCase(Waiting, "for: 10m", "for: 9m")]
    [TestCase(Waiting, "last_over_time(wfo_process_oldest_change_timestamp_seconds{last_status=\"awaiting_callback\"}[5m])",
        "wfo_process_oldest_change_timestamp_seconds{last_status=\"awaiting_callback\"}")]
    [TestCase(Waiting, "last_over_time(wfo_process_oldest_change_timestamp_seconds{last_status=\"suspended\"}[5m])",
        "wfo_process_oldest_change_timestamp_seconds{last_status=\"suspended\"}")]
    [TestCase(Waiting, "last_over_time(wfo_processes{last_status=~\"failed|api_unavailable|inconsistent_data\"}[5m])",
        "wfo_processes{last_status=~\"failed|api_unavailable|inconsistent_data\"}")]
    [TestCase(Waiting, "last_over_time(\n                wfo_process_oldest_change_timestamp_seconds" +
        "{last_status=~\"failed|api_unavailable|inconsistent_data\"}[5m]", "(wfo_process_oldest_change_timestamp_seconds" +
        "{last_status=~\"failed|api_unavailable|inconsistent_data\"}")]
    [TestCase(Waiting, $"and on (job) {Running} == 1", "")]
    // Processes that are retried.
    [TestCase(Retries, "oldest_start_timestamp_seconds{last_status=\"waiting\"}",
        "oldest_change_timestamp_seconds{last_status=\"waiting\"}")]
    [TestCase(Retries, "oldest_start_timestamp_seconds{last_status=\"waiting\"}", "oldest_start_timestamp_seconds")]
    [TestCase(Retries, "min_over_time(wfo_process_oldest_start_timestamp_seconds{last_status=\"waiting\"}[15m])",
        "wfo_process_oldest_start_timestamp_seconds{last_status=\"waiting\"}")]
    [TestCase(Retries, "min_over_time", "last_over_time")]
    [TestCase(Retries, "for: 3h", "for: 40m")]
    [TestCase(Retries, "for: 3h", "for: 179m")]
    // Workers and their jobs.
    [TestCase(Workers, "max by (job, executor_type)", "min by (job, executor_type)")]
    [TestCase(Workers, "(last_over_time(wfo_workers[5m])) == 0", "(last_over_time(wfo_workers[5m])) <= 4")]
    [TestCase(Workers, "last_over_time(wfo_workers[5m])", "wfo_workers")]
    [TestCase(Workers, "for: 5m", "for: 4m")]
    [TestCase(Workers, "min by (job, executor_type)", "max by (job, executor_type)")]
    [TestCase(Workers, "min_over_time(wfo_worker_jobs{state=\"queued\"}[15m])", "wfo_worker_jobs{state=\"queued\"}")]
    [TestCase(Workers, "min_over_time(wfo_worker_jobs", "max_over_time(wfo_worker_jobs")]
    [TestCase(Workers, "state=\"queued\"", "state=~\"queued|running\"")]
    [TestCase(Workers, "[15m])) > 0", "[15m])) >= 0")]
    [TestCase(Workers, "[15m])) > 0", "[14m])) > 0")]
    public async Task Changed_rule_fails_the_unit_tests(string unitTests, string text, string changed)
    {
        using var copy = new TemporaryFolder();
        Directory.CreateDirectory(Path.Combine(copy.Path, "rules"));
        Directory.CreateDirectory(Path.Combine(copy.Path, "tests"));
        var tests = Path.Combine(copy.Path, "tests", unitTests);
        File.Copy(MonitoringPack.GetPath($"tests/{unitTests}"), tests);
        var changes = 0;
        foreach (var file in Directory.GetFiles(MonitoringPack.GetPath("rules")))
        {
            var rules = await File.ReadAllTextAsync(file);
            changes += rules.Split(text).Length - 1;
            await File.WriteAllTextAsync(
                Path.Combine(copy.Path, "rules", Path.GetFileName(file)),
                rules.Replace(text, changed, StringComparison.Ordinal));
        }

        Assert.That(changes, Is.Positive, "The text to change does not exist in the rules.");
        var check = await Promtool.RunAsync(
            ["check", "rules", .. Directory.GetFiles(Path.Combine(copy.Path, "rules"))]);
        Assert.That(check.ExitCode, Is.Zero, check.Output);
        var (exitCode, output) = await Promtool.RunAsync(["test", "rules", tests]);
        Assert.That(exitCode, Is.Not.Zero, output);
        Assert.That(output, Does.Contain("FAILED").And.Contain("got:"));
    }
}
