using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orchestrator.Metrics.Tests.Collection;
using static Orchestrator.Metrics.Tests.Hosting.RefreshHost;

namespace Orchestrator.Metrics.Tests.Hosting;

public class RefreshTests
{
    [Test]
    public async Task Scrapes_get_the_last_result_regardless_of_their_frequency()
    {
        var collector = new GatedCollector("x");
        await using var host = CreateHost(collector);
        var first = await collector.WaitForRunAsync();
        var scrape = host.ScrapeAsync();
        first.Return(1);
        Assert.That((await scrape).GetValue("x"), Is.EqualTo(1), "The first scrape waits for the first run.");

        for (var i = 0; i < 5; i++)
            Assert.That((await host.ScrapeAsync()).GetValue("x"), Is.EqualTo(1));
        Assert.That(collector.Runs, Is.EqualTo(1));

        await AdvanceWhenIdleAsync(host, LongestInterval);
        var second = await collector.WaitForRunAsync();
        Assert.That((await host.ScrapeAsync()).GetValue("x"), Is.EqualTo(1), "A refresh does not delay scrapes.");
        second.Return(2);
        await WaitUntilAsync(host, 2);
        Assert.That(collector.Runs, Is.EqualTo(2));
        Assert.That(collector.MostRunning, Is.EqualTo(1));
    }

    [Test]
    public async Task Recovery_is_logged_without_a_scrape()
    {
        var collector = new GatedCollector("x");
        await using var host = CreateHost(collector);
        (await collector.WaitForRunAsync()).Fail(new InvalidOperationException("down"));
        await host.Log.WaitForAsync(entry => entry.Event.Id == 1);
        collector.ReturnAll();

        // The first success may come less than a minute after the failure, too early for a recovery.
        await AdvanceWhenIdleAsync(host, LongestInterval);
        await AdvanceWhenIdleAsync(host, LongestInterval);

        Assert.That((await host.Log.WaitForAsync(entry => entry.Event.Id == 15)).Message, Does.Contain("has recovered"));
    }

    [Test]
    public async Task Scrape_after_a_failed_refresh_serves_the_last_result_and_reports_the_failure()
    {
        var collector = new GatedCollector("x");
        await using var host = CreateHost(collector, configure: options => options.ScrapeMetrics = true);
        (await collector.WaitForRunAsync()).Return(1);
        await WaitUntilAsync(host, 1);
        await AdvanceWhenIdleAsync(host, LongestInterval);
        (await collector.WaitForRunAsync()).Fail(new InvalidOperationException("down"));
        await host.Log.WaitForAsync(entry => entry.Message.Contains("failed", StringComparison.Ordinal));

        var snapshot = await host.ScrapeAsync();

        Assert.That(snapshot.GetValue("x"), Is.EqualTo(1));
        Assert.That(snapshot.ToString(), Does.Contain(
            "wfo_scrape_collector_success{collector=\"GatedCollector\"} 0.0\n").And.Contain(
            "wfo_scrape_collector_data_age_seconds{collector=\"GatedCollector\"} 64.0\n"));

        await AdvanceWhenIdleAsync(host, LongestInterval);
        (await collector.WaitForRunAsync()).Return(3);
        await WaitUntilAsync(host, 3);
        Assert.That((await host.ScrapeAsync()).ToString(), Does.Contain(
            "wfo_scrape_collector_success{collector=\"GatedCollector\"} 1.0\n"));
    }

    [Test]
    public async Task Result_beyond_its_maximum_age_fails_the_scrape_without_a_run()
    {
        var collector = new GatedCollector("x", ignoresToken: true);
        await using var host = CreateHost(
            collector, options => (options.ServeStaleFor, options.MaxRefreshShare) = (2 * Interval, 1));
        (await collector.WaitForRunAsync()).Return(1);
        await WaitUntilAsync(host, 1);
        await AdvanceWhenIdleAsync(host, LongestInterval);
        var hanging = await collector.WaitForRunAsync();
        host.Time.Advance(LongestInterval);

        var failure = await host.ScrapeAndCatchAsync();

        Assert.That(
            failure.InnerException!.Message,
            Is.EqualTo("The last result of collector 'GatedCollector' is older than 120 s."));
        Assert.That(collector.Runs, Is.EqualTo(2));

        // The next run is already due.
        hanging.Return(2);
        (await collector.WaitForRunAsync()).Return(3);
        await WaitUntilAsync(host, 3);
    }

    [Test]
    public async Task Scrapes_without_a_result_are_logged_once_per_cause_but_not_counted()
    {
        var collector = new GatedCollector("x", ignoresToken: true);
        await using var host = CreateHost(
            collector,
            options => (options.ServeStaleFor, options.MaxRefreshShare, options.WaitForFirstResult) =
                (TimeSpan.FromHours(2), 1, false),
            options => options.ScrapeMetrics = true);
        var first = await collector.WaitForRunAsync();
        for (var i = 0; i < 2; i++)
            await host.ScrapeAndCatchAsync();
        first.Return(1);
        await WaitUntilAsync(host, 1);
        await AdvanceWhenIdleAsync(host, TimeSpan.FromHours(2) + TimeSpan.FromTicks(1));
        for (var i = 0; i < 2; i++)
            await host.ScrapeAndCatchAsync();
        collector.ReturnAll(2);
        await WaitUntilAsync(host, 2);

        Assert.That(
            host.Log.Entries.Select(entry => (entry.Level, entry.Message, entry.Exception?.Message)),
            Is.EqualTo(new (LogLevel, string, string?)[]
            {
                (LogLevel.Information, "Collector GatedCollector has no result for a scrape yet, because its first " +
                    "background refresh has not finished.", null),
                (LogLevel.Error, "Collector GatedCollector failed.",
                    "The last result of collector 'GatedCollector' is older than 7200 s."),
            }));
        Assert.That((await host.ScrapeAsync()).GetValues("wfo_scrape_collector_failures"), Is.EqualTo(new double[4]));
    }

    [Test]
    public async Task Scrapes_start_no_runs_before_the_first_success()
    {
        var collector = new GatedCollector("x");
        await using var host = CreateHost(collector);
        (await collector.WaitForRunAsync()).Fail(new InvalidOperationException("down"));
        await host.Log.WaitForAsync(entry => entry.Message.Contains("failed", StringComparison.Ordinal));

        for (var i = 0; i < 3; i++)
            Assert.That((await host.ScrapeAndCatchAsync()).InnerException!.Message, Is.EqualTo("down"));

        Assert.That(collector.Runs, Is.EqualTo(1));
        await AdvanceWhenIdleAsync(host, LongestInterval);
        (await collector.WaitForRunAsync()).Return(2);
        await WaitUntilAsync(host, 2);
    }

    [Test]
    public async Task Requests_by_name_filter_the_last_result()
    {
        IReadOnlyCollection<string>? requested = ["not read"];
        await using var host = new MetricsHost(builder => builder.AddCollector(
            services =>
            {
                requested = services.GetRequiredService<CollectorContext>().GetRequestedNames();
                return new FakeCollector(_ => Task.FromResult<IReadOnlyList<MetricFamily>>(
                    [.. FakeCollector.CreateGauge("x", 1), .. FakeCollector.CreateGauge("y", 2)]));
            },
            options => options.RefreshEvery = Interval));
        await WaitUntilAsync(host, 1);

        var snapshot = await host.Registry.CollectAsync(new() { Names = ["y"] }).Soon();

        Assert.That(snapshot.Families.Select(family => family.Name), Is.EqualTo(new[] { "y" }));
        Assert.That(requested, Is.Null);
    }

    [Test]
    public async Task Scrapes_do_not_wait_for_the_first_result_if_configured()
    {
        var collector = new GatedCollector("x");
        await using var host = CreateHost(collector, options => options.WaitForFirstResult = false);
        var first = await collector.WaitForRunAsync();

        var failure = await host.ScrapeAndCatchAsync();

        Assert.That(failure.InnerException!.Message, Is.EqualTo(
            "Collector 'GatedCollector' has no result yet, because its first background refresh has not finished."));
        first.Fail(new InvalidOperationException("down"));
        await host.Log.WaitForAsync(entry => entry.Exception?.Message == "down");
        await AdvanceWhenIdleAsync(host, LongestInterval);
        var second = await collector.WaitForRunAsync();
        Assert.That((await host.ScrapeAndCatchAsync()).InnerException!.Message, Is.EqualTo("down"));

        second.Return(2);
        await WaitUntilAsync(host, 2);
        Assert.That(collector.Runs, Is.EqualTo(2));
    }
}
