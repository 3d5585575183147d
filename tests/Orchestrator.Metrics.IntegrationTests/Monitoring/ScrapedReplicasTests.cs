using System.Globalization;
using System.Text.RegularExpressions;

namespace Orchestrator.Metrics.Tests.Monitoring;

/// <summary>
/// A Prometheus server with the configuration and rules of the monitoring pack, and two samples as replicas of one
/// orchestrator. The data of the samples does not change, so both report the same, as with a shared database. Only the
/// window of the operational metrics moves, so processes leave it.
/// </summary>
public partial class ScrapedReplicasTests
{
    // Only the exporter exposes this metric. Its tests check the name.
    private const string ExporterMetric = "wfo_exporter_config_last_reload_successful";

    private static readonly string[] PrometheusMetrics = ["up", "scrape_duration_seconds", "scrape_samples_scraped"];

    private readonly SampleWithWorkers[] _replicas = new SampleWithWorkers[2];
    private PrometheusServer _prometheus = null!;
    private ExpositionSamples _samples = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        Requirements.FindProgram("prometheus", "prometheus");
        var now = DateTimeOffset.UtcNow.ToString("O", CultureInfo.InvariantCulture);
        for (var i = 0; i < _replicas.Length; i++)
            _replicas[i] = await SampleWithWorkers.StartAsync(
                ("Sample__Simulate", "false"), ("Sample__End", now),
                ("OrchestratorMetrics__FailurePolicy", "ReportAndContinue"));
        _samples = ExpositionSamples.Parse(await _replicas[0].GetMetricsAsync());
        _prometheus = PrometheusServer.Start(CreateConfiguration());
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
        var expression = ShortenRange(Dashboard.Substitute(query.Expression, job));
        // Nothing fails in samples without simulation, so the filter for workflows above 0 is removed.
        if (query is { Title: "Failed workflows by name", RefId: "B" })
            expression = PromQl.RemoveLimits(expression);

        var series = await _prometheus.QueryAsync(expression);

        Assert.That(series.Values, Has.All.Matches<double>(double.IsFinite));
        foreach (var label in Dashboard.FindLegendLabels(query.Legend))
            Assert.That(series.Keys, Has.All.Contains($"\"{label}\":"), "A legend label must not be empty.");
    }

    [TestCase("job", "up")]
    [TestCase("product", "wfo_subscriptions_count", "product_name")]
    [TestCase("customer", "wfo_subscriptions_count", "customer_id")]
    public async Task Variable_lists_the_values_that_were_scraped(string name, string metric, string? label = null)
    {
        label ??= name;
        var variable = Dashboard.GetVariable(name);
        var query = (string)variable["query"]!["query"]!;
        Assert.That((string)variable["definition"]!, Is.EqualTo(query));
        Assert.That(query, Does.StartWith("label_values(").And.EndWith($", {label})"));
        var selector = Dashboard.Substitute(query["label_values(".Length..^$", {label})".Length], ".+");

        var values = await _prometheus.WaitForDataAsync(
            $"label/{label}/values?match[]={Uri.EscapeDataString(selector)}",
            data => data.GetArrayLength() > 0 ? data.EnumerateArray().Select(it => it.GetString()!).ToArray() : null);

        var expected = name == "job"
            ? ["orchestrator"]
            : _samples.Get(metric).Select(sample => sample.Labels[label]).Distinct();
        Assert.That(values, Is.EquivalentTo(expected));
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

        Assert.That(rules, Has.Length.EqualTo(MonitoringPack.ReadRules().Length));
        Assert.That(rules.Select(rule => rule.GetProperty("health").GetString()), Is.All.EqualTo("ok"));
        Assert.That(rules.Where(rule => rule.TryGetProperty("lastError", out _)), Is.Empty);
        foreach (var rule in rules)
        {
            // The query of an alert returns no data while the alert does not fire, so its limit is removed.
            var query = PromQl.RemoveLimits(rule.GetProperty("query").GetString()!);
            if (!query.Contains(ExporterMetric, StringComparison.Ordinal))
                Assert.That(await _prometheus.QueryAsync(query), Is.Not.Empty, query);
            if (rule.GetProperty("type").GetString() == "recording")
                await _prometheus.QueryAsync(rule.GetProperty("name").GetString()!);
        }
    }

    [Test]
    public void Metrics_labels_and_values_in_queries_exist()
    {
        var queries = Dashboard.Queries.Select(query => query.Expression)
            .Concat(MonitoringPack.ReadRules().Select(rule => (string)rule["expr"]!))
            .ToArray();
        Assert.Multiple(() =>
        {
            foreach (var (metric, matchers) in queries.SelectMany(PromQl.FindSelectors).Distinct())
            {
                if (PrometheusMetrics.Contains(metric) || metric == ExporterMetric)
                    continue;
                Assert.That(_samples.Get(metric), Is.Not.Empty, metric);
                // Every status occurs in wfo_processes, but not in the metric of the last hour.
                var samples = _samples.Get(metric).Concat(_samples.Get("wfo_processes")).ToArray();
                var known = PromQl.ParseMatchers(matchers)
                    .Where(matcher => matcher.Label is not ("job" or "product_name" or "customer_id"));
                foreach (var (label, value) in known.SelectMany(it => it.Values, (it, value) => (it.Label, value)))
                    Assert.That(samples.Select(sample => sample.Labels.GetValueOrDefault(label, "")),
                        Has.Some.Matches($"^{Regex.Escape(value).Replace(@"\.\*", ".*", StringComparison.Ordinal)}$"),
                        $"{metric}{{{matchers}}}");
            }

            Assert.That(_samples.LabelNames.Concat(["job", "instance"]),
                Is.SupersetOf(queries.SelectMany(PromQl.FindGroupLabels).Distinct()));
        });
    }

    [Test]
    public async Task Panels_show_the_same_for_two_replicas_as_for_one()
    {
        var one = _replicas[0].Target;
        var queries = Dashboard.Queries
            .TakeWhile(query => query.Title != "Replicas")
            .Where(query => query.Title != "Replicas up")
            .ToArray();
        Assert.That(queries, Has.Length.GreaterThan(20));
        foreach (var query in queries)
        {
            var expression = ReplaceTime(ShortenRange(PromQl.RemoveLimits(query.Expression)));

            // A process that leaves the window may be missing on one replica for a moment.
            await Waiting.UntilAsync(
                async () => (
                    Both: await _prometheus.QueryAsync(Dashboard.Substitute(expression, ".+")),
                    First: await _prometheus.QueryAsync(Dashboard.Substitute(expression, $".+\", instance=\"{one}"))),
                it => it.Both.ToHashSet().SetEquals(it.First), query.ToString());
        }
    }

    /// <summary>
    /// Replaces the subquery over a day with one over seconds, because the server has scraped for only seconds.
    /// </summary>
    private static string ShortenRange(string query) => query.Replace("[1d:1h]", "[4s:1s]", StringComparison.Ordinal);

    /// <summary>
    /// Creates a configuration from prometheus.yml, with other targets, intervals and an absolute path of the rules.
    /// </summary>
    private string CreateConfiguration()
    {
        var text = MonitoringPack.ReadText("prometheus.yml");
        foreach (var (from, to) in new[]
        {
            ("scrape_interval: 30s", "scrape_interval: 1s"),
            ("scrape_timeout: 10s", "scrape_timeout: 1s"),
            ("evaluation_interval: 30s", "evaluation_interval: 1s"),
            ("rules/*.yml", MonitoringPack.GetPath("rules/*.yml")),
            ("localhost:5080", string.Join(", ", _replicas.Select(replica => replica.Target))),
        })
        {
            Assert.That(text.Split(from), Has.Length.EqualTo(2), $"{from} occurs once.");
            text = text.Replace(from, to, StringComparison.Ordinal);
        }

        return text;
    }
}
