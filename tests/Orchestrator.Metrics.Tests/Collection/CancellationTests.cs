using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.Metrics.Tests.Collection;

public class CancellationTests
{
    [Test]
    public async Task Run_cancelled_while_it_waits_for_a_slot_calls_no_collector()
    {
        var first = new GatedCollector("first");
        var second = new GatedCollector("second");
        var calls = 0;
        await using var host = new MetricsHost(
            builder => builder.AddCollector(first, options => options.Name = "first"),
            options => options.MaxConcurrentCollectors = 1);
        var occupying = host.ScrapeAsync();
        var run = await first.WaitForRunAsync();
        host.Registry.Unregister(first);
        host.Registry.Register(new FakeCollector(token =>
        {
            calls++;
            return second.CollectAsync(token);
        }));

        await host.DisconnectAsync(() => Task.CompletedTask);
        await host.Log.WaitForAsync(entry => entry.Event.Id == 5);
        Assert.That((calls, second.Runs), Is.EqualTo((0, 0)));
        run.Return();
        await occupying;

        await RequireWorkingAsync(host, second);
    }

    [Test]
    public async Task Run_cancelled_in_the_factory_disposes_its_services()
    {
        using var gate = new ManualResetEventSlim();
        var inFactory = new TaskCompletionSource();
        var blocks = true;
        var disposed = new SemaphoreSlim(0);
        CancellationToken? seen = null;
        var collector = new GatedCollector("x");
        await using var host = new MetricsHost(
            builder =>
            {
                builder.Services.AddScoped(_ => new Resource(() => disposed.Release()));
                builder.AddCollector(services =>
                {
                    services.GetRequiredService<Resource>();
                    if (blocks)
                    {
                        inFactory.SetResult();
                        gate.BlockUntilSet();
                    }

                    return new FakeCollector(token =>
                    {
                        seen ??= token;
                        return collector.CollectAsync(token);
                    });
                });
            },
            options => options.MaxConcurrentCollectors = 1);

        await host.DisconnectAsync(() => inFactory.Task.Soon());
        blocks = false;
        gate.Set();
        await disposed.WaitAsync().Soon();
        Assert.That(seen is null || seen.Value.IsCancellationRequested, Is.True);
        await host.Log.WaitForAsync(entry => entry.Event.Id == 5);

        // Skips the cancelled run if it has called the collector, so that RequireWorkingAsync gets the next run.
        if (collector.Runs > 0)
            await collector.WaitForRunAsync();
        await RequireWorkingAsync(host, collector);
    }

    [Test]
    public async Task Run_cancelled_in_the_collector_does_not_affect_later_scrapes()
    {
        var collector = new GatedCollector("x");
        await using var host = new MetricsHost(
            builder => builder.AddCollector(collector), options => options.MaxConcurrentCollectors = 1);

        var run = await host.DisconnectAsync(collector);
        await run.Cancelled;

        await RequireWorkingAsync(host, collector);
    }

    [Test]
    public async Task Run_cancelled_in_the_disposal_delays_the_next_run()
    {
        var disposing = new TaskCompletionSource();
        var mayEnd = new TaskCompletionSource();
        var collector = new GatedCollector("x");
        await using var host = new MetricsHost(
            builder =>
            {
                builder.Services.AddScoped(_ => new AsyncResource(() =>
                {
                    disposing.TrySetResult();
                    return mayEnd.Task;
                }));
                builder.AddCollector(services =>
                {
                    services.GetRequiredService<AsyncResource>();
                    return collector;
                });
            },
            options => options.MaxConcurrentCollectors = 1);

        await host.DisconnectAsync(async () =>
        {
            (await collector.WaitForRunAsync()).Return();
            await disposing.Task.Soon();
        });

        // The disposal is part of the old run, so the next run must wait for it.
        var next = host.ScrapeAsync();
        Assert.That(collector.Runs, Is.EqualTo(1));
        mayEnd.SetResult();
        (await collector.WaitForRunAsync()).Return(2);
        Assert.That((await next).GetValue("x"), Is.EqualTo(2));
    }

    [Test]
    public async Task Scrape_cancelled_while_it_waits_for_a_cancelled_run_does_not_affect_later_scrapes()
    {
        var collector = new GatedCollector("x", ignoresToken: true);
        await using var host = new MetricsHost(builder => builder.AddCollector(collector));
        var run = await host.DisconnectAsync(collector);

        await host.DisconnectAsync(() => Task.CompletedTask);
        run.Return();

        await RequireWorkingAsync(host, collector);
    }

    [Test]
    public async Task Token_callback_that_throws_does_not_affect_scrapes()
    {
        var registered = new TaskCompletionSource();
        var first = true;
        await using var host = new MetricsHost(builder => builder.AddCollector(new FakeCollector(async token =>
        {
            if (!first)
                return FakeCollector.CreateGauge("x");
            first = false;
            await using var registration = token.Register(() => throw new InvalidOperationException("in a callback"));
            registered.SetResult();
            await Task.Delay(Timeout.Infinite, token);
            return [];
        })));

        await host.DisconnectAsync(() => registered.Task.Soon());

        Assert.That((await host.ScrapeAsync()).GetValue("x"), Is.EqualTo(1));
    }

    [Test]
    public async Task Token_callback_that_blocks_does_not_delay_scrapes()
    {
        using var gate = new ManualResetEventSlim();
        var registered = new TaskCompletionSource();
        var mayEnd = new TaskCompletionSource();
        await using var host = new MetricsHost(builder => builder.AddCollector(new FakeCollector(async token =>
        {
            token.Register(gate.BlockUntilSet);
            registered.TrySetResult();
            await mayEnd.Task;
            return FakeCollector.CreateGauge("x");
        })));

        // The caller disconnects although the callback still blocks.
        await host.DisconnectAsync(() => registered.Task.Soon());
        gate.Set();
        mayEnd.SetResult();

        Assert.That((await host.ScrapeAsync()).GetValue("x"), Is.EqualTo(1));
    }

    private static async Task RequireWorkingAsync(MetricsHost host, GatedCollector collector)
    {
        for (var value = 1; value <= 3; value++)
        {
            var scrape = host.ScrapeAsync();
            (await collector.WaitForRunAsync()).Return(value);
            Assert.That((await scrape).GetValues(collector.Family), Is.EqualTo(new double[] { value }));
        }
    }

    private sealed class Resource(Action onDispose) : IDisposable
    {
        public void Dispose() => onDispose();
    }
}
