using Orchestrator.Metrics.Tests.Collection;

namespace Orchestrator.Metrics.Tests.Outcomes;

public class CacheTests
{
    // Scrapes may be early by a twentieth of CacheFor, but by one second at most.
    [TestCase(10, 9.5)]
    [TestCase(20, 19)]
    [TestCase(3600, 3599)]
    public async Task Scrapes_that_are_slightly_early_get_a_new_result(double cacheFor, double age)
    {
        var collector = FakeCollector.Counting("x");
        await using var host = CreateHost(collector, TimeSpan.FromSeconds(cacheFor));

        await host.ScrapeAsync();
        host.Time.Advance(TimeSpan.FromSeconds(age) - TimeSpan.FromTicks(1));
        Assert.That((await host.ScrapeAsync()).GetValue("x"), Is.EqualTo(1));
        host.Time.Advance(TimeSpan.FromTicks(1));
        Assert.That((await host.ScrapeAsync()).GetValue("x"), Is.EqualTo(2));
    }

    [TestCase(0.1)]
    [TestCase(2)]
    [TestCase(10)]
    public async Task Scrapes_at_an_interval_of_CacheFor_each_get_a_new_result(double runSeconds)
    {
        // Cached collectors are often slow, but their duration must not delay a new result.
        var collector = new GatedCollector("x");
        await using var host = new MetricsHost(builder => builder.AddCollector(
            collector, options => options.CacheFor = TimeSpan.FromSeconds(15)));
        var took = TimeSpan.FromSeconds(runSeconds);

        for (var scrape = 1; scrape <= 3; scrape++)
        {
            var waiting = host.ScrapeAsync();
            var run = collector.WaitForRunAsync();
            Assert.That(
                await Task.WhenAny(run, waiting), Is.SameAs(run), $"Scrape {scrape} was served from the cache.");
            host.Time.Advance(took);
            (await run).Return(scrape);
            Assert.That((await waiting).GetValue("x"), Is.EqualTo(scrape));
            host.Time.Advance(TimeSpan.FromSeconds(15) - took);
        }
    }

    [Test]
    public async Task Cache_is_off_by_default()
    {
        var collector = FakeCollector.Counting("x");
        await using var host = new MetricsHost(builder => builder.AddCollector(collector));

        await host.ScrapeAsync();
        Assert.That((await host.ScrapeAsync()).GetValue("x"), Is.EqualTo(2));
    }

    [Test]
    public async Task Cache_is_set_per_collector()
    {
        await using var host = new MetricsHost(builder => builder
            .AddCollector(FakeCollector.Counting("cached"), options =>
                (options.Name, options.CacheFor) = ("cached", TimeSpan.FromHours(1)))
            .AddCollector(FakeCollector.Counting("fresh")));

        await host.ScrapeAsync();
        var snapshot = await host.ScrapeAsync();

        Assert.That((snapshot.GetValue("cached"), snapshot.GetValue("fresh")), Is.EqualTo((1, 2)));
    }

    [Test]
    public async Task Failure_is_never_cached()
    {
        var runs = 0;
        var collector = new FakeCollector(_ => ++runs == 1
            ? throw new InvalidOperationException()
            : Task.FromResult(FakeCollector.CreateGauge("x", runs)));
        await using var host = CreateHost(collector, TimeSpan.FromHours(1));

        await host.ScrapeAndCatchAsync();

        Assert.That((await host.ScrapeAsync()).GetValue("x"), Is.EqualTo(2));
    }

    [Test]
    public async Task Stale_result_does_not_replace_a_failure_without_ServeStaleFor()
    {
        var fails = false;
        var collector = new FakeCollector(_ => fails
            ? throw new InvalidOperationException()
            : Task.FromResult(FakeCollector.CreateGauge("x")));
        await using var host = CreateHost(collector, TimeSpan.FromSeconds(60));
        await host.ScrapeAsync();
        host.Time.Advance(TimeSpan.FromSeconds(60));
        fails = true;

        await host.ScrapeAndCatchAsync();
    }

    [Test]
    public async Task Result_of_a_run_whose_callers_disconnected_is_never_cached()
    {
        var collector = new GatedCollector("x", ignoresToken: true);
        await using var host = new MetricsHost(builder => builder.AddCollector(
            collector, options => options.CacheFor = TimeSpan.FromHours(1)));
        var run = await host.DisconnectAsync(collector);

        var scrape = host.ScrapeAsync();
        run.Return(1);
        (await collector.WaitForRunAsync()).Return(2);

        Assert.That((await scrape).GetValue("x"), Is.EqualTo(2));
        Assert.That((await host.ScrapeAsync()).GetValue("x"), Is.EqualTo(2));
    }

    [Test]
    public async Task Fresh_result_is_served_without_a_run_even_with_a_scrape_timeout_of_zero()
    {
        await using var host = CreateHost(FakeCollector.Counting("x"), TimeSpan.FromHours(1));
        await host.ScrapeAsync();

        Assert.That((await host.ScrapeAsync(TimeSpan.Zero)).GetValue("x"), Is.EqualTo(1));
    }

    private static MetricsHost CreateHost(FakeCollector collector, TimeSpan cacheFor) =>
        new(builder => builder.AddCollector(collector, options => options.CacheFor = cacheFor));
}
