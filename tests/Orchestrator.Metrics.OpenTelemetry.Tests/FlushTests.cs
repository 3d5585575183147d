using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using Orchestrator.Metrics.OpenTelemetry;
using static Orchestrator.Metrics.Tests.MeterHost;

namespace Orchestrator.Metrics.Tests;

public class FlushTests
{
    [Test]
    public async Task ForceFlush_during_scrapes_is_not_a_failure()
    {
        await using var host = await StartHostAsync();
        host.CreateMeter().CreateCounter<int>("hits").Add(1);
        var provider = host.Services.GetRequiredService<MeterProvider>();
        var exporter = host.Services.GetRequiredService<MeterExporter>();
        using var stop = new CancellationTokenSource();
        var flushing = Task.Factory.StartNew(
            () =>
            {
                // Returns false, because the reader only supports pull, or true if the flush joins a scrape.
                while (!stop.IsCancellationRequested)
                    provider.ForceFlush();
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

        for (var i = 0; i < 50; i++)
            Assert.That(exporter.CollectFamilies(timeout: null), Has.Count.EqualTo(1));
        await stop.CancelAsync();
        await flushing.Soon();
    }

    [Test]
    public async Task Incomplete_export_of_a_flush_is_not_the_result_of_a_scrape_that_times_out()
    {
        await using var host = await StartHostAsync();
        var provider = host.Services.GetRequiredService<MeterProvider>();
        var exporter = host.Services.GetRequiredService<MeterExporter>();
        using var isFlushing = new ManualResetEventSlim();
        using var gate = new ManualResetEventSlim();
        ExecutionContext? context = null;
        var calls = 0;
        var meter = host.CreateMeter();
        meter.CreateCounter<int>("hits").Add(1);
        meter.CreateObservableGauge("broken", () =>
        {
            switch (++calls)
            {
                case 1:
                    // A background task that a callback starts keeps the context in which the SDK exports a flush.
                    context = ExecutionContext.Capture();
                    return 5;
                case 2:
                    isFlushing.Set();
                    gate.BlockUntilSet();
                    throw new InvalidOperationException("broken");
                default:
                    SpinWait.SpinUntil(() => false, TimeSpan.FromMilliseconds(200));
                    return 5;
            }
        });
        exporter.CollectFamilies(timeout: null);
        var flush = new Thread(() => ExecutionContext.Run(context!, _ => provider.ForceFlush(), null));
        Exception? error = null;
        var scrape = new Thread(() =>
        {
            try
            {
                exporter.CollectFamilies(TimeSpan.FromMilliseconds(100));
            }
            catch (Exception exception)
            {
                error = exception;
            }
        });

        flush.Start();
        isFlushing.BlockUntilSet();
        scrape.Start();
        Assert.That(() => scrape.ThreadState & ThreadState.WaitSleepJoin, Is.Not.Zero.After(30_000, 5));
        gate.Set();
        Assert.That(flush.Join(30_000) && scrape.Join(30_000), Is.True);

        Assert.That(error, Is.TypeOf<TimeoutException>());
        Assert.That(calls, Is.EqualTo(3));
    }
}
