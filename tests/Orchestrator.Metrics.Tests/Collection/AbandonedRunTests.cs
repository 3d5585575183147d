using Microsoft.Extensions.Logging;

namespace Orchestrator.Metrics.Tests.Collection;

public class AbandonedRunTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Test]
    public async Task Collector_with_an_abandoned_run_is_not_restarted_and_does_not_delay_scrapes()
    {
        var stuck = new GatedCollector("stuck", ignoresToken: true);
        await using var host = CreateHost(stuck);
        var run = await AbandonAsync(host, stuck);

        for (var scrape = 0; scrape < 5; scrape++)
        {
            // The clock stands still, so a scrape that waits for a timeout would hang here.
            Assert.That((await host.ScrapeAsync()).GetValue("fine"), Is.EqualTo(2 + scrape));
        }

        Assert.That(stuck.Runs, Is.EqualTo(1));
        run.Return();
    }

    [Test]
    public async Task Collector_is_restarted_once_its_abandoned_run_has_ended()
    {
        var stuck = new GatedCollector("stuck", ignoresToken: true);
        await using var host = CreateHost(stuck);
        var run = await AbandonAsync(host, stuck);
        run.Return(1);
        await host.Log.WaitForAsync(entry => entry.Event.Id == 3);

        var scrape = host.ScrapeAsync();
        (await stuck.WaitForRunAsync()).Return(2);

        Assert.That((await scrape).GetValue("stuck"), Is.EqualTo(2));
        Assert.That(stuck.MostRunning, Is.EqualTo(1));
    }

    [Test]
    public async Task Abandoned_run_is_counted_once()
    {
        var stuck = new GatedCollector("stuck", ignoresToken: true);
        await using var host = CreateHost(stuck);
        var run = await AbandonAsync(host, stuck);

        await host.ScrapeAsync();
        Assert.That(GetAbandonedRuns(await host.ScrapeAsync()), Is.EqualTo(1));
        run.Return();
        await host.Log.WaitForAsync(entry => entry.Event.Id == 3);

        var second = await AbandonAsync(host, stuck);
        Assert.That(GetAbandonedRuns(await host.ScrapeAsync()), Is.EqualTo(2));
        second.Return();
    }

    [Test]
    public async Task Abandoned_run_is_counted_once_for_many_callers()
    {
        var stuck = new GatedCollector("stuck", ignoresToken: true);
        await using var host = CreateHost(stuck);
        var scrapes = Enumerable.Range(0, 50).Select(_ => host.ScrapeAsync()).ToArray();
        var run = await stuck.WaitForRunAsync();
        host.Time.Advance(Deadline);
        await Task.WhenAll(scrapes);
        host.Time.Advance(CollectorRun.AbandonAfter);

        Assert.That(GetAbandonedRuns(await host.ScrapeAsync()), Is.EqualTo(1));
        Assert.That(host.Log.GetEntries(LogLevel.Error).Count(), Is.EqualTo(1));
        run.Return();
    }

    [Test]
    public async Task Timeout_abandonment_and_late_end_of_a_run_are_each_logged_once()
    {
        var stuck = new GatedCollector("stuck", ignoresToken: true);
        await using var host = CreateHost(stuck);
        var run = await AbandonAsync(host, stuck);
        await host.ScrapeAsync();
        await host.ScrapeAsync();

        Assert.That(host.Log.Entries.Select(entry => (entry.Level, entry.Event.Id)), Is.EqualTo(new[]
        {
            (LogLevel.Error, 2), (LogLevel.Warning, 6),
        }));
        Assert.That(
            host.Log.Entries.Select(entry => entry.Message), Has.All.Contains("GatedCollector").And.All.Contains("30"));
        host.Time.Advance(TimeSpan.FromSeconds(70));
        run.Return();
        var ended = await host.Log.WaitForAsync(entry => entry.Event.Id == 3);

        Assert.That(ended.Message, Does.Contain("GatedCollector").And.Contain("100"));
        Assert.That(host.Log.Entries, Has.Count.EqualTo(3));
    }

    [Test]
    public async Task Scrapes_that_fail_because_an_abandoned_run_has_not_returned_are_counted_and_logged_as_reminders()
    {
        var stuck = new GatedCollector("stuck", ignoresToken: true);
        await using var host = CreateHost(stuck);
        var run = await AbandonAsync(host, stuck);
        await host.ScrapeAsync();
        host.Time.Advance(TimeSpan.FromMinutes(1));
        var snapshot = await host.ScrapeAsync();

        Assert.That(
            snapshot.GetLines("wfo_scrape_collector_failures_total{collector=\"GatedCollector\",reason=\"timeout\"}"),
            Has.One.EndsWith(" 3.0"));
        Assert.That(host.Log.Entries[^1].Message, Does.StartWith(
            "Collector GatedCollector is still failing: 3 failures in 60.25 s. The last one: timeout."));
        run.Return();
    }

    [Test]
    public async Task Result_of_an_abandoned_run_is_discarded()
    {
        var stuck = new GatedCollector("stuck", ignoresToken: true);
        await using var host = CreateHost(stuck, options => options.CacheFor = TimeSpan.FromHours(1));
        var run = await AbandonAsync(host, stuck);
        run.Return(1);
        await host.Log.WaitForAsync(entry => entry.Event.Id == 3);

        var scrape = host.ScrapeAsync();
        (await stuck.WaitForRunAsync()).Return(2);

        Assert.That((await scrape).GetValue("stuck"), Is.EqualTo(2));
    }

    [Test]
    public async Task Run_without_callers_is_logged_and_abandoned_and_delays_only_one_scrape()
    {
        // Without a timeout header, Prometheus disconnects before the collector times out.
        var stuck = new GatedCollector("stuck", ignoresToken: true);
        await using var host = CreateHost(stuck);
        var run = await host.DisconnectAsync(stuck);

        var waiting = host.ScrapeAsync();
        host.Time.Advance(Deadline);
        await waiting;
        host.Time.Advance(CollectorRun.AbandonAfter);

        // The clock stands still, so a scrape that waits for a timeout would hang here.
        var snapshot = await host.ScrapeAsync();

        Assert.That(host.Log.GetEntries(LogLevel.Error).Select(entry => entry.Message), Has.One.Contains("GatedCollector"));
        Assert.That(GetAbandonedRuns(snapshot), Is.EqualTo(1));
        await host.ScrapeAsync();
        Assert.That(stuck.Runs, Is.EqualTo(1));
        run.Return();
    }

    [Test]
    public async Task Run_without_callers_is_abandoned_and_releases_its_slot_even_if_no_scrape_waits_for_it()
    {
        var stuck = new GatedCollector("stuck", ignoresToken: true);
        await using var host = new MetricsHost(
            builder => builder.AddCollector(stuck, options => options.FamilyNames = ["stuck"]).AddCollector(
                FakeCollector.Counting("fine"),
                options => (options.Timeout, options.FamilyNames) = (TimeSpan.FromDays(1), ["fine"])),
            options => options.MaxConcurrentCollectors = 1);
        var run = await host.DisconnectAsync(stuck, "stuck");

        var others = host.Registry.CollectAsync(new() { Names = ["fine"] }).Soon();
        host.Time.Advance(Deadline);
        host.Time.Advance(CollectorRun.AbandonAfter);

        Assert.That((await others).GetValue("fine"), Is.EqualTo(1));
        run.Return();
    }

    [Test]
    public async Task Scrape_waits_for_a_timed_out_run_that_ends_in_the_grace_period_and_starts_a_new_run()
    {
        var slow = new GatedCollector("stuck", ignoresToken: true);
        await using var host = CreateHost(slow);
        var scrape = host.ScrapeAsync();
        var run = await slow.WaitForRunAsync();
        host.Time.Advance(Deadline);
        await scrape;

        var next = host.ScrapeAsync();
        run.Return(1);
        (await slow.WaitForRunAsync()).Return(2);

        Assert.That((await next).GetValue("stuck"), Is.EqualTo(2));
    }

    private static async Task<GatedRun> AbandonAsync(MetricsHost host, GatedCollector stuck)
    {
        var scrape = host.ScrapeAsync();
        var run = await stuck.WaitForRunAsync();
        host.Time.Advance(Deadline);
        await scrape;

        // A run that obeys its token would have ended by now.
        host.Time.Advance(CollectorRun.AbandonAfter);
        return run;
    }

    private static double GetAbandonedRuns(MetricsSnapshot snapshot)
    {
        var line = snapshot
            .GetLines("wfo_scrape_collector_abandoned_runs_total{collector=\"GatedCollector\"}").Single();
        return double.Parse(line[(line.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture);
    }

    private static MetricsHost CreateHost(GatedCollector stuck, Action<CollectorOptions>? configure = null) => new(

        // The other collector has a long timeout, so it does not time out when the clock advances.
        builder => builder.AddCollector(stuck, configure).AddCollector(
            FakeCollector.Counting("fine"), options => options.Timeout = TimeSpan.FromDays(1)),
        options => options.FailurePolicy = FailurePolicy.ReportAndContinue);
}
