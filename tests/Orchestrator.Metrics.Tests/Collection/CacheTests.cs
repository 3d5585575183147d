namespace Orchestrator.Metrics.Tests.Collection;

/// <summary><c>CacheFor</c>: a result is used again for that long.</summary>
public class CacheTests
{
    [Test]
    public async Task A_result_is_used_again_until_it_is_too_old()
    {
        var collector = FakeCollector.Counting("x");
        await using var host = Host(collector, TimeSpan.FromSeconds(60));

        Assert.That((await host.ScrapeAsync()).Value("x"), Is.EqualTo(1));
        host.Time.Advance(TimeSpan.FromSeconds(58.9));
        Assert.That((await host.ScrapeAsync()).Value("x"), Is.EqualTo(1));
        host.Time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.That((await host.ScrapeAsync()).Value("x"), Is.EqualTo(2));
    }

    // A twentieth, at most a second.
    [TestCase(10, 9.5)]
    [TestCase(20, 19)]
    [TestCase(3600, 3599)]
    public async Task Scrapes_that_come_a_little_early_see_a_new_result(double cacheFor, double age)
    {
        var collector = FakeCollector.Counting("x");
        await using var host = Host(collector, TimeSpan.FromSeconds(cacheFor));

        await host.ScrapeAsync();
        host.Time.Advance(TimeSpan.FromSeconds(age) - TimeSpan.FromTicks(1));
        Assert.That((await host.ScrapeAsync()).Value("x"), Is.EqualTo(1));
        host.Time.Advance(TimeSpan.FromTicks(1));
        Assert.That((await host.ScrapeAsync()).Value("x"), Is.EqualTo(2));
    }

    [TestCase(0.1)]
    [TestCase(2)]
    [TestCase(10)]
    public async Task Scrapes_in_intervals_of_exactly_this_length_each_see_a_new_result(double runSeconds)
    {
        // A collector that is worth a cache is a slow one; how slow must not matter.
        var collector = new GatedCollector("x");
        await using var host = new MetricsHost(builder => builder.AddCollector(
            collector, options => options.CacheFor = TimeSpan.FromSeconds(15)));
        var took = TimeSpan.FromSeconds(runSeconds);

        for (var scrape = 1; scrape <= 3; scrape++)
        {
            var waiting = host.ScrapeAsync();
            var run = collector.NextRunAsync();
            Assert.That(
                await Task.WhenAny(run, waiting), Is.SameAs(run), $"Scrape {scrape} was served from the cache.");
            host.Time.Advance(took);
            (await run).Return(scrape);
            Assert.That((await waiting).Value("x"), Is.EqualTo(scrape));
            host.Time.Advance(TimeSpan.FromSeconds(15) - took);
        }
    }

    [Test]
    public async Task It_is_off_by_default()
    {
        var collector = FakeCollector.Counting("x");
        await using var host = new MetricsHost(builder => builder.AddCollector(collector));

        await host.ScrapeAsync();
        Assert.That((await host.ScrapeAsync()).Value("x"), Is.EqualTo(2));
    }

    [Test]
    public async Task It_is_the_affair_of_each_collector()
    {
        await using var host = new MetricsHost(builder => builder
            .AddCollector(FakeCollector.Counting("cached"), options =>
                (options.Name, options.CacheFor) = ("cached", TimeSpan.FromHours(1)))
            .AddCollector(FakeCollector.Counting("fresh")));

        await host.ScrapeAsync();
        var snapshot = await host.ScrapeAsync();

        Assert.That((snapshot.Value("cached"), snapshot.Value("fresh")), Is.EqualTo((1, 2)));
    }

    [Test]
    public async Task A_failure_is_never_stored()
    {
        var runs = 0;
        var collector = new FakeCollector(_ => ++runs == 1
            ? throw new InvalidOperationException()
            : Task.FromResult(FakeCollector.Gauge("x", runs)));
        await using var host = Host(collector, TimeSpan.FromHours(1));

        await host.FailedScrapeAsync();

        Assert.That((await host.ScrapeAsync()).Value("x"), Is.EqualTo(2));
    }

    [Test]
    public async Task A_result_that_is_no_longer_fresh_does_not_stand_in_for_a_failure()
    {
        var fails = false;
        var collector = new FakeCollector(_ => fails
            ? throw new InvalidOperationException()
            : Task.FromResult(FakeCollector.Gauge("x")));
        await using var host = Host(collector, TimeSpan.FromSeconds(60));
        await host.ScrapeAsync();
        host.Time.Advance(TimeSpan.FromSeconds(60));
        fails = true;

        // Too old to be fresh, and nobody said that it may be served stale.
        await host.FailedScrapeAsync();
    }

    [Test]
    public async Task The_result_of_a_run_that_nobody_waited_for_is_never_stored()
    {
        var collector = new GatedCollector("x", ignoresToken: true);
        await using var host = new MetricsHost(builder => builder.AddCollector(
            collector, options => options.CacheFor = TimeSpan.FromHours(1)));
        using var caller = new CancellationTokenSource();
        var left = host.ScrapeAsync(cancellationToken: caller.Token);
        var run = await collector.NextRunAsync();
        await caller.CancelAsync();
        await MetricsHost.ThrownAsync<OperationCanceledException>(left);

        var scrape = host.ScrapeAsync();
        run.Return(1);
        (await collector.NextRunAsync()).Return(2);

        Assert.That((await scrape).Value("x"), Is.EqualTo(2));
        Assert.That((await host.ScrapeAsync()).Value("x"), Is.EqualTo(2));
    }

    [Test]
    public async Task A_fresh_result_is_served_while_nothing_runs_even_if_the_caller_has_no_time()
    {
        await using var host = Host(FakeCollector.Counting("x"), TimeSpan.FromHours(1));
        await host.ScrapeAsync();

        Assert.That((await host.ScrapeAsync(TimeSpan.Zero)).Value("x"), Is.EqualTo(1));
    }

    private static MetricsHost Host(FakeCollector collector, TimeSpan cacheFor) =>
        new(builder => builder.AddCollector(collector, options => options.CacheFor = cacheFor));
}
