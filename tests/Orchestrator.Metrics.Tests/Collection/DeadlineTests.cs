using Microsoft.Extensions.Logging;

namespace Orchestrator.Metrics.Tests.Collection;

public class DeadlineTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    [Test]
    public async Task Default_collector_timeout_is_thirty_seconds()
    {
        var collector = new GatedCollector("x");
        await using var host = new MetricsHost(builder => builder.AddCollector(collector));

        await RequireDeadlineAsync(host, collector, host.ScrapeAsync(), TimeSpan.FromSeconds(30));
    }

    [Test]
    public async Task CollectorTimeout_sets_the_default()
    {
        var collector = new GatedCollector("x");
        await using var host = new MetricsHost(
            builder => builder.AddCollector(collector),
            options => options.CollectorTimeout = TimeSpan.FromSeconds(7));

        await RequireDeadlineAsync(host, collector, host.ScrapeAsync(), TimeSpan.FromSeconds(7));
    }

    [TestCase(3)]
    [TestCase(90)]
    public async Task Timeout_of_a_collector_overrides_the_default(int seconds)
    {
        var collector = new GatedCollector("x");
        await using var host = new MetricsHost(builder => builder.AddCollector(
            collector, options => options.Timeout = TimeSpan.FromSeconds(seconds)));

        await RequireDeadlineAsync(host, collector, host.ScrapeAsync(), TimeSpan.FromSeconds(seconds));
    }

    [Test]
    public async Task Scrape_timeout_can_be_shorter_than_the_collector_timeout()
    {
        var collector = new GatedCollector("x");
        await using var host = new MetricsHost(builder => builder.AddCollector(collector));

        var scrape = host.ScrapeAsync(TimeSpan.FromSeconds(4));
        await collector.WaitForRunAsync();
        host.Time.Advance(TimeSpan.FromSeconds(4) - Tick);
        Assert.That(scrape.IsCompleted, Is.False);
        host.Time.Advance(Tick);

        Assert.That((await MetricsHost.CatchFailureAsync(scrape)).TimedOut, Is.True);
        var entry = host.Log.GetEntries(LogLevel.Error).Single();
        Assert.That(entry.Message, Does.Contain("GatedCollector").And.Contain("(4 s)"));
    }

    [Test]
    public async Task Scrape_timeout_does_not_extend_the_collector_timeout()
    {
        var collector = new GatedCollector("x");
        await using var host = new MetricsHost(builder => builder.AddCollector(collector));

        await RequireDeadlineAsync(
            host, collector, host.ScrapeAsync(TimeSpan.FromSeconds(40)), TimeSpan.FromSeconds(30));
    }

    [Test]
    public async Task Infinite_scrape_timeout_is_limited_by_the_collector_timeout()
    {
        var collector = new GatedCollector("x");
        await using var host = new MetricsHost(builder => builder.AddCollector(collector));

        await RequireDeadlineAsync(
            host, collector, host.ScrapeAsync(Timeout.InfiniteTimeSpan), TimeSpan.FromSeconds(30));
    }

    [Test]
    public async Task Log_distinguishes_a_collector_that_timed_out_from_one_that_waited_for_a_slot()
    {
        var running = new GatedCollector("running", ignoresToken: true);
        await using var host = new MetricsHost(
            builder => builder.AddCollector(running, options => options.Name = "running"),
            options => options.MaxConcurrentCollectors = 1);
        var first = host.ScrapeAsync();
        var run = await running.WaitForRunAsync();
        host.Registry.Register(FakeCollector.Counting("waiting"), options => options.Name = "waiting");
        var second = host.ScrapeAsync();

        host.Time.Advance(TimeSpan.FromSeconds(30));
        await MetricsHost.CatchFailureAsync(first);
        await MetricsHost.CatchFailureAsync(second);

        var errors = host.Log.GetEntries(LogLevel.Error).Select(entry => (entry.Event.Id, entry.Message));
        Assert.That(errors, Is.EquivalentTo(new[]
        {
            (2, "Collector running timed out after 30 s."),
            (7, "Collector waiting timed out after 30 s without having started, because MaxConcurrentCollectors " +
                "others were running. Raise MaxConcurrentCollectors, or find the slow collectors."),
        }));
        run.Return();
        await host.Log.WaitForAsync(entry => entry.Event.Id == 3);
        Assert.That(
            host.Log.GetEntries(LogLevel.Information).Select(entry => entry.Message),
            Is.EqualTo(new[] { "Collector running completed 30 s after it started, past its timeout." }));
    }

    [Test]
    public async Task Other_collectors_are_served_when_a_collector_times_out()
    {
        var stuck = new GatedCollector("stuck", ignoresToken: true);
        await using var host = new MetricsHost(
            builder => builder
                .AddCollector(stuck, options => options.Timeout = TimeSpan.FromSeconds(5))
                .AddCollector(FakeCollector.Counting("fine")),
            options => options.FailurePolicy = FailurePolicy.ReportAndContinue);

        var scrape = host.ScrapeAsync();
        var run = await stuck.WaitForRunAsync();
        host.Time.Advance(TimeSpan.FromSeconds(5));
        var snapshot = await scrape;

        Assert.That(snapshot.GetValue("fine"), Is.EqualTo(1));
        Assert.That(snapshot.GetLines("GatedCollector"), Does.Contain(
            "wfo_scrape_collector_duration_seconds{collector=\"GatedCollector\"} 5.0"));
        run.Return();
    }

    [Test]
    public async Task TimedOut_is_false_if_one_collector_timed_out_and_another_failed()
    {
        var slow = new GatedCollector("slow");
        await using var host = new MetricsHost(builder => builder
            .AddCollector(slow, options => options.Timeout = TimeSpan.FromSeconds(5))
            .AddCollector(FakeCollector.Failing(new InvalidOperationException())));

        var scrape = host.ScrapeAsync();
        await slow.WaitForRunAsync();
        host.Time.Advance(TimeSpan.FromSeconds(5));
        var failure = await MetricsHost.CatchFailureAsync(scrape);

        Assert.That(failure.FailedCollectors, Is.EqualTo(new[] { "GatedCollector", "FakeCollector" }));
        Assert.That(failure.TimedOut, Is.False);
        Assert.That(failure.Message, Does.Contain("GatedCollector, FakeCollector"));
    }

    [Test]
    public async Task Collector_that_obeys_its_token_at_a_timeout_runs_again_at_the_next_scrape()
    {
        var collector = new GatedCollector("x");
        await using var host = new MetricsHost(builder => builder.AddCollector(collector));
        var scrape = host.ScrapeAsync();
        await collector.WaitForRunAsync();
        host.Time.Advance(TimeSpan.FromSeconds(30));
        await MetricsHost.CatchFailureAsync(scrape);
        await host.Log.WaitForAsync(entry => entry.Event.Id == 3);

        var next = host.ScrapeAsync();
        (await collector.WaitForRunAsync()).Return(8);

        Assert.That((await next).GetValue("x"), Is.EqualTo(8));
        Assert.That(host.Log.GetEntries(LogLevel.Error).Count(), Is.EqualTo(1));
    }

    private static async Task RequireDeadlineAsync(
        MetricsHost host, GatedCollector collector, Task<MetricsSnapshot> scrape, TimeSpan deadline)
    {
        var run = await collector.WaitForRunAsync();
        host.Time.Advance(deadline - Tick);
        Assert.That((scrape.IsCompleted, run.Token.IsCancellationRequested), Is.EqualTo((false, false)));
        host.Time.Advance(Tick);

        var failure = await MetricsHost.CatchFailureAsync(scrape);
        await run.Cancelled;
        Assert.That(failure.TimedOut, Is.True);
        Assert.That(failure.FailedCollectors, Is.EqualTo(new[] { "GatedCollector" }));
        Assert.That(failure.Message, Does.Contain("in time").And.Contain("GatedCollector"));
        var entry = host.Log.GetEntries(LogLevel.Error).Single();
        Assert.That(entry.Message, Does.Contain("GatedCollector").And.Contain($"after {deadline.TotalSeconds:0} s"));
    }
}
