using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orchestrator.Metrics.Tests.Collection;

namespace Orchestrator.Metrics.Tests.Meters;

public class MeterPublisherTests
{
    [Test]
    public async Task Publisher_collects_at_the_start_and_after_each_interval_and_reading_runs_no_collector()
    {
        var collector = FakeCollector.Counting("x");
        await using var host = await MeterHost.StartAsync(
            builder => builder.AddCollector(collector), interval: TimeSpan.FromSeconds(10));

        for (var run = 1; run <= 5; run++)
        {
            await host.ReadUntilAsync("x", run);
            for (var i = 0; i < 100; i++)
                Assert.That(host.Meter.Read().Single().Value, Is.EqualTo(run));
            host.Metrics.Time.Advance(TimeSpan.FromSeconds(9.9));
            Assert.That(collector.Runs, Is.EqualTo(run));
            host.Metrics.Time.Advance(TimeSpan.FromSeconds(0.1));
        }
    }

    [Test]
    public async Task First_collection_waits_for_the_first_background_refresh()
    {
        var collector = new GatedCollector("x");
        await using var host = await MeterHost.StartAsync(builder => builder.AddCollector(collector, options =>
            (options.RefreshEvery, options.WaitForFirstResult) = (TimeSpan.FromHours(1), false)));

        (await collector.WaitForRunAsync()).Return(1);

        await host.ReadUntilAsync("x", 1);
        Assert.That(host.Metrics.Log.Entries, Is.Empty);
    }

    [Test]
    public async Task Scrape_does_not_affect_published_values()
    {
        await using var host = await MeterHost.StartAsync(FakeCollector.Counting("x"));
        await host.ReadUntilAsync("x", 1);

        Assert.That((await host.Metrics.ScrapeAsync()).GetValue("x"), Is.EqualTo(2));

        Assert.That(host.Meter.Read().Single().Value, Is.EqualTo(1));
    }

    [Test]
    public async Task Concurrent_scrape_shares_the_run()
    {
        var collector = new GatedCollector("x");
        await using var host = await MeterHost.StartAsync(collector);
        var run = await collector.WaitForRunAsync();

        var scrape = host.Metrics.ScrapeAsync();
        run.Return(7);

        Assert.That((await scrape).GetValue("x"), Is.EqualTo(7));
        await host.ReadUntilAsync("x", 7);
        Assert.That(collector.Runs, Is.EqualTo(1));
    }

    [Test]
    public async Task Snapshot_older_than_two_intervals_is_not_reported()
    {
        await using var host = await MeterHost.StartAsync(FakeCollector.Counting("x"));
        await host.ReadUntilAsync("x", 1);

        // OpenTelemetry exports once more after the publisher has stopped, when no collection runs.
        await host.StopAsync();
        host.Metrics.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.That(host.Meter.Read().Single().Value, Is.EqualTo(1));
        host.Metrics.Time.Advance(TimeSpan.FromTicks(1));

        Assert.That(host.Meter.Read(), Is.Empty);
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Stopping_during_a_collection_cancels_the_collector_and_is_not_a_failure(bool ignoresToken)
    {
        var collector = new GatedCollector("x", ignoresToken);
        await using var host = await MeterHost.StartAsync(collector);
        var run = await collector.WaitForRunAsync();

        await host.StopAsync();

        await run.Cancelled;
        run.Return();
        Assert.That(host.Metrics.Log.Entries.Where(entry => entry.Level > LogLevel.Debug), Is.Empty);
        Assert.That(host.Meter.Read(), Is.Empty);
    }

    [Test]
    public async Task Meter_is_disposed_with_the_host()
    {
        var collector = FakeCollector.Counting("x");
        var host = await MeterHost.StartAsync(collector);
        await host.ReadUntilAsync("x", 1);

        await host.Metrics.DisposeAsync();

        Assert.That(host.Meter.Completed, Is.EqualTo(host.Meter.Instruments).And.Not.Empty);
        Assert.That(host.Meter.Read(), Is.Empty);
        host.AdvanceInterval();
        await host.StopAsync();
        Assert.That(collector.Runs, Is.EqualTo(1));
        host.Meter.Dispose();
    }

    [Test]
    public async Task Meter_is_created_by_the_factory_of_the_host()
    {
        using var factory = new MeterFactory();
        await using var host = await MeterHost.StartAsync(builder =>
        {
            builder.Services.AddSingleton<IMeterFactory>(factory);
            builder.AddCollector(FakeCollector.Counting("x"));
        });

        await host.ReadUntilAsync("x", 1);

        Assert.That(host.Meter.Instruments.Single().Meter.Scope, Is.SameAs(factory));
    }

    private sealed class MeterFactory : IMeterFactory
    {
        private readonly List<Meter> _meters = [];

        public Meter Create(MeterOptions options)
        {
            options.Scope = this;
            _meters.Add(new Meter(options));
            return _meters[^1];
        }

        public void Dispose() => _meters.ForEach(meter => meter.Dispose());
    }
}
