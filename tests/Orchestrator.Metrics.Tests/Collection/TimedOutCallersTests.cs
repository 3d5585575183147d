using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.Metrics.Tests.Collection;

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
        var run = await slow.WaitForRunAsync();
        host.Time.Advance(TimeSpan.FromSeconds(10));
        foreach (var scrape in first)
            await MetricsHost.CatchFailureAsync(scrape);

        var next = host.ScrapeAsync(TimeSpan.FromSeconds(10));
        run.Return(5);

        Assert.That((await next).GetValue("slow"), Is.EqualTo(5));
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
        var run = await slow.WaitForRunAsync();
        host.Time.Advance(TimeSpan.FromSeconds(10));
        await MetricsHost.CatchFailureAsync(first);

        run.Return(5);

        Assert.That((await host.ScrapeAsync()).GetValue("slow"), Is.EqualTo(5));
        Assert.That(slow.Runs, Is.EqualTo(1));
    }

    [TestCase(1)]
    [TestCase(2)]
    public async Task Scrapes_that_time_out_while_they_wait_for_a_run_for_other_names_are_logged_and_counted_once(
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
        var run = await slow.WaitForRunAsync();

        var scrapes = Enumerable.Range(0, callers)
            .Select(_ => host.ScrapeAsync(TimeSpan.FromSeconds(10))).ToArray();
        host.Time.Advance(TimeSpan.FromSeconds(10));
        foreach (var scrape in scrapes)
            await MetricsHost.CatchFailureAsync(scrape);

        Assert.That(host.Log.Entries.Select(entry => entry.Event.Id), Is.EqualTo(new[] { 9 }));
        run.Return();
        await other;
        var next = host.ScrapeAsync();
        (await slow.WaitForRunAsync()).Return();
        Assert.That((await next).GetLines("scrape_timeout").Single(), Does.EndWith(" 1.0"));
    }

    [Test]
    public async Task Run_without_callers_is_cancelled_at_the_timeout_of_the_collector()
    {
        var slow = new GatedCollector("slow");
        await using var host = new MetricsHost(builder => builder.AddCollector(slow));
        var scrape = host.ScrapeAsync(TimeSpan.FromSeconds(10));
        var run = await slow.WaitForRunAsync();
        host.Time.Advance(TimeSpan.FromSeconds(10));
        await MetricsHost.CatchFailureAsync(scrape);
        Assert.That(run.Token.IsCancellationRequested, Is.False);

        host.Time.Advance(TimeSpan.FromSeconds(20));

        await run.Cancelled;
        Assert.That(host.Log.Entries.Select(entry => entry.Event.Id), Does.Contain(9).And.Contain(2));
    }

    [Test]
    public async Task Caller_that_joins_a_run_times_out_with_the_collector()
    {
        var stuck = new GatedCollector("stuck", ignoresToken: true);
        await using var host = new MetricsHost(builder => builder.AddCollector(stuck));
        var first = host.ScrapeAsync();
        var run = await stuck.WaitForRunAsync();
        host.Time.Advance(TimeSpan.FromSeconds(20));
        var second = host.ScrapeAsync();
        host.Time.Advance(TimeSpan.FromSeconds(10));

        // Callers must not wait for the end of the grace period, which the clock does not reach.
        await MetricsHost.CatchFailureAsync(first);
        await MetricsHost.CatchFailureAsync(second);
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
            var run = await stuck.WaitForRunAsync();
            var longScrape = host.ScrapeAsync(TimeSpan.FromSeconds(10));
            host.Time.Advance(TimeSpan.FromMilliseconds(50));
            await MetricsHost.CatchFailureAsync(shortScrape);
            var late = host.ScrapeAsync(TimeSpan.FromSeconds(10));
            run.Return(i);

            Assert.That((await longScrape).GetValue("stuck"), Is.EqualTo(i));
            Assert.That((await late).GetValue("stuck"), Is.EqualTo(i));
        }

        Assert.That(stuck.Runs, Is.EqualTo(12));
    }

    [Test]
    public async Task Caller_that_waits_for_a_cancelled_run_times_out_at_its_scrape_timeout_which_is_logged()
    {
        var stuck = new GatedCollector("stuck", ignoresToken: true);
        await using var host = new MetricsHost(builder => builder.AddCollector(stuck));
        var run = await host.DisconnectAsync(stuck);

        var shortScrape = host.ScrapeAsync(TimeSpan.FromSeconds(1));
        var longScrape = host.ScrapeAsync(TimeSpan.FromSeconds(10));
        host.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.That((await MetricsHost.CatchFailureAsync(shortScrape)).TimedOut, Is.True);
        Assert.That(host.Log.Entries.Select(entry => entry.Event.Id), Is.EqualTo(new[] { 9 }));
        run.Return(1);
        (await stuck.WaitForRunAsync()).Return(2);

        Assert.That((await longScrape).GetValue("stuck"), Is.EqualTo(2));
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
        var run = await blocking.WaitForRunAsync();

        host.Time.Advance(Timeout + TimeSpan.FromSeconds(3));
        foreach (var scrape in scrapes)
            await MetricsHost.CatchFailureAsync(scrape);

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
        await slow.WaitForRunAsync();

        host.Time.Advance(timeout);
        await MetricsHost.CatchFailureAsync(scrape);

        Assert.That(
            host.Log.Entries.Select(entry => entry.Event.Id), Is.EqualTo(isLogged ? new[] { 9 } : Array.Empty<int>()));
    }
}
