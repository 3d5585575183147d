using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Orchestrator.Metrics.Tests.Collection;

namespace Orchestrator.Metrics.Tests.Meters;

public class MeterPublisherFailureTests
{
    [Test]
    public async Task Instruments_report_nothing_between_a_failure_and_the_next_success()
    {
        var collector = new GatedCollector("x");
        await using var host = await MeterHost.StartAsync(collector, FakeCollector.Counting("other"));
        (await collector.WaitForRunAsync()).Return(1);
        await host.ReadUntilAsync("x", 1);

        for (var failures = 1; failures <= 2; failures++)
        {
            var error = new InvalidOperationException("No database.");
            host.AdvanceInterval();
            (await collector.WaitForRunAsync()).Fail(error);
            await Waiting.UntilAsync(
                () => host.Metrics.Registry.GetCollectorStatuses()[0].Error, found => found == error);
            await host.ReadUntilAsync(samples => samples.Length == 0);
        }

        host.AdvanceInterval();
        (await collector.WaitForRunAsync()).Return(2);
        Assert.That(await host.ReadUntilAsync("x", 2), Has.Length.EqualTo(2));
        Assert.That(
            host.Metrics.Log.Entries.Select(entry => (entry.Level, entry.Message)),
            Is.EqualTo(new[]
            {
                (LogLevel.Error, "Collector Collector1 failed."),
                (LogLevel.Error, "Collector Collector1 is still failing: 2 failures in 60 s. The last one: " +
                    "System.InvalidOperationException. The first failure of each kind is logged in full."),
                (LogLevel.Information, "Collector Collector1 has recovered: it has not failed for a minute. " +
                    "Failures before: 2, in 60 s."),
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
    public async Task ServeStaleFor_publishes_the_last_result_after_a_failure()
    {
        var collector = new GatedCollector("x");
        await using var host = await MeterHost.StartAsync(
            builder => builder
                .AddCollector(FakeCollector.Counting("run"), options => options.Name = "run")
                .AddCollector(collector, options => options.ServeStaleFor = TimeSpan.FromHours(1)),
            options => options.FailurePolicy = FailurePolicy.ReportAndContinue);
        (await collector.WaitForRunAsync()).Return(5);
        await host.ReadUntilAsync("run", 1);

        host.AdvanceInterval();
        (await collector.WaitForRunAsync()).Fail(new InvalidOperationException());
        var samples = await host.ReadUntilAsync("run", 2);

        Assert.That(samples.Single(sample => sample.Name == "x").Value, Is.EqualTo(5));
    }

    [Test]
    public async Task Collector_slower_than_the_interval_continues_and_is_published_by_a_later_collection()
    {
        var collector = new GatedCollector("x");
        await using var host = await MeterHost.StartAsync(
            builder => builder.AddCollector(collector, options => options.Timeout = TimeSpan.FromDays(1)));
        (await collector.WaitForRunAsync()).Return(1);
        await host.ReadUntilAsync("x", 1);

        host.AdvanceInterval();
        var slow = await collector.WaitForRunAsync();
        Assert.That(host.Meter.Read().Single().Value, Is.EqualTo(1));
        await AdvanceUntilAsync(host, () => host.Metrics.Log.GetEntries(LogLevel.Error).Any());

        await host.ReadUntilAsync(samples => samples.Length == 0);
        Assert.That(slow.Token.IsCancellationRequested, Is.False);
        slow.Return(2);
        await AdvanceUntilAsync(
            host, () => host.Meter.Read().Any(sample => sample.Value.Equals(2)) || collector.Runs > 2);
        Assert.That(collector.Runs, Is.LessThanOrEqualTo(3));
    }

    [Test]
    public async Task Listener_that_throws_is_logged_and_does_not_stop_the_publisher()
    {
        using var hostile = new MeterListener();
        hostile.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Name == "bad")
                throw new InvalidOperationException("A listener.");
        };
        hostile.Start();
        var runs = 0;
        await using var host = await MeterHost.StartAsync(
            new FakeCollector(_ => Task.FromResult(FakeCollector.CreateGauge(runs++ == 1 ? "bad" : "good"))),
            FakeCollector.Counting("x"));
        await host.ReadUntilAsync("x", 1);
        host.AdvanceInterval();
        var entry = await host.Metrics.Log.WaitForAsync(entry => entry.Level == LogLevel.Error);

        Assert.That(entry.Message, Does.StartWith("Publishing to the meter failed."));
        Assert.That(entry.Exception!.Message, Is.EqualTo("A listener."));
        Assert.That(host.Meter.Read(), Is.Empty);
        host.AdvanceInterval();
        await host.ReadUntilAsync("x", 3);
    }

    // The clock advances in steps, because the timer of a timeout may be set shortly after the run has started.
    private static Task<bool> AdvanceUntilAsync(MeterHost host, Func<bool> wanted) => Waiting.UntilAsync(
        () =>
        {
            host.Metrics.Time.Advance(TimeSpan.FromSeconds(10));
            return wanted();
        },
        reached => reached);
}
