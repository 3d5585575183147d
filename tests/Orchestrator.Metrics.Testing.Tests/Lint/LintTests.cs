namespace Orchestrator.Metrics.Tests.Lint;

public class LintTests
{
    [Test]
    public void Problems_state_what_is_wrong_and_what_to_do()
    {
        var labels = MetricFamily.Gauge("acme_labels", "Help.", "le", "quantile", "camelCase");
        labels.Add(1, "", "", "");

        Snapshot.AssertMatches(string.Concat(Lint(
            MetricFamily.Gauge("acme_no_help", ""),
            MetricFamily.Gauge("acme_wait_milliseconds", "Help."),
            MetricFamily.Gauge("acme_wait_ms", "Help."),
            MetricFamily.Gauge("acme_jobs_total", "Help."),
            MetricFamily.Gauge("acme_jobs_bucket", "Help."),
            MetricFamily.Gauge("acme_jobs_count", "Help."),
            MetricFamily.Gauge("acme_jobs_sum", "Help."),
            MetricFamily.Gauge("acme_jobs_gauge", "Help."),
            MetricFamily.Gauge("acme:jobs", "Help."),
            MetricFamily.Gauge("acmeJobs", "Help."),
            labels).Select(problem => problem + "\n")));
    }

    [Test]
    public void Valid_names_have_no_problems() => Assert.That(
        Lint(
            MetricFamily.Gauge("acme_jobs", "Help.", "priority"),
            MetricFamily.Counter("acme_jobs_done", "Help."),
            MetricFamily.Histogram("acme_wait_seconds", "Help."),
            MetricFamily.Info("acme_build", "Help."),
            MetricFamily.Gauge("s_b_h", "Help.")).Select(problem => problem.ToString()),
        Is.EqualTo(new[] { "s_b_h: Its name contains an abbreviated unit: b. Write out the unit." }));

    [Test]
    public void Problems_follow_the_order_of_the_families_and_a_family_may_have_several() => Assert.That(
        Lint(MetricFamily.Gauge("acme_z_count", ""), MetricFamily.Gauge("acme_a_sum", "Help."))
            .Select(problem => problem.Metric),
        Is.EqualTo(new[] { "acme_z_count", "acme_z_count", "acme_a_sum" }));

    [TestCase("acme_hours_seconds", "It is in hours. Use the base unit: seconds.")]
    [TestCase("acme_seconds_hours", null)]
    public void First_unit_in_a_name_counts(string name, string? problem) => Assert.That(
        Lint(MetricFamily.Gauge(name, "Help.")).SingleOrDefault()?.Text, Is.EqualTo(problem));

    [TestCase("wfo_subscriptions_count")]
    [TestCase("wfo_process_count")]
    [TestCase("wfo_process_seconds_total_count")]
    [TestCase("wfo_active_process_count")]
    public void Inherited_names_are_exempt_by_default_from_the_count_rule_only(string name)
    {
        var metrics = new MetricsSnapshot([MetricFamily.Gauge(name, "")]);

        Assert.That(metrics.Lint().Single().Text, Does.StartWith("It has no help text."));
        Assert.That(metrics.Lint(exemptInheritedNames: false), Has.Count.EqualTo(2));
    }

    [Test]
    public void Custom_name_that_ends_in_count_is_not_exempt() =>
        Assert.That(Lint(MetricFamily.Gauge("wfo_processes_count", "Help.")), Has.Count.EqualTo(1));

    [Test]
    public async Task All_collectors_of_a_registry_can_be_linted_at_once()
    {
        var registry = new OrchestratorMetricsRegistry();
        registry.Register(FakeCollector.Returning(MetricFamily.Gauge("acme_a_ms", "Help.")), o => o.Name = "a");
        registry.Register(FakeCollector.Returning(MetricFamily.Gauge("acme_b_ms", "Help.")), o => o.Name = "b");

        Assert.That(
            (await registry.CollectAsync()).Lint().Select(problem => problem.Metric),
            Is.EqualTo(new[] { "acme_a_ms", "acme_b_ms" }));
    }

    private static IReadOnlyList<LintProblem> Lint(params MetricFamily[] families) =>
        new MetricsSnapshot(families).Lint();
}
