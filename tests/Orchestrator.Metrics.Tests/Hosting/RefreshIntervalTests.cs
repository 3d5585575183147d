using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Metrics.Tests.Collection;
using static Orchestrator.Metrics.Tests.Hosting.RefreshHost;

namespace Orchestrator.Metrics.Tests.Hosting;

public class RefreshIntervalTests
{
    [Test]
    public async Task Interval_is_not_shorter_than_configured_except_for_the_jitter()
    {
        var collector = new GatedCollector("x");
        await using var host = CreateHost(collector);
        (await collector.WaitForRunAsync()).Return();
        await WaitUntilAsync(host, 1);

        await AdvanceWhenIdleAsync(host, Interval * 0.94);
        await host.ScrapeAsync();
        Assert.That(collector.Runs, Is.EqualTo(1));
        host.Time.Advance(Interval * 0.12);
        (await collector.WaitForRunAsync()).Return();
    }

    [Test]
    public async Task Interval_grows_with_the_duration_of_the_run()
    {
        var collector = new GatedCollector("x");
        await using var host = CreateHost(collector, options => options.MaxRefreshShare = 0.05);
        var first = await collector.WaitForRunAsync();
        host.Time.Advance(TimeSpan.FromSeconds(20));
        first.Return(1);
        await WaitUntilAsync(host, 1);

        // 20 s is 5 % of 400 s. The interval varies from there up to 420 s.
        await AdvanceWhenIdleAsync(host, TimeSpan.FromSeconds(399 - 20));
        await host.ScrapeAsync();
        Assert.That(collector.Runs, Is.EqualTo(1));
        host.Time.Advance(TimeSpan.FromSeconds(22));
        (await collector.WaitForRunAsync()).Return(2);
    }

    [Test]
    public async Task Interval_begins_with_the_run_and_does_not_grow_with_the_wait_for_a_slot()
    {
        var time = new FakeTimeProvider();
        var scheduler = new CollectorScheduler(
            scopes: null, time, new MetricsLog(new SafeLogger(new ListLogger())),
            new OrchestratorMetricsOptions { MaxConcurrentCollectors = 1 }, default);
        var other = new GatedCollector("other");
        var waiting = new GatedCollector("x");
        var collector = new SharedCollector(
            CollectorRegistration.ForInstance(waiting, options => options.RefreshEvery = Interval), scheduler);
        var scrape = new SharedCollector(CollectorRegistration.ForInstance(other, configure: null), scheduler)
            .GetAsync(new Scrape(), default).Soon();
        var first = await other.WaitForRunAsync();
        var refresh = collector.RefreshAsync(default).Soon();
        time.Advance(TimeSpan.FromSeconds(20));
        var started = time.GetTimestamp();
        first.Return();
        await scrape;
        var run = await waiting.WaitForRunAsync();
        time.Advance(TimeSpan.FromSeconds(9));
        run.Return();

        Assert.That(await refresh, Is.EqualTo(started));

        // 9 s is a tenth of 90 s.
        Assert.That(
            collector.Cache.GetNextInterval(), Is.InRange(TimeSpan.FromSeconds(90), TimeSpan.FromSeconds(90 * 1.05)));
    }

    [TestCase("1.00:00:01", "it must be at most a day")]
    [TestCase("-00:00:01", "it must not be negative")]
    public void Invalid_interval_is_an_error(string value, string problem) => Assert.That(
        () => new OrchestratorMetricsRegistry().Register(
            FakeCollector.Counting("x"), options => options.RefreshEvery = TimeSpan.Parse(value, CultureInfo.InvariantCulture)),
        Throws.ArgumentException.With.Message.StartsWith("RefreshEvery of collector 'FakeCollector' is").And.Message
            .Contains(problem));

    [TestCase(0)]
    [TestCase(1.1)]
    [TestCase(double.NaN)]
    public void Invalid_MaxRefreshShare_is_an_error(double share) => Assert.That(
        () => new OrchestratorMetricsRegistry().Register(
            FakeCollector.Counting("x"), options => options.MaxRefreshShare = share),
        Throws.ArgumentException.With.Message.Contains("it must be above 0 and at most 1"));

    [Test]
    public void RefreshEvery_and_CacheFor_are_mutually_exclusive() => Assert.That(
        () => new OrchestratorMetricsRegistry().Register(
            FakeCollector.Counting("x"),
            options => (options.RefreshEvery, options.CacheFor) = (Interval, Interval)),
        Throws.ArgumentException.With.Message.Contains("CacheFor of collector 'FakeCollector' and RefreshEvery are"));
}
