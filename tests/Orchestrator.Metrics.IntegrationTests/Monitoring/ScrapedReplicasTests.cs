using System.Text.Json;

namespace Orchestrator.Metrics.Tests.Monitoring;

/// <summary>
/// A Prometheus server with the configuration and rules of the monitoring pack, and two samples as replicas of one
/// orchestrator. Their data does not change, so both report the same, as with a shared database.
/// </summary>
public class ScrapedReplicasTests
{
    private static readonly string[] OfPrometheus = ["up", "scrape_duration_seconds", "scrape_samples_scraped"];

    private readonly SampleProgram[] _replicas = new SampleProgram[2];
    private PrometheusServer _prometheus = null!;
    private ExpositionSamples _samples = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        Requirements.Program("prometheus", "prometheus");
        for (var i = 0; i < _replicas.Length; i++)
            _replicas[i] = await SampleProgram.StartAsync(
                ("Sample__Simulate", "false"), ("OrchestratorMetrics__FailurePolicy", "ReportAndContinue"));
        _samples = ExpositionSamples.Parse(await _replicas[0].Client.GetStringAsync("/api/metrics"));
        _prometheus = PrometheusServer.Start(Configuration());
        await _prometheus.QueryAsync("sum(up{job='orchestrator'}) == 2");
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_prometheus is not null)
            await _prometheus.DisposeAsync();
        foreach (var replica in _replicas.Where(replica => replica is not null))
            await replica.DisposeAsync();
    }

    [Test]
    public async Task Every_query_of_the_dashboard_has_data_with_the_labels_of_its_legend(
        [ValueSource(typeof(Dashboard), nameof(Dashboard.Queries))] DashboardQuery query,
        [Values(".+", "orchestrator")] string job)
    {
        var expression = Dashboard.Substitute(query.Expression, job);
        // Nothing fails in samples without simulation, so the filter for workflows above 0 is removed.
        if (query is { Title: "Failed workflows by name", RefId: "B" })
            expression = PromQl.WithoutLimits(expression);

        var series = await _prometheus.QueryAsync(expression);

        Assert.That(series.Values, Has.All.Matches<double>(double.IsFinite));
        foreach (var label in Dashboard.LegendLabels(query.Legend))
            Assert.That(series.Keys, Has.All.Contains($"\"{label}\":"), "A legend label must not be empty.");
    }

    [Test]
    public async Task Variable_job_lists_the_orchestrator()
    {
        var variable = Dashboard.Json["templating"]!["list"]![1]!;
        var query = (string)variable["query"]!["query"]!;
        Assert.That((string)variable["definition"]!, Is.EqualTo(query));
        Assert.That(query, Does.StartWith("label_values(").And.EndWith(", job)"));
        var selector = query["label_values(".Length..^", job)".Length];

        var jobs = await _prometheus.WaitForDataAsync(
            $"label/job/values?match[]={Uri.EscapeDataString(selector)}",
            data => data.GetArrayLength() > 0 ? data.EnumerateArray().Select(job => job.GetString()).ToArray() : null);

        Assert.That(jobs, Is.EqualTo(new[] { "orchestrator" }));
    }

    [Test]
    public async Task Every_rule_is_evaluated_and_has_data()
    {
        var rules = await _prometheus.WaitForDataAsync("rules", data =>
        {
            var all = data.GetProperty("groups").EnumerateArray()
                .SelectMany(group => group.GetProperty("rules").EnumerateArray())
                .Select(rule => rule.Clone())
                .ToArray();
            return all.All(rule => rule.GetProperty("health").GetString() != "unknown") ? all : null;
        });

        Assert.That(rules, Has.Length.EqualTo(MonitoringPack.Rules().Length));
        Assert.That(rules.Select(rule => rule.GetProperty("health").GetString()), Is.All.EqualTo("ok"));
        Assert.That(rules.Where(rule => rule.TryGetProperty("lastError", out _)), Is.Empty);
        foreach (var rule in rules)
        {
            // An alert has no data while it does not fire, so its limit is removed.
            var query = PromQl.WithoutLimits(rule.GetProperty("query").GetString()!);
            Assert.That(await _prometheus.QueryAsync(query), Is.Not.Empty, query);
            if (rule.GetProperty("type").GetString() == "recording")
                await _prometheus.QueryAsync(rule.GetProperty("name").GetString()!);
        }
    }

    [Test]
    public void Metrics_labels_and_values_in_queries_exist()
    {
        var queries = Dashboard.Queries.Select(query => query.Expression)
            .Concat(MonitoringPack.Rules().Select(rule => (string)rule["expr"]!))
            .ToArray();
        Assert.Multiple(() =>
        {
            foreach (var (metric, matchers) in queries.SelectMany(PromQl.Selectors).Distinct())
            {
                if (OfPrometheus.Contains(metric))
                    continue;
                var samples = _samples.Of(metric);
                Assert.That(samples, Is.Not.Empty, metric);
                foreach (var (label, values) in PromQl.Matchers(matchers).Where(matcher => matcher.Label != "job"))
                    Assert.That(samples.Select(sample => sample.Labels.GetValueOrDefault(label)),
                        Is.SupersetOf(values), $"{metric}{{{matchers}}}");
            }

            Assert.That(_samples.LabelNames.Concat(["job", "instance"]),
                Is.SupersetOf(queries.SelectMany(PromQl.GroupLabels).Distinct()));
        });
    }

    [Test]
    public async Task Panels_show_the_same_for_two_replicas_as_for_one()
    {
        var one = _replicas[0].Client.BaseAddress!.Authority;
        var queries = Dashboard.Queries
            .TakeWhile(query => query.Title != "Replicas")
            .Where(query => query.Title != "Replicas up")
            .ToArray();
        Assert.That(queries, Has.Length.GreaterThan(20));
        foreach (var query in queries)
        {
            var expression = PromQl.WithoutLimits(query.Expression);

            var both = await _prometheus.QueryAsync(Dashboard.Substitute(expression, ".+"));
            var first = await _prometheus.QueryAsync(Dashboard.Substitute(expression, $".+\", instance=\"{one}"));

            Assert.That(both, Is.EquivalentTo(first), query.ToString());
        }
    }

    [Test]
    public async Task Dashboard_and_rules_give_the_numbers_of_one_replica()
    {
        var live = _samples.Of("wfo_subscriptions_count")
            .Where(it => it.Labels["lifecycle_state"] != "terminated")
            .ToArray();
        var processes = _samples.Of("wfo_process_count");
        var failed = processes.Where(
            it => it.Labels["last_status"] is "failed" or "api_unavailable" or "inconsistent_data").ToArray();
        var seconds = _samples.Of("wfo_process_seconds_total_count");
        Assert.That(failed, Is.Not.Empty);

        await ShowsAsync("Engine", "job", new() { ["orchestrator"] = 2 });
        await ShowsAsync("Replicas up", "", new() { [""] = 2 });
        await ShowsAsync("Active processes", "", Sums(_samples.Of("wfo_active_process_count"), ""));
        await ShowsAsync("Subscriptions", "", Sums(live, ""));
        await ShowsAsync("Subscriptions in sync", "", new()
        {
            [""] = live.Where(it => it.Labels["insync"] == "True").Sum(it => it.Value) / live.Sum(it => it.Value),
        });
        await ShowsAsync("Active subscriptions by product", "product_name",
            Sums(live.Where(it => it.Labels["lifecycle_state"] == "active"), "product_name"));
        await ShowsAsync("Out of sync by product", "product_name",
            Sums(live.Where(it => it.Labels["insync"] == "False"), "product_name"));
        await ShowsAsync("Workflow count", "is_task", Sums(processes, "is_task"));
        await ShowsAsync("Processes by status", "last_status", Sums(processes, "last_status"));
        await ShowsAsync("Failed processes by workflow", "workflow_name", Sums(failed, "workflow_name"));
        await ShowsAsync("Failed within 24 h", "", new() { [""] = 0 });
        var counts = Sums(processes, "workflow_name");
        await ShowsAsync("Average run time by workflow", "workflow_name", Sums(seconds, "workflow_name")
            .Select(it => KeyValuePair.Create(it.Key, it.Value / counts[it.Key]))
            .OrderByDescending(it => it.Value)
            .Take(15)
            .ToDictionary());
        await AnswersAsync("sum(job_product_name_lifecycle_state_insync:wfo_subscriptions_count:max)", "",
            Sums(_samples.Of("wfo_subscriptions_count"), ""));
        await AnswersAsync("sum(job_is_task_last_status_workflow_name:wfo_process_count:max)", "", Sums(processes, ""));
        await AnswersAsync("sum(job_is_task_workflow_name:wfo_process_count_failed:max)", "", Sums(failed, ""));
    }

    private Task ShowsAsync(string panel, string label, Dictionary<string, double> expected) =>
        AnswersAsync(Dashboard.Substitute(Dashboard.Query(panel), ".+"), label, expected);

    private async Task AnswersAsync(string query, string label, Dictionary<string, double> expected)
    {
        var series = await _prometheus.QueryAsync(query);
        var values = series.ToDictionary(
            it => label.Length == 0 ? "" : JsonDocument.Parse(it.Key).RootElement.GetProperty(label).GetString()!,
            it => it.Value);

        Assert.That(values.Keys, Is.EquivalentTo(expected.Keys), query);
        foreach (var (key, value) in expected)
            Assert.That(values[key], Is.EqualTo(value).Within(1e-9).Percent, $"{query} {key}");
    }

    private static Dictionary<string, double> Sums(IEnumerable<ExpositionSample> samples, string label) => samples
        .GroupBy(sample => label.Length == 0 ? "" : sample.Labels[label])
        .ToDictionary(group => group.Key, group => group.Sum(sample => sample.Value));

    /// <summary>prometheus.yml unchanged, except for targets and intervals.</summary>
    private string Configuration()
    {
        var text = MonitoringPack.Text("prometheus.yml");
        foreach (var (from, to) in new[]
        {
            ("scrape_interval: 30s", "scrape_interval: 1s"),
            ("scrape_timeout: 10s", "scrape_timeout: 1s"),
            ("evaluation_interval: 30s", "evaluation_interval: 1s"),
            ("rules/*.yml", MonitoringPack.Path("rules/*.yml")),
            ("localhost:5080", string.Join(", ", _replicas.Select(replica => replica.Client.BaseAddress!.Authority))),
        })
        {
            Assert.That(text.Split(from), Has.Length.EqualTo(2), $"{from} occurs once.");
            text = text.Replace(from, to, StringComparison.Ordinal);
        }

        return text;
    }
}
