using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestrator.Metrics.Tests.Collection;

namespace Orchestrator.Metrics.Tests.Meters;

/// <summary>The schedule of the hosted service, and its measurements after failures.</summary>
public class MeterPublisherTests
{
    [Test]
    public async Task Publisher_runs_only_if_it_is_added()
    {
        await using var host = new MetricsHost(builder => builder.AddCollector(FakeCollector.Counting("x")));

        Assert.That(host.Services.GetServices<IHostedService>().OfType<MeterPublisher>(), Is.Empty);
    }

    [Test]
    public async Task Adding_the_publisher_twice_publishes_once()
    {
        var collector = FakeCollector.Counting("x");
        await using var host = await MeterHost.StartAsync(
            builder => builder.AddCollector(collector).PublishToMeter().PublishToMeter());

        await host.ReadUntilAsync("x", 1);

        Assert.That(host.Meter.Instruments, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Last_interval_applies_if_the_publisher_is_added_twice()
    {
        var collector = FakeCollector.Counting("x");
        await using var host = await MeterHost.StartAsync(
            builder => builder.AddCollector(collector).PublishToMeter(TimeSpan.FromSeconds(10)));
        await host.ReadUntilAsync("x", 1);

        host.Metrics.Time.Advance(TimeSpan.FromSeconds(10));

        await host.ReadUntilAsync("x", 2);
    }

    [Test]
    public async Task Collector_that_is_excluded_is_neither_run_nor_published()
    {
        var published = FakeCollector.Counting("x");
        var excluded = FakeCollector.Counting("y");
        await using var host = await MeterHost.StartAsync(builder => builder
            .AddCollector(excluded, options => (options.Name, options.PublishToMeter) = ("Excluded", false))
            .AddCollector(published));

        await host.ReadUntilAsync("x", 1);

        Assert.That(excluded.Runs, Is.Zero);
        Assert.That(host.Meter.Instruments, Has.Count.EqualTo(1));
    }

    [TestCase("true")]
    [TestCase("false")]
    public async Task Configuration_overrides_whether_a_collector_is_published(string publish)
    {
        var collector = FakeCollector.Counting("x");
        await using var host = await MeterHost.StartAsync(builder =>
        {
            builder.Services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(
                [new("OrchestratorMetrics:Collectors:Switched:PublishToMeter", publish)]).Build());
            builder.AddCollector(collector, options => (options.Name, options.PublishToMeter) = ("Switched", publish == "false"))
                .AddCollector(FakeCollector.Counting("other"), options => options.Name = "Other");
        });

        await host.ReadUntilAsync("other", 1);

        Assert.That(collector.Runs, Is.EqualTo(publish == "true" ? 1 : 0));
    }

    [TestCase(0.999)]
    [TestCase(86_401)]
    [TestCase(-0.001)]
    public void Interval_out_of_range_is_rejected(double seconds) =>
        Assert.That(
            () => new ServiceCollection().AddOrchestratorMetrics().PublishToMeter(TimeSpan.FromSeconds(seconds)),
            Throws.InstanceOf<ArgumentOutOfRangeException>());

    [TestCase(1)]
    [TestCase(86_400)]
    public void Limits_of_the_interval_are_valid(double seconds) =>
        Assert.That(
            () => new ServiceCollection().AddOrchestratorMetrics().PublishToMeter(TimeSpan.FromSeconds(seconds)),
            Throws.Nothing);

    [TestCase("true")]
    [TestCase("false")]
    public async Task Setting_of_the_endpoint_does_not_affect_the_publisher(string setting)
    {
        await using var host = await MeterHost.StartAsync(builder => builder.AddCollector(FakeCollector.Counting("x"))
            .Services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(
                [new("ENABLE_PROMETHEUS_METRICS_ENDPOINT", setting)]).Build()));

        await host.ReadUntilAsync("x", 1);
    }

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
    public async Task Scrape_does_not_affect_published_values()
    {
        await using var host = await MeterHost.StartAsync(FakeCollector.Counting("x"));
        await host.ReadUntilAsync("x", 1);

        Assert.That((await host.Metrics.ScrapeAsync()).Value("x"), Is.EqualTo(2));

        Assert.That(host.Meter.Read().Single().Value, Is.EqualTo(1));
    }

    [Test]
    public async Task Concurrent_scrape_shares_the_run()
    {
        var collector = new GatedCollector("x");
        await using var host = await MeterHost.StartAsync(collector);
        var run = await collector.NextRunAsync();

        var scrape = host.Metrics.ScrapeAsync();
        run.Return(7);

        Assert.That((await scrape).Value("x"), Is.EqualTo(7));
        await host.ReadUntilAsync("x", 7);
        Assert.That(collector.Runs, Is.EqualTo(1));
    }

    [Test]
    public async Task Instruments_report_nothing_between_a_failure_and_the_next_success()
    {
        var collector = new GatedCollector("x");
        await using var host = await MeterHost.StartAsync(collector, FakeCollector.Counting("other"));
        (await collector.NextRunAsync()).Return(1);
        await host.ReadUntilAsync("x", 1);

        for (var failures = 1; failures <= 2; failures++)
        {
            host.NextInterval();
            (await collector.NextRunAsync()).Fail(new InvalidOperationException("No database."));
            await host.ReadUntilAsync(samples => samples.Length == 0);
            var count = failures;
            await Waiting.UntilAsync(() => host.Metrics.Log.Entries.Count, entries => entries >= count);
        }

        host.NextInterval();
        (await collector.NextRunAsync()).Return(2);
        Assert.That(await host.ReadUntilAsync("x", 2), Has.Length.EqualTo(2));
        Assert.That(
            host.Metrics.Log.Entries.Select(entry => (entry.Level, entry.Message)),
            Is.EqualTo(new[]
            {
                (LogLevel.Error, "Collector Collector1 failed."),
                (LogLevel.Error, "Collector Collector1 is still failing: 2 failures in 60 s. The last one: " +
                    "System.InvalidOperationException. The first failure of each kind is logged in full."),
                (LogLevel.Information, "Collector Collector1 has recovered: it has worked for a minute. Failures before: 2, in 60 s."),
            }));
    }

    [Test]
    public async Task ReportAndContinue_publishes_the_other_collectors_and_the_failure()
    {
        await using var host = await MeterHost.StartAsync(
            builder => builder
                .AddCollector(FakeCollector.Failing(new InvalidOperationException()), options => options.Name = "bad")
                .AddCollector(FakeCollector.Counting("x"), options => options.Name = "good"),
            options => options.FailurePolicy = FailurePolicy.ReportAndContinue);

        var samples = await host.ReadFirstAsync();

        Assert.That(samples.Single(sample => sample.Name == "x").Value, Is.EqualTo(1));
        Assert.That(
            samples.Where(sample => sample.Name == "wfo_scrape_collector_success")
                .Select(sample => (sample["collector"], sample.Value)),
            Is.EquivalentTo(new[] { ("bad", 0.0), ("good", 1.0) }));
    }

    [Test]
    public async Task ServeStaleFor_bridges_a_failure()
    {
        var collector = new GatedCollector("x");
        await using var host = await MeterHost.StartAsync(
            builder => builder
                .AddCollector(FakeCollector.Counting("run"), options => options.Name = "run")
                .AddCollector(collector, options => options.ServeStaleFor = TimeSpan.FromHours(1)),
            options => options.FailurePolicy = FailurePolicy.ReportAndContinue);
        (await collector.NextRunAsync()).Return(5);
        await host.ReadUntilAsync("run", 1);

        host.NextInterval();
        (await collector.NextRunAsync()).Fail(new InvalidOperationException());
        var samples = await host.ReadUntilAsync("run", 2);

        Assert.That(samples.Single(sample => sample.Name == "x").Value, Is.EqualTo(5));
    }

    [Test]
    public async Task Collector_slower_than_the_interval_continues_and_is_published_by_a_later_collection()
    {
        var collector = new GatedCollector("x");
        await using var host = await MeterHost.StartAsync(
            builder => builder.AddCollector(collector, options => options.Timeout = TimeSpan.FromDays(1)));
        (await collector.NextRunAsync()).Return(1);
        await host.ReadUntilAsync("x", 1);

        host.NextInterval();
        var slow = await collector.NextRunAsync();
        Assert.That(host.Meter.Read().Single().Value, Is.EqualTo(1));
        await TurnUntilAsync(host, () => host.Metrics.Log.Of(LogLevel.Error).Any());

        await host.ReadUntilAsync(samples => samples.Length == 0);
        Assert.That(slow.Token.IsCancellationRequested, Is.False);
        slow.Return(2);
        await TurnUntilAsync(host, () => host.Meter.Read().Any(sample => sample.Value.Equals(2)) || collector.Runs > 2);
        Assert.That(collector.Runs, Is.LessThanOrEqualTo(3));
    }

    [Test]
    public async Task Snapshot_older_than_two_intervals_is_not_reported()
    {
        await using var host = await MeterHost.StartAsync(FakeCollector.Counting("x"));
        await host.ReadUntilAsync("x", 1);

        // The last export happens after the service has stopped, when nothing collects.
        await host.StopAsync();
        host.Metrics.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.That(host.Meter.Read().Single().Value, Is.EqualTo(1));
        host.Metrics.Time.Advance(TimeSpan.FromTicks(1));

        Assert.That(host.Meter.Read(), Is.Empty);
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Stopping_during_a_collection_cancels_the_collector_and_is_no_failure(bool ignoresToken)
    {
        var collector = new GatedCollector("x", ignoresToken);
        await using var host = await MeterHost.StartAsync(collector);
        var run = await collector.NextRunAsync();

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
        host.NextInterval();
        await host.StopAsync();
        Assert.That(collector.Runs, Is.EqualTo(1));
        host.Meter.Dispose();
    }

    [Test]
    public async Task Meter_is_created_by_the_factory_of_the_host()
    {
        using var factory = new Factory();
        await using var host = await MeterHost.StartAsync(builder =>
        {
            builder.Services.AddSingleton<IMeterFactory>(factory);
            builder.AddCollector(FakeCollector.Counting("x"));
        });

        await host.ReadUntilAsync("x", 1);

        Assert.That(host.Meter.Instruments.Single().Meter.Scope, Is.SameAs(factory));
    }

    [Test]
    public async Task Listener_that_throws_is_logged_and_does_not_end_the_service()
    {
        using var hostile = new MeterListener();
        hostile.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Name == "bad")
                throw new InvalidOperationException("A listener.");
        };
        hostile.Start();
        await using var host = await MeterHost.StartAsync(
            FakeCollector.Returning(FakeCollector.Gauge("bad", 7)[0]), FakeCollector.Counting("x"));
        var entry = await host.Metrics.Log.WaitForAsync(entry => entry.Level == LogLevel.Error);

        Assert.That(entry.Message, Does.StartWith("Publishing to the meter failed."));
        Assert.That(entry.Exception!.Message, Is.EqualTo("A listener."));
        Assert.That(host.Meter.Read(), Is.Empty);
        host.NextInterval();
        await host.ReadUntilAsync("x", 2);
    }

    // In steps, because a deadline may be set shortly after the run has started.
    private static Task<bool> TurnUntilAsync(MeterHost host, Func<bool> wanted) => Waiting.UntilAsync(
        () =>
        {
            host.Metrics.Time.Advance(TimeSpan.FromSeconds(10));
            return wanted();
        },
        reached => reached);

    private sealed class Factory : IMeterFactory
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
