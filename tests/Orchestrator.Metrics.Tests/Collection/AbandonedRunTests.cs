using Microsoft.Extensions.Logging;

namespace Orchestrator.Metrics.Tests.Collection;

/// <summary>
/// A run that ignores its token is abandoned at the deadline, counted, and not started a second time while it runs.
/// </summary>
public class AbandonedRunTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Test]
    public async Task Abandoned_collector_is_not_restarted_while_it_runs_and_does_not_delay_scrapes()
    {
        var stuck = new GatedCollector("stuck", ignoresToken: true);
        await using var host = Host(stuck);
        var run = await AbandonAsync(host, stuck);

        for (var scrape = 0; scrape < 5; scrape++)
        {
            // The clock stands still, so a scrape that waits for a timeout would hang here.
            Assert.That((await host.ScrapeAsync()).Value("fine"), Is.EqualTo(2 + scrape));
        }

        Assert.That(stuck.Runs, Is.EqualTo(1));
        run.Return();
    }

    [Test]
    public async Task Abandoned_collector_is_restarted_after_its_run_ended()
    {
        var stuck = new GatedCollector("stuck", ignoresToken: true);
        await using var host = Host(stuck);
        var run = await AbandonAsync(host, stuck);
        run.Return(1);
        await host.Log.WaitForAsync(entry => entry.Event.Id == 3);

        var scrape = host.ScrapeAsync();
        (await stuck.NextRunAsync()).Return(2);

        Assert.That((await scrape).Value("stuck"), Is.EqualTo(2));
        Assert.That(stuck.MostRunning, Is.EqualTo(1));
    }

    [Test]
    public async Task Abandoned_run_is_counted_once()
    {
        var stuck = new GatedCollector("stuck", ignoresToken: true);
        await using var host = Host(stuck);
        var run = await AbandonAsync(host, stuck);

        await host.ScrapeAsync();
        Assert.That(Abandoned(await host.ScrapeAsync()), Is.EqualTo(1));
        run.Return();
        await host.Log.WaitForAsync(entry => entry.Event.Id == 3);

        var second = await AbandonAsync(host, stuck);
        Assert.That(Abandoned(await host.ScrapeAsync()), Is.EqualTo(2));
        second.Return();
    }

    [Test]
    public async Task Abandoned_run_is_counted_once_for_many_callers()
    {
        var stuck = new GatedCollector("stuck", ignoresToken: true);
        await using var host = Host(stuck);
        var scrapes = Enumerable.Range(0, 50).Select(_ => host.ScrapeAsync()).ToArray();
        var run = await stuck.NextRunAsync();
        host.Time.Advance(Deadline);
        await Task.WhenAll(scrapes);
        host.Time.Advance(CollectorRun.AbandonAfter);

        Assert.That(Abandoned(await host.ScrapeAsync()), Is.EqualTo(1));
        Assert.That(host.Log.GetEntries(LogLevel.Error).Count(), Is.EqualTo(1));
        run.Return();
    }

    [Test]
    public async Task Abandoned_run_is_logged_once_each_at_its_timeout_when_it_blocks_a_scrape_and_when_it_ends()
    {
        var stuck = new GatedCollector("stuck", ignoresToken: true);
        await using var host = Host(stuck);
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
        await using var host = Host(stuck);
        var run = await AbandonAsync(host, stuck);
        await host.ScrapeAsync();
        host.Time.Advance(TimeSpan.FromMinutes(1));
        var snapshot = await host.ScrapeAsync();

        Assert.That(
            snapshot.Lines("wfo_scrape_collector_failures_total{collector=\"GatedCollector\",reason=\"timeout\"}"),
            Has.One.EndsWith(" 3.0"));
        Assert.That(host.Log.Entries[^1].Message, Does.StartWith(
            "Collector GatedCollector is still failing: 3 failures in 60.25 s. The last one: timeout."));
        run.Return();
    }

    [Test]
    public async Task Result_of_an_abandoned_run_is_discarded()
    {
        var stuck = new GatedCollector("stuck", ignoresToken: true);
        await using var host = Host(stuck, options => options.CacheFor = TimeSpan.FromHours(1));
        var run = await AbandonAsync(host, stuck);
        run.Return(1);
        await host.Log.WaitForAsync(entry => entry.Event.Id == 3);

        var scrape = host.ScrapeAsync();
        (await stuck.NextRunAsync()).Return(2);

        Assert.That((await scrape).Value("stuck"), Is.EqualTo(2));
    }

    [Test]
    public async Task Run_without_callers_is_logged_and_counted_at_its_deadline_and_delays_one_scrape_only()
    {
        // Prometheus disconnects first, as it does without a timeout header; then the collector is stuck.
        var stuck = new GatedCollector("stuck", ignoresToken: true);
        await using var host = Host(stuck);
        var run = await host.DisconnectAsync(stuck);

        var waits = host.ScrapeAsync();
        host.Time.Advance(Deadline);
        await waits;
        host.Time.Advance(CollectorRun.AbandonAfter);
        var snapshot = await host.ScrapeAsync();

        // The run is logged and counted, and later scrapes return at once.
        Assert.That(host.Log.GetEntries(LogLevel.Error).Select(entry => entry.Message), Has.One.Contains("GatedCollector"));
        Assert.That(Abandoned(snapshot), Is.EqualTo(1));
        await host.ScrapeAsync();
        Assert.That(stuck.Runs, Is.EqualTo(1));
        run.Return();
    }

    [Test]
    public async Task Run_without_callers_that_no_scrape_joins_again_releases_its_slot_at_its_deadline()
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

        Assert.That((await others).Value("fine"), Is.EqualTo(1));
        run.Return();
    }

    [Test]
    public async Task Run_that_obeys_its_token_with_a_delay_is_awaited_and_restarted()
    {
        var slow = new GatedCollector("stuck", ignoresToken: true);
        await using var host = Host(slow);
        var scrape = host.ScrapeAsync();
        var run = await slow.NextRunAsync();
        host.Time.Advance(Deadline);
        await scrape;

        var next = host.ScrapeAsync();
        run.Return(1);
        (await slow.NextRunAsync()).Return(2);

        Assert.That((await next).Value("stuck"), Is.EqualTo(2));
    }

    private static async Task<GatedRun> AbandonAsync(MetricsHost host, GatedCollector stuck)
    {
        var scrape = host.ScrapeAsync();
        var run = await stuck.NextRunAsync();
        host.Time.Advance(Deadline);
        await scrape;

        // A run that obeys its token would have ended by now.
        host.Time.Advance(CollectorRun.AbandonAfter);
        return run;
    }

    private static double Abandoned(MetricsSnapshot snapshot)
    {
        var line = snapshot.Lines("wfo_scrape_collector_abandoned_runs_total{collector=\"GatedCollector\"}").Single();
        return double.Parse(line[(line.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture);
    }

    private static MetricsHost Host(GatedCollector stuck, Action<CollectorOptions>? configure = null) => new(

        // The other collector has a long timeout, so that advancing the clock does not end it.
        builder => builder.AddCollector(stuck, configure).AddCollector(
            FakeCollector.Counting("fine"), options => options.Timeout = TimeSpan.FromDays(1)),
        options => options.FailurePolicy = FailurePolicy.ReportAndContinue);
}
