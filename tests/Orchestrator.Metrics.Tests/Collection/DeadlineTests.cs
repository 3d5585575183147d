using Microsoft.Extensions.Logging;

namespace Orchestrator.Metrics.Tests.Collection;

/// <summary>Deadlines that hold, whatever the collector does.</summary>
public class DeadlineTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    [Test]
    public async Task A_collector_has_thirty_seconds_unless_told_otherwise()
    {
        var collector = new GatedCollector("x");
        await using var host = new MetricsHost(builder => builder.AddCollector(collector));

        await RequireDeadlineAsync(host, collector, host.ScrapeAsync(), TimeSpan.FromSeconds(30));
    }

    [Test]
    public async Task The_default_is_an_option()
    {
        var collector = new GatedCollector("x");
        await using var host = new MetricsHost(
            builder => builder.AddCollector(collector),
            options => options.CollectorTimeout = TimeSpan.FromSeconds(7));

        await RequireDeadlineAsync(host, collector, host.ScrapeAsync(), TimeSpan.FromSeconds(7));
    }

    [TestCase(3)]
    [TestCase(90)]
    public async Task A_collector_may_have_a_timeout_of_its_own(int seconds)
    {
        var collector = new GatedCollector("x");
        await using var host = new MetricsHost(builder => builder.AddCollector(
            collector, options => options.Timeout = TimeSpan.FromSeconds(seconds)));

        await RequireDeadlineAsync(host, collector, host.ScrapeAsync(), TimeSpan.FromSeconds(seconds));
    }

    [Test]
    public async Task A_call_may_have_a_shorter_one()
    {
        var collector = new GatedCollector("x");
        await using var host = new MetricsHost(builder => builder.AddCollector(collector));

        var scrape = host.ScrapeAsync(TimeSpan.FromSeconds(4));
        await collector.NextRunAsync();
        host.Time.Advance(TimeSpan.FromSeconds(4) - Tick);
        Assert.That(scrape.IsCompleted, Is.False);
        host.Time.Advance(Tick);

        Assert.That((await MetricsHost.FailureAsync(scrape)).TimedOut, Is.True);
        var entry = host.Log.Of(LogLevel.Error).Single();
        Assert.That(entry.Message, Does.Contain("GatedCollector").And.Contain("(4 s)"));
    }

    [Test]
    public async Task A_call_cannot_have_a_longer_one_than_the_collector()
    {
        var collector = new GatedCollector("x");
        await using var host = new MetricsHost(builder => builder.AddCollector(collector));

        await RequireDeadlineAsync(
            host, collector, host.ScrapeAsync(TimeSpan.FromSeconds(40)), TimeSpan.FromSeconds(30));
    }

    [Test]
    public async Task The_deadline_of_a_run_is_that_of_its_start_for_callers_who_join_it_too()
    {
        var collector = new GatedCollector("x");
        await using var host = new MetricsHost(builder => builder.AddCollector(collector));
        var early = host.ScrapeAsync();
        await collector.NextRunAsync();
        host.Time.Advance(TimeSpan.FromSeconds(20));
        var late = host.ScrapeAsync();

        host.Time.Advance(TimeSpan.FromSeconds(10));

        Assert.That((await MetricsHost.FailureAsync(early)).TimedOut, Is.True);
        Assert.That((await MetricsHost.FailureAsync(late)).TimedOut, Is.True);
    }

    [Test]
    public async Task A_caller_in_a_hurry_does_not_cancel_the_run_of_a_patient_one()
    {
        var collector = new GatedCollector("x");
        await using var host = new MetricsHost(builder => builder.AddCollector(collector));
        var patient = host.ScrapeAsync();
        var hurried = host.ScrapeAsync(TimeSpan.FromSeconds(2));
        var run = await collector.NextRunAsync();

        host.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.That((await MetricsHost.FailureAsync(hurried)).TimedOut, Is.True);
        Assert.That(run.Token.IsCancellationRequested, Is.False);
        run.Return(3);

        Assert.That((await patient).Value("x"), Is.EqualTo(3));
    }

    [Test]
    public async Task The_others_are_served_at_the_deadline()
    {
        var stuck = new GatedCollector("stuck", ignoresToken: true);
        await using var host = new MetricsHost(
            builder => builder
                .AddCollector(stuck, options => options.Timeout = TimeSpan.FromSeconds(5))
                .AddCollector(FakeCollector.Counting("fine")),
            options => options.FailurePolicy = FailurePolicy.ReportAndContinue);

        var scrape = host.ScrapeAsync();
        var run = await stuck.NextRunAsync();
        host.Time.Advance(TimeSpan.FromSeconds(5));
        var snapshot = await scrape;

        Assert.That(snapshot.Value("fine"), Is.EqualTo(1));
        Assert.That(snapshot.Lines("GatedCollector"), Does.Contain(
            "wfo_scrape_collector_duration_seconds{collector=\"GatedCollector\"} 5.0"));
        run.Return();
    }

    [Test]
    public async Task One_that_timed_out_beside_one_that_failed_is_not_just_out_of_time()
    {
        var slow = new GatedCollector("slow");
        await using var host = new MetricsHost(builder => builder
            .AddCollector(slow, options => options.Timeout = TimeSpan.FromSeconds(5))
            .AddCollector(FakeCollector.Failing(new InvalidOperationException())));

        var scrape = host.ScrapeAsync();
        await slow.NextRunAsync();
        host.Time.Advance(TimeSpan.FromSeconds(5));
        var failure = await MetricsHost.FailureAsync(scrape);

        Assert.That(failure.FailedCollectors, Is.EqualTo(new[] { "GatedCollector", "FakeCollector" }));
        Assert.That(failure.TimedOut, Is.False);
        Assert.That(failure.Message, Does.Contain("GatedCollector, FakeCollector"));
    }

    [Test]
    public async Task A_collector_that_obeys_its_token_runs_again_at_the_next_scrape()
    {
        var collector = new GatedCollector("x");
        await using var host = new MetricsHost(builder => builder.AddCollector(collector));
        var scrape = host.ScrapeAsync();
        await collector.NextRunAsync();
        host.Time.Advance(TimeSpan.FromSeconds(30));
        await MetricsHost.FailureAsync(scrape);
        await host.Log.WaitForAsync(entry => entry.Event.Id == 3);

        var next = host.ScrapeAsync();
        (await collector.NextRunAsync()).Return(8);

        Assert.That((await next).Value("x"), Is.EqualTo(8));
        Assert.That(host.Log.Of(LogLevel.Error).Count(), Is.EqualTo(1));
    }

    private static async Task RequireDeadlineAsync(
        MetricsHost host, GatedCollector collector, Task<MetricsSnapshot> scrape, TimeSpan deadline)
    {
        var run = await collector.NextRunAsync();
        host.Time.Advance(deadline - Tick);
        Assert.That((scrape.IsCompleted, run.Token.IsCancellationRequested), Is.EqualTo((false, false)));
        host.Time.Advance(Tick);

        var failure = await MetricsHost.FailureAsync(scrape);
        await run.Cancelled;
        Assert.That(failure.TimedOut, Is.True);
        Assert.That(failure.FailedCollectors, Is.EqualTo(new[] { "GatedCollector" }));
        Assert.That(failure.Message, Does.Contain("in time").And.Contain("GatedCollector"));
        var entry = host.Log.Of(LogLevel.Error).Single();
        Assert.That(entry.Message, Does.Contain("GatedCollector").And.Contain($"after {deadline.TotalSeconds:0} s"));
    }
}
