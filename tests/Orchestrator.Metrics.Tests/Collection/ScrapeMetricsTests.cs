namespace Orchestrator.Metrics.Tests.Collection;

/// <summary>The library's own metrics of a scrape.</summary>
public class ScrapeMetricsTests
{
    [Test]
    public async Task One_series_per_collector_in_each_family()
    {
        var slow = new GatedCollector("slow");
        var stuck = new GatedCollector("stuck", ignoresToken: true);
        var stale = new GatedCollector("stale");
        var pair = MetricFamily.Gauge("pair", "", "row");
        pair.Add(1, "a");
        pair.Add(2, "b");
        await using var host = new MetricsHost(
            builder => builder
                .AddCollector(FakeCollector.Returning(pair, MetricFamily.Gauge("none", "")), options =>
                    (options.Name, options.FamilyNames, options.CacheFor) =
                        ("cached", ["pair", "none"], TimeSpan.FromHours(1)))
                .AddCollector(slow, options => (options.Name, options.FamilyNames) = ("slow", ["slow"]))
                .AddCollector(stale, options =>
                    (options.Name, options.FamilyNames, options.ServeStaleFor) =
                        ("stale", ["stale"], TimeSpan.FromHours(1)))
                .AddCollector(stuck, options =>
                    (options.Name, options.FamilyNames, options.Timeout) =
                        ("stuck", ["stuck"], TimeSpan.FromSeconds(20))),
            options => options.FailurePolicy = FailurePolicy.ReportAndContinue);
        await GoodScrapeAsync(host, slow, stale, stuck);

        // A minute later: one from the cache, one that takes 1.5 s, one that fails, and one that is stuck.
        host.Time.Advance(TimeSpan.FromMinutes(1));
        var scrape = host.ScrapeAsync();
        var slowRun = await slow.NextRunAsync();
        var staleRun = await stale.NextRunAsync();
        var stuckRun = await stuck.NextRunAsync();
        staleRun.Fail(new InvalidOperationException());
        await host.Log.WaitForAsync(entry => entry.Message.Contains("stale", StringComparison.Ordinal));

        // Joins the run, so that the clock moves on only when it has really ended.
        var joined = host.Registry.CollectAsync(new() { Names = ["slow"] }).Soon();
        host.Time.Advance(TimeSpan.FromSeconds(1.5));
        slowRun.Return();
        await joined;
        host.Time.Advance(TimeSpan.FromSeconds(18.5));
        var snapshot = await scrape;
        stuckRun.Return();

        Snapshot.Matches(snapshot.ToText());
        Assert.That(
            snapshot.Lint().Where(problem => problem.Metric.StartsWith("wfo_", StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public async Task They_are_off_by_default()
    {
        await using var host = new MetricsHost(builder => builder.AddCollector(FakeCollector.Counting("x")));

        Assert.That((await host.ScrapeAsync()).Names(), Is.EqualTo(new[] { "x" }));
    }

    [TestCase(true, FailurePolicy.FailScrape)]
    [TestCase(false, FailurePolicy.ReportAndContinue)]
    public async Task They_come_last_if_an_option_asks_for_them(bool option, FailurePolicy policy)
    {
        await using var host = new MetricsHost(
            builder => builder.AddCollector(FakeCollector.Counting("x")),
            options => (options.ScrapeMetrics, options.FailurePolicy) = (option, policy));

        Assert.That((await host.ScrapeAsync()).Names(), Is.EqualTo(new[]
        {
            "x",
            "wfo_scrape_collector_success",
            "wfo_scrape_collector_duration_seconds",
            "wfo_scrape_collector_data_age_seconds",
            "wfo_scrape_collector_families",
            "wfo_scrape_collector_samples",
            "wfo_scrape_collector_abandoned_runs",
        }));
    }

    [Test]
    public async Task They_can_be_asked_for_by_name()
    {
        await using var host = new MetricsHost(
            builder => builder.AddCollector(FakeCollector.Counting("x")), options => options.ScrapeMetrics = true);

        var snapshot = await host.Registry.CollectAsync(new() { Names = ["wfo_scrape_collector_success"] }).Soon();

        Assert.That(snapshot.Lines(""), Is.EqualTo(
            new[] { "wfo_scrape_collector_success{collector=\"FakeCollector\"} 1.0" }));
    }

    [Test]
    public async Task A_name_with_quotes_is_a_label_like_any_other()
    {
        await using var host = new MetricsHost(
            builder => builder.AddCollector(
                FakeCollector.Counting("x"), options => options.Name = "the \"big\" one\n"),
            options => options.ScrapeMetrics = true);

        Assert.That((await host.ScrapeAsync()).Lines("success").Single(),
            Does.Contain("{collector=\"the \\\"big\\\" one\\n\"}"));
    }

    private static async Task GoodScrapeAsync(MetricsHost host, params GatedCollector[] collectors)
    {
        var scrape = host.ScrapeAsync();
        foreach (var collector in collectors)
            (await collector.NextRunAsync()).Return();
        await scrape;
    }
}
