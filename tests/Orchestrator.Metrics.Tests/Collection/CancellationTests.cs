using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.Metrics.Tests.Collection;

/// <summary>
/// The last caller disconnects at each await of a run: nothing leaks, and the next scrape is unaffected.
/// </summary>
public class CancellationTests
{
    [Test]
    public async Task Cancellation_while_waiting_for_a_slot()
    {
        var first = new GatedCollector("first");
        var second = new GatedCollector("second");
        var scopes = 0;
        await using var host = new MetricsHost(
            builder => builder.AddCollector(first, options => options.Name = "first"),
            options => options.MaxConcurrentCollectors = 1);
        var occupying = host.ScrapeAsync();
        var run = await first.NextRunAsync();
        host.Registry.Unregister(first);
        host.Registry.Register(new FakeCollector(token =>
        {
            scopes++;
            return second.CollectAsync(token);
        }));

        await host.DisconnectAsync(() => Task.CompletedTask);
        await host.Log.WaitForAsync(entry => entry.Event.Id == 5);
        Assert.That((scopes, second.Runs), Is.EqualTo((0, 0)));
        run.Return();
        await occupying;

        await RequireWorkingAsync(host, second);
    }

    [Test]
    public async Task Cancellation_in_the_factory()
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

        // If the collector was called, its run has ended.
        if (collector.Runs > 0)
            await collector.NextRunAsync();
        await RequireWorkingAsync(host, collector);
    }

    [Test]
    public async Task Cancellation_in_the_collector()
    {
        var collector = new GatedCollector("x");
        await using var host = new MetricsHost(
            builder => builder.AddCollector(collector), options => options.MaxConcurrentCollectors = 1);

        var run = await host.DisconnectAsync(collector);
        await run.Cancelled;

        await RequireWorkingAsync(host, collector);
    }

    [Test]
    public async Task Cancellation_in_the_disposal()
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
            (await collector.NextRunAsync()).Return();
            await disposing.Task.Soon();
        });

        // The next run must wait for the disposal, which is part of the old run.
        var next = host.ScrapeAsync();
        Assert.That(collector.Runs, Is.EqualTo(1));
        mayEnd.SetResult();
        (await collector.NextRunAsync()).Return(2);
        Assert.That((await next).Value("x"), Is.EqualTo(2));
    }

    [Test]
    public async Task Cancellation_while_waiting_for_a_cancelled_run_to_end()
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

        Assert.That((await host.ScrapeAsync()).Value("x"), Is.EqualTo(1));
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

        // Returns although the callback is still blocked.
        await host.DisconnectAsync(() => registered.Task.Soon());
        gate.Set();
        mayEnd.SetResult();

        Assert.That((await host.ScrapeAsync()).Value("x"), Is.EqualTo(1));
    }

    private static async Task RequireWorkingAsync(MetricsHost host, GatedCollector collector)
    {
        for (var value = 1; value <= 3; value++)
        {
            var scrape = host.ScrapeAsync();
            (await collector.NextRunAsync()).Return(value);
            Assert.That((await scrape).Values(collector.Family), Is.EqualTo(new double[] { value }));
        }
    }

    private sealed class Resource(Action onDispose) : IDisposable
    {
        public void Dispose() => onDispose();
    }
}
