using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Moq;

namespace Orchestrator.Metrics.Tests.Collection;

/// <summary>Runs that are slower than the timeouts of their scrapes.</summary>
public class TimedOutCallersTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    [TestCase(1)]
    [TestCase(2)]
    public async Task Run_whose_callers_timed_out_continues_and_the_next_scrape_joins_it(int callers)
    {
        var slow = new GatedCollector("slow");
        await using var host = new MetricsHost(builder => builder.AddCollector(slow));
        var first = Enumerable.Range(0, callers).Select(_ => host.ScrapeAsync(TimeSpan.FromSeconds(10))).ToArray();
        var run = await slow.NextRunAsync();
        host.Time.Advance(TimeSpan.FromSeconds(10));
        foreach (var scrape in first)
            await MetricsHost.FailureAsync(scrape);

        var next = host.ScrapeAsync(TimeSpan.FromSeconds(10));
        run.Return(5);

        Assert.That((await next).Value("slow"), Is.EqualTo(5));
        Assert.That(slow.Runs, Is.EqualTo(1));
        Assert.That(host.Log.Entries.Select(entry => entry.Event.Id), Is.EqualTo(new[] { 9 }));
    }

    [Test]
    public async Task Result_after_all_callers_timed_out_is_cached()
    {
        var slow = new GatedCollector("slow");
        await using var host = new MetricsHost(
            builder => builder.AddCollector(slow, options => options.CacheFor = TimeSpan.FromMinutes(5)));
        var first = host.ScrapeAsync(TimeSpan.FromSeconds(10));
        var run = await slow.NextRunAsync();
        host.Time.Advance(TimeSpan.FromSeconds(10));
        await MetricsHost.FailureAsync(first);

        run.Return(5);

        Assert.That((await host.ScrapeAsync()).Value("slow"), Is.EqualTo(5));
        Assert.That(slow.Runs, Is.EqualTo(1));
    }

    [TestCase(1)]
    [TestCase(2)]
    public async Task Scrapes_that_time_out_before_they_can_join_a_run_for_other_names_are_logged_and_counted_once(
        int callers)
    {
        var slow = new GatedCollector("x");
        await using var host = new MetricsHost(
            builder => builder.AddCollector(services =>
            {
                services.GetRequiredService<CollectorContext>().GetRequestedNames();
                return slow;
            }),
            options => options.ScrapeMetrics = true);
        var other = host.Registry.CollectAsync(new() { Names = ["y"] }).Soon();
        var run = await slow.NextRunAsync();

        var scrapes = Enumerable.Range(0, callers)
            .Select(_ => host.ScrapeAsync(TimeSpan.FromSeconds(10))).ToArray();
        host.Time.Advance(TimeSpan.FromSeconds(10));
        foreach (var scrape in scrapes)
            await MetricsHost.FailureAsync(scrape);

        Assert.That(host.Log.Entries.Select(entry => entry.Event.Id), Is.EqualTo(new[] { 9 }));
        run.Return();
        await other;
        var next = host.ScrapeAsync();
        (await slow.NextRunAsync()).Return();
        Assert.That((await next).Lines("scrape_timeout").Single(), Does.EndWith(" 1.0"));
    }

    [Test]
    public async Task Run_without_callers_is_cancelled_at_the_timeout_of_its_collector()
    {
        var slow = new GatedCollector("slow");
        await using var host = new MetricsHost(builder => builder.AddCollector(slow));
        var scrape = host.ScrapeAsync(TimeSpan.FromSeconds(10));
        var run = await slow.NextRunAsync();
        host.Time.Advance(TimeSpan.FromSeconds(10));
        await MetricsHost.FailureAsync(scrape);
        Assert.That(run.Token.IsCancellationRequested, Is.False);

        host.Time.Advance(TimeSpan.FromSeconds(20));

        await run.Cancelled;
        Assert.That(host.Log.Entries.Select(entry => entry.Event.Id), Does.Contain(9).And.Contain(2));
    }

    [Test]
    public async Task Caller_that_joins_a_run_times_out_with_its_collector()
    {
        var stuck = new GatedCollector("stuck", ignoresToken: true);
        await using var host = new MetricsHost(builder => builder.AddCollector(stuck));
        var first = host.ScrapeAsync();
        var run = await stuck.NextRunAsync();
        host.Time.Advance(TimeSpan.FromSeconds(20));
        var second = host.ScrapeAsync();
        host.Time.Advance(TimeSpan.FromSeconds(10));

        // The clock does not reach the end of the grace period, when the run is abandoned.
        await MetricsHost.FailureAsync(first);
        await MetricsHost.FailureAsync(second);
        run.Return();
    }

    [Test]
    public async Task Caller_with_a_short_timeout_does_not_affect_one_with_a_long_timeout()
    {
        var stuck = new GatedCollector("stuck", ignoresToken: true);
        await using var host = new MetricsHost(builder => builder.AddCollector(stuck));
        for (var i = 1; i <= 12; i++)
        {
            var shortScrape = host.ScrapeAsync(TimeSpan.FromMilliseconds(50));
            var run = await stuck.NextRunAsync();
            var longScrape = host.ScrapeAsync(TimeSpan.FromSeconds(10));
            host.Time.Advance(TimeSpan.FromMilliseconds(50));
            await MetricsHost.FailureAsync(shortScrape);
            var late = host.ScrapeAsync(TimeSpan.FromSeconds(10));
            run.Return(i);

            Assert.That((await longScrape).Value("stuck"), Is.EqualTo(i));
            Assert.That((await late).Value("stuck"), Is.EqualTo(i));
        }

        Assert.That(stuck.Runs, Is.EqualTo(12));
    }

    [Test]
    public async Task Caller_during_the_end_of_a_cancelled_run_waits_at_most_for_its_own_timeout_which_is_logged()
    {
        var stuck = new GatedCollector("stuck", ignoresToken: true);
        await using var host = new MetricsHost(builder => builder.AddCollector(stuck));
        var run = await host.DisconnectAsync(stuck);

        var shortScrape = host.ScrapeAsync(TimeSpan.FromSeconds(1));
        var longScrape = host.ScrapeAsync(TimeSpan.FromSeconds(10));
        host.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.That((await MetricsHost.FailureAsync(shortScrape)).TimedOut, Is.True);
        Assert.That(host.Log.Entries.Select(entry => entry.Event.Id), Is.EqualTo(new[] { 9 }));
        run.Return(1);
        (await stuck.NextRunAsync()).Return(2);

        Assert.That((await longScrape).Value("stuck"), Is.EqualTo(2));
    }

    [Test]
    public async Task Late_timeout_is_logged_once_with_the_running_collectors()
    {
        var blocking = new GatedCollector("blocking", ignoresToken: true);
        await using var host = new MetricsHost(
            builder => builder.AddCollector(FakeCollector.Counting("fine"), options => options.Name = "fine"),
            options => options.MaxConcurrentCollectors = 1);
        await host.ScrapeAsync();
        host.Registry.Unregister("fine");

        // Starts after the other run has released the only slot.
        host.Registry.Register(blocking, options => options.Name = "blocking");
        var scrapes = Enumerable.Range(0, 3).Select(_ => host.ScrapeAsync()).ToArray();
        var run = await blocking.NextRunAsync();

        host.Time.Advance(Timeout + TimeSpan.FromSeconds(3));
        foreach (var scrape in scrapes)
            await MetricsHost.FailureAsync(scrape);

        var warning = host.Log.Entries.Single(entry => entry.Event.Id == 17).Message;
        Assert.That(warning, Does.Contain("answered 3 s after").And.Contain("collectors: blocking.").And.Contain("threads"));
        run.Return();
    }

    [TestCase(25, false)]
    [TestCase(26, true)]
    public async Task Scrape_timeout_is_logged_unless_the_collector_timeout_follows_at_once(
        int milliseconds, bool isLogged)
    {
        // Timers are rounded to milliseconds, so a caller may time out slightly earlier than the run that it started.
        var timeout = Timeout - TimeSpan.FromMilliseconds(milliseconds);
        var slow = new GatedCollector("slow");
        await using var host = new MetricsHost(builder => builder.AddCollector(slow));
        var scrape = host.ScrapeAsync(timeout);
        await slow.NextRunAsync();

        host.Time.Advance(timeout);
        await MetricsHost.FailureAsync(scrape);

        Assert.That(
            host.Log.Entries.Select(entry => entry.Event.Id), Is.EqualTo(isLogged ? new[] { 9 } : Array.Empty<int>()));
    }

    [Test]
    public async Task Punctual_timeout_is_not_reported_as_late()
    {
        var slow = new GatedCollector("slow");
        await using var host = new MetricsHost(builder => builder.AddCollector(slow));
        var scrape = host.ScrapeAsync();
        await slow.NextRunAsync();

        host.Time.Advance(Timeout);
        await MetricsHost.FailureAsync(scrape);

        Assert.That(host.Log.Entries.Select(entry => entry.Event.Id), Has.None.EqualTo(17));
    }

    [Test]
    public async Task Refresh_that_times_out_at_the_moment_its_run_succeeds_adds_no_failure()
    {
        var time = new CallersFirstTimeProvider();
        var slow = new GatedCollector("x");
        var collector = Refreshed(slow, time);
        var refresh = collector.RefreshAsync(default).Soon();
        var run = await slow.NextRunAsync();

        // The refresh has stopped waiting. Its run ends before the refresh continues.
        time.BeforeNextTimestamp = () =>
        {
            run.Return();
            Assert.That(SpinWait.SpinUntil(() => collector.Cache.GetForRefresh() is not null, Timeout));
        };
        time.Advance(Timeout);
        await refresh;

        Assert.That((await collector.GetAsync(new Scrape(), default).Soon()).Error, Is.Null);
    }

    [Test]
    public async Task Refresh_of_a_run_that_ignores_its_cancellation_adds_a_failure()
    {
        var time = new FakeTimeProvider();
        var stuck = new GatedCollector("x", ignoresToken: true);
        var collector = Refreshed(stuck, time);
        var refresh = collector.RefreshAsync(default).Soon();
        (await stuck.NextRunAsync()).Return();
        await refresh;
        time.Advance(TimeSpan.FromMinutes(1));

        refresh = collector.RefreshAsync(default).Soon();
        var run = await stuck.NextRunAsync();
        time.Advance(Timeout);
        await refresh;

        Assert.That(
            (await collector.GetAsync(new Scrape(), default).Soon()).Error, Is.InstanceOf<TimeoutException>());
        run.Return();
    }

    private static SharedCollector Refreshed(IMetricsCollector collector, TimeProvider time) => new(
        CollectorRegistration.ForInstance(collector, options => options.RefreshEvery = TimeSpan.FromMinutes(1)),
        new CollectorScheduler(
            scopes: null, time, new MetricsLog(new SafeLogger(new ListLogger())), new OrchestratorMetricsOptions(), default));

    /// <summary>A clock on which the timer of a run never fires, so that its callers time out first.</summary>
    private sealed class CallersFirstTimeProvider : FakeTimeProvider
    {
        public Action? BeforeNextTimestamp { get; set; }

        public override long GetTimestamp()
        {
            (var action, BeforeNextTimestamp) = (BeforeNextTimestamp, null);
            action?.Invoke();
            return base.GetTimestamp();
        }

        // The timer of a run is created before it is set.
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            dueTime < TimeSpan.Zero ? Mock.Of<ITimer>() : base.CreateTimer(callback, state, dueTime, period);
    }
}
