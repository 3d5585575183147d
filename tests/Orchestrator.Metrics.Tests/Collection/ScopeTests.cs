using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.Metrics.Tests.Collection;

public class ScopeTests
{
    [Test]
    public async Task Scope_is_disposed_after_the_collector_and_before_the_scrape_returns()
    {
        var collector = new GatedCollector("x");
        var disposed = new List<Resource>();
        await using var host = CreateHost(collector, disposed.Add);

        var scrape = host.ScrapeAsync();
        var run = await collector.WaitForRunAsync();
        Assert.That(disposed, Is.Empty);
        run.Return();
        await scrape;

        Assert.That(disposed, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Scope_of_a_timed_out_run_is_kept_until_the_collector_ends()
    {
        var collector = new GatedCollector("x", ignoresToken: true);
        var disposed = new TaskCompletionSource();
        await using var host = CreateHost(collector, _ => disposed.SetResult());

        var scrape = host.ScrapeAsync();
        var run = await collector.WaitForRunAsync();
        host.Time.Advance(TimeSpan.FromSeconds(30));
        await MetricsHost.CatchFailureAsync(scrape);
        await run.Cancelled;
        Assert.That(disposed.Task.IsCompleted, Is.False);
        Assert.That(collector.Running, Is.EqualTo(1));

        run.Return();
        await disposed.Task.Soon();
        Assert.That(collector.Running, Is.Zero);
    }

    [Test]
    public async Task Scope_of_a_run_without_callers_is_kept_until_the_collector_ends()
    {
        var collector = new GatedCollector("x", ignoresToken: true);
        var disposed = new TaskCompletionSource();
        await using var host = CreateHost(collector, _ => disposed.SetResult());
        var run = await host.DisconnectAsync(collector);
        await run.Cancelled;
        Assert.That(disposed.Task.IsCompleted, Is.False);

        run.Return();
        await disposed.Task.Soon();
    }

    [Test]
    public async Task Scope_is_disposed_when_the_collector_failed()
    {
        var collector = new GatedCollector("x");
        var disposed = new List<Resource>();
        await using var host = CreateHost(collector, disposed.Add);

        var scrape = host.ScrapeAsync();
        (await collector.WaitForRunAsync()).Fail(new InvalidOperationException());
        await MetricsHost.CatchFailureAsync(scrape);

        Assert.That(disposed, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Scope_is_disposed_when_the_factory_failed()
    {
        var disposed = new List<Resource>();
        await using var host = new MetricsHost(builder =>
        {
            builder.Services.AddScoped(_ => new Resource(disposed.Add));
            builder.AddCollector<GatedCollector>(services =>
            {
                services.GetRequiredService<Resource>();
                throw new InvalidOperationException("in the factory");
            });
        });

        await host.ScrapeAndCatchAsync();

        Assert.That(disposed, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Scrape_waits_for_an_asynchronous_disposal()
    {
        var disposing = new TaskCompletionSource();
        var mayEnd = new TaskCompletionSource();
        await using var host = CreateDisposingHost(disposing, mayEnd);

        var scrape = host.ScrapeAsync();
        await disposing.Task.Soon();
        Assert.That(scrape.IsCompleted, Is.False);
        mayEnd.SetResult();

        Assert.That((await scrape).GetValue("x"), Is.EqualTo(1));
    }

    [Test]
    public async Task Disposal_that_hangs_times_out_like_a_collector()
    {
        var disposing = new TaskCompletionSource();
        var mayEnd = new TaskCompletionSource();
        await using var host = CreateDisposingHost(disposing, mayEnd);

        var scrape = host.ScrapeAsync();
        await disposing.Task.Soon();
        host.Time.Advance(TimeSpan.FromSeconds(30));

        Assert.That((await MetricsHost.CatchFailureAsync(scrape)).TimedOut, Is.True);
        mayEnd.SetResult();
    }

    private static MetricsHost CreateDisposingHost(
        TaskCompletionSource disposing, TaskCompletionSource mayEnd) => new(builder =>
    {
        builder.Services.AddScoped(_ => new AsyncResource(() =>
        {
            disposing.SetResult();
            return mayEnd.Task;
        }));
        builder.AddCollector(services =>
        {
            services.GetRequiredService<AsyncResource>();
            return FakeCollector.Counting("x");
        });
    });

    private static MetricsHost CreateHost(GatedCollector collector, Action<Resource> onDispose) => new(builder =>
    {
        builder.Services.AddScoped(_ => new Resource(onDispose));
        builder.AddCollector(services =>
        {
            services.GetRequiredService<Resource>();
            return collector;
        });
    });

    private sealed class Resource(Action<Resource> onDispose) : IDisposable
    {
        public void Dispose() => onDispose(this);
    }
}
