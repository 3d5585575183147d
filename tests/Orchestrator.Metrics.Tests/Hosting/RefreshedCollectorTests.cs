using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Metrics.Tests.Collection;
using static Orchestrator.Metrics.Tests.Hosting.RefreshHost;

namespace Orchestrator.Metrics.Tests.Hosting;

/// <summary>Scrapes and refreshes of one collector, without the loop of the background refresh.</summary>
public class RefreshedCollectorTests
{
    [Test]
    public async Task First_refresh_after_a_scrape_reuses_the_result_of_the_scrape()
    {
        var time = new FakeTimeProvider();
        var fake = FakeCollector.Counting("x");
        var collector = CreateCollector(fake, time);
        var start = time.GetTimestamp();
        await collector.GetAsync(new Scrape(), default).Soon();
        time.Advance(TimeSpan.FromSeconds(1));

        Assert.That(await collector.RefreshAsync(default).Soon(), Is.EqualTo(start));
        Assert.That(fake.Runs, Is.EqualTo(1));

        time.Advance(Interval * 0.95);
        await collector.RefreshAsync(default).Soon();
        Assert.That(fake.Runs, Is.EqualTo(2));
    }

    [Test]
    public async Task Refresh_that_ignores_its_cancellation_is_a_failure_in_scrapes()
    {
        var time = new FakeTimeProvider();
        var gated = new GatedCollector("x", ignoresToken: true);
        var collector = CreateCollector(gated, time);
        var first = collector.RefreshAsync(default);
        (await gated.WaitForRunAsync()).Return(1);
        await first.Soon();

        time.Advance(Interval);
        var second = collector.RefreshAsync(default);
        await gated.WaitForRunAsync();
        time.Advance(collector.Timeout);
        await second.Soon();

        var outcome = await collector.GetAsync(new Scrape(), default).Soon();
        Assert.That(outcome.Families, Is.Not.Null);
        Assert.That(outcome.Error, Is.TypeOf<TimeoutException>());
        gated.ReturnAll();
    }

    [Test]
    public async Task Scrape_joins_the_refresh_that_follows_a_failed_first_refresh()
    {
        var gated = new GatedCollector("x");
        var collector = CreateCollector(gated, new FakeTimeProvider());
        var first = collector.RefreshAsync(default);
        (await gated.WaitForRunAsync()).Fail(new InvalidOperationException("down"));
        await first.Soon();

        var second = collector.RefreshAsync(default);
        var run = await gated.WaitForRunAsync();
        var scrape = collector.GetAsync(new Scrape(), default);
        run.Return(1);

        Assert.That((await scrape.Soon()).Error, Is.Null);
        await second.Soon();
    }

    private static SharedCollector CreateCollector(IMetricsCollector collector, TimeProvider time) => new(
        CollectorRegistration.ForInstance(collector, options => options.RefreshEvery = Interval),
        new CollectorScheduler(
            scopes: null, time, new MetricsLog(new SafeLogger(NullLogger.Instance)), new OrchestratorMetricsOptions(),
            stopping: default));
}
