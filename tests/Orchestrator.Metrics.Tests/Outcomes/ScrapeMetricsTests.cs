using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Metrics.Tests.Collection;

namespace Orchestrator.Metrics.Tests.Outcomes;

public class ScrapeMetricsTests
{
    [Test]
    public async Task Scrape_metrics_are_reported_for_each_collector()
    {
        var slow = new GatedCollector("slow");
        var stuck = new GatedCollector("stuck", ignoresToken: true);
        var stale = new GatedCollector("stale");
        var pair = MetricFamily.Gauge("pair", "", "row");
        pair.Add(1, "a");
        pair.Add(2, "b");
        await using var host = new MetricsHost(
            builder => builder
                .AddCollector(
                    FakeCollector.Returning(pair, MetricFamily.Gauge("none", ""), FakeCollector.CreateGauge("single")[0]),
                    options => (options.Name, options.FamilyNames, options.CacheFor) =
                        ("cached", ["pair", "none", "single"], TimeSpan.FromHours(1)))
                .AddCollector(slow, options => (options.Name, options.FamilyNames) = ("slow", ["slow"]))
                .AddCollector(stale, options =>
                    (options.Name, options.FamilyNames, options.ServeStaleFor) =
                        ("stale", ["stale"], TimeSpan.FromHours(1)))
                .AddCollector(stuck, options =>
                    (options.Name, options.FamilyNames, options.Timeout) =
                        ("stuck", ["stuck"], TimeSpan.FromSeconds(20))),
            options => options.FailurePolicy = FailurePolicy.ReportAndContinue);
        await ScrapeSuccessfullyAsync(host, slow, stale, stuck);

        // A minute later, one result comes from the cache, one run takes 1.5 s, one fails, and one is stuck.
        host.Time.Advance(TimeSpan.FromMinutes(1));
        var scrape = host.ScrapeAsync();
        var slowRun = await slow.WaitForRunAsync();
        var staleRun = await stale.WaitForRunAsync();
        var stuckRun = await stuck.WaitForRunAsync();
        staleRun.Fail(new InvalidOperationException());
        await host.Log.WaitForAsync(entry => entry.Message.Contains("stale", StringComparison.Ordinal));

        // A second scrape joins the run, so the clock advances only after the run has ended.
        var joined = host.Registry.CollectAsync(new() { Names = ["slow"] }).Soon();
        host.Time.Advance(TimeSpan.FromSeconds(1.5));
        slowRun.Return();
        await joined;
        host.Time.Advance(TimeSpan.FromSeconds(18.5));
        var snapshot = await scrape;
        stuckRun.Return();

        Snapshot.AssertMatches(snapshot.ToText());
        Assert.That(
            snapshot.Lint().Where(problem => problem.Metric.StartsWith("wfo_", StringComparison.Ordinal)), Is.Empty);
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Duration_and_age_exclude_the_wait_for_a_slot(bool shared)
    {
        var first = new GatedCollector("first");
        var second = new GatedCollector("second");
        await using var host = new MetricsHost(
            builder =>
            {
                if (shared)
                    builder.Services.AddSingleton<ICollectorResultStore>(new FakeResultStore());
                builder.AddCollector(first, options => options.Name = "first").AddCollector(second, options =>
                    (options.Name, options.Shared, options.CacheFor) = ("second", shared, TimeSpan.FromMinutes(1)));
            },
            options => (options.ScrapeMetrics, options.MaxConcurrentCollectors) = (true, 1));

        var scrape = host.ScrapeAsync();
        var run = await first.WaitForRunAsync();
        host.Time.Advance(TimeSpan.FromSeconds(20));
        run.Return();
        run = await second.WaitForRunAsync();
        host.Time.Advance(TimeSpan.FromSeconds(3));
        run.Return();
        var snapshot = await scrape;

        foreach (var metric in new[] { "duration", "data_age" })
        {
            Assert.That(
                snapshot.TryGetValue($"wfo_scrape_collector_{metric}_seconds", out var seconds, ("collector", "second")));
            Assert.That(seconds, Is.EqualTo(3), metric);
        }
    }

    [Test]
    public async Task Scrape_metrics_are_off_by_default()
    {
        await using var host = new MetricsHost(builder => builder.AddCollector(FakeCollector.Counting("x")));

        Assert.That((await host.ScrapeAsync()).GetNames(), Is.EqualTo(new[] { "x" }));
    }

    [TestCase(true, FailurePolicy.FailScrape)]
    [TestCase(false, FailurePolicy.ReportAndContinue)]
    public async Task Scrape_metrics_come_last_if_an_option_enables_them(bool option, FailurePolicy policy)
    {
        await using var host = new MetricsHost(
            builder => builder.AddCollector(FakeCollector.Counting("x")),
            options => (options.ScrapeMetrics, options.FailurePolicy) = (option, policy));

        Assert.That((await host.ScrapeAsync()).GetNames(), Is.EqualTo(new[]
        {
            "x",
            "wfo_scrape_collector_success",
            "wfo_scrape_collector_duration_seconds",
            "wfo_scrape_collector_data_age_seconds",
            "wfo_scrape_collector_families",
            "wfo_scrape_collector_samples",
            "wfo_scrape_collector_failures",
            "wfo_scrape_collector_abandoned_runs",
        }));
    }

    [Test]
    public async Task Failures_are_counted_by_reason()
    {
        var slow = new GatedCollector("slow");
        var collect = new Queue<Func<IReadOnlyList<MetricFamily>>>(
        [
            () => throw new InvalidOperationException(),
            () => FakeCollector.CreateGauge("fine"),
            () => throw new TimeoutException(),
            () => FakeCollector.CreateGauge("other"),
        ]);
        await using var host = new MetricsHost(
            builder => builder
                .AddCollector(FakeCollector.Returning("fine", 1), options => options.Timeout = TimeSpan.FromDays(1))
                .AddCollector(
                    new FakeCollector(_ => Task.FromResult(collect.Dequeue()())),
                    options => (options.Name, options.Timeout) = ("broken", TimeSpan.FromDays(1)))
                .AddCollector(slow, options => options.Name = "slow"),
            options => options.FailurePolicy = FailurePolicy.ReportAndContinue);

        // The scrape times out first, then the collector.
        var scrape = host.Registry.CollectAsync(new()
        {
            Timeout = TimeSpan.FromSeconds(10),
            Predicate = registration => registration.Name == "slow",
        }).Soon();
        await slow.WaitForRunAsync();
        host.Time.Advance(TimeSpan.FromSeconds(10));
        await MetricsHost.CatchFailureAsync(scrape);
        host.Time.Advance(TimeSpan.FromSeconds(20));
        foreach (var _ in collect.ToArray())
        {
            scrape = host.ScrapeAsync();
            (await slow.WaitForRunAsync()).Return();
            await scrape;
        }

        Assert.That((await scrape).GetLines("failures_total"), Is.EqualTo(new[]
        {
            "wfo_scrape_collector_failures_total{collector=\"FakeCollector\",reason=\"error\"} 0.0",
            "wfo_scrape_collector_failures_total{collector=\"FakeCollector\",reason=\"timeout\"} 0.0",
            "wfo_scrape_collector_failures_total{collector=\"FakeCollector\",reason=\"scrape_timeout\"} 0.0",
            "wfo_scrape_collector_failures_total{collector=\"FakeCollector\",reason=\"conflict\"} 0.0",
            "wfo_scrape_collector_failures_total{collector=\"broken\",reason=\"error\"} 2.0",
            "wfo_scrape_collector_failures_total{collector=\"broken\",reason=\"timeout\"} 0.0",
            "wfo_scrape_collector_failures_total{collector=\"broken\",reason=\"scrape_timeout\"} 0.0",
            "wfo_scrape_collector_failures_total{collector=\"broken\",reason=\"conflict\"} 1.0",
            "wfo_scrape_collector_failures_total{collector=\"slow\",reason=\"error\"} 0.0",
            "wfo_scrape_collector_failures_total{collector=\"slow\",reason=\"timeout\"} 1.0",
            "wfo_scrape_collector_failures_total{collector=\"slow\",reason=\"scrape_timeout\"} 1.0",
            "wfo_scrape_collector_failures_total{collector=\"slow\",reason=\"conflict\"} 0.0",
        }));
    }

    [Test]
    public async Task Prefix_of_the_scrape_metrics_is_configurable()
    {
        await using var host = new MetricsHost(
            builder => builder.AddCollector(FakeCollector.Counting("x")),
            options => (options.ScrapeMetrics, options.ScrapeMetricsPrefix) = (true, "acme:scrape_"));

        Assert.That((await host.ScrapeAsync()).GetNames().Skip(1), Has.All.StartsWith("acme:scrape_"));
    }

    [TestCase("")]
    [TestCase(null)]
    [TestCase("1st_")]
    [TestCase("acme-")]
    public void Invalid_prefix_is_an_error(string? prefix) => Assert.That(
        () => new OrchestratorMetricsRegistry(new() { ScrapeMetricsPrefix = prefix! }),
        Throws.ArgumentException.With.Message.StartsWith(
            $"OrchestratorMetricsOptions.ScrapeMetricsPrefix is '{prefix}'; it must be a metric name prefix: " +
            "ASCII letters, digits, underscores and colons, not starting with a digit."));

    [Test]
    public async Task Scrape_metrics_can_be_requested_by_name()
    {
        await using var host = new MetricsHost(
            builder => builder.AddCollector(FakeCollector.Counting("x")), options => options.ScrapeMetrics = true);

        var snapshot = await host.Registry.CollectAsync(new() { Names = ["wfo_scrape_collector_success"] }).Soon();

        Assert.That(snapshot.GetLines(""), Is.EqualTo(
            new[] { "wfo_scrape_collector_success{collector=\"FakeCollector\"} 1.0" }));
    }

    [Test]
    public async Task Collector_name_with_quotes_is_a_valid_label_value()
    {
        await using var host = new MetricsHost(
            builder => builder.AddCollector(
                FakeCollector.Counting("x"), options => options.Name = "the \"big\" one\n"),
            options => options.ScrapeMetrics = true);

        Assert.That((await host.ScrapeAsync()).GetLines("success").Single(),
            Does.Contain("{collector=\"the \\\"big\\\" one\\n\"}"));
    }

    private static async Task ScrapeSuccessfullyAsync(MetricsHost host, params GatedCollector[] collectors)
    {
        var scrape = host.ScrapeAsync();
        foreach (var collector in collectors)
            (await collector.WaitForRunAsync()).Return();
        await scrape;
    }
}
