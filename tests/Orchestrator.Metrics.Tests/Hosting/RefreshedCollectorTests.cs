using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Moq;
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

    [Test]
    public async Task Refresh_that_times_out_at_the_moment_its_run_succeeds_adds_no_failure()
    {
        var time = new CallersFirstTimeProvider();
        var slow = new GatedCollector("x");
        var collector = CreateCollector(slow, time);
        var refresh = collector.RefreshAsync(default).Soon();
        var run = await slow.WaitForRunAsync();

        // The refresh has stopped waiting. Its run ends before the refresh continues.
        time.BeforeNextTimestamp = () =>
        {
            run.Return();
            Assert.That(SpinWait.SpinUntil(() => collector.Cache.GetForRefresh() is not null, collector.Timeout));
        };
        time.Advance(collector.Timeout);
        await refresh;

        Assert.That((await collector.GetAsync(new Scrape(), default).Soon()).Error, Is.Null);
    }

    private static SharedCollector CreateCollector(IMetricsCollector collector, TimeProvider time) => new(
        CollectorRegistration.ForInstance(collector, options => options.RefreshEvery = Interval),
        new CollectorScheduler(
            scopes: null, time, new MetricsLog(new SafeLogger(NullLogger.Instance)), new OrchestratorMetricsOptions(),
            stopping: default));

    /// <summary>A clock on which the timer of a run never fires, so the callers time out first.</summary>
    private sealed class CallersFirstTimeProvider : FakeTimeProvider
    {
        public Action? BeforeNextTimestamp { get; set; }

        public override long GetTimestamp()
        {
            (var action, BeforeNextTimestamp) = (BeforeNextTimestamp, null);
            action?.Invoke();
            return base.GetTimestamp();
        }

        // The timer of a run is created without a due time, and set when the run starts.
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            dueTime < TimeSpan.Zero ? Mock.Of<ITimer>() : base.CreateTimer(callback, state, dueTime, period);
    }
}
