using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Moq;
using Orchestrator.Metrics.Tests.Collection;
using static Orchestrator.Metrics.Tests.Hosting.RefreshHost;

namespace Orchestrator.Metrics.Tests.Hosting;

public class RefreshLifetimeTests
{
    [Test]
    public void Collector_that_was_unregistered_before_the_start_is_not_awaited()
    {
        using var services = new ServiceCollection().AddOrchestratorMetrics(
            options => options.DefaultCollectors = DefaultCollectors.None).Services.BuildServiceProvider();
        var registry = services.GetRequiredService<OrchestratorMetricsRegistry>();
        var collector = new GatedCollector("x");
        registry.Register(collector, options => options.RefreshEvery = Interval);
        Assert.That(registry.Refreshes.FirstRuns.IsCompleted, Is.False);

        registry.Unregister(collector);

        Assert.That(registry.Refreshes.FirstRuns.IsCompleted, Is.True);
    }

    [Test]
    public async Task Collector_that_is_unregistered_in_its_first_run_is_not_awaited()
    {
        var collector = new GatedCollector("x");
        await using var host = CreateHost(collector);
        await collector.WaitForRunAsync();
        var firstRuns = host.Registry.Refreshes.FirstRuns;
        Assert.That(firstRuns.IsCompleted, Is.False);

        host.Registry.Unregister(collector);

        await firstRuns.Soon();
    }

    [Test]
    public async Task Disposal_of_the_container_cancels_the_refresh()
    {
        var collector = new GatedCollector("x");
        var host = CreateHost(collector);
        var run = await collector.WaitForRunAsync();

        await host.DisposeAsync();

        await run.Cancelled;
    }

    [TestCase(true, TestName = "Refresh_starts_with_the_host_and_not_with_the_registry")]
    [TestCase(false, TestName = "Refresh_starts_with_the_first_scrape_if_there_is_no_host")]
    public async Task Refresh_starts_with_the_host_or_with_the_first_scrape(bool hasHost)
    {
        var collector = new GatedCollector("x");
        var services = new ServiceCollection();
        services.AddOrchestratorMetrics(options => options.DefaultCollectors = DefaultCollectors.None)
            .AddCollector(collector, options => options.RefreshEvery = Interval);
        await using var provider = services.BuildServiceProvider();
        var registry = provider.GetRequiredService<OrchestratorMetricsRegistry>();

        Assert.That(registry.Refreshes.HasStarted, Is.False);

        foreach (var service in provider.GetServices<IHostedService>().Where(_ => hasHost))
            await service.StartAsync(CancellationToken.None);
        Assert.That(registry.Refreshes.HasStarted, Is.EqualTo(hasHost));
        var scrape = registry.CollectAsync();
        (await collector.WaitForRunAsync()).Return(1);

        Assert.That((await scrape.Soon()).GetValue("x"), Is.EqualTo(1));
        Assert.That(registry.Refreshes.HasStarted, Is.True);
        Assert.That((await registry.CollectAsync().Soon()).GetValue("x"), Is.EqualTo(1));
        Assert.That(collector.Runs, Is.EqualTo(1));
    }

    [Test]
    public async Task Disposed_registry_starts_no_refresh()
    {
        var collector = new GatedCollector("x");
        var registry = new OrchestratorMetricsRegistry();
        registry.Dispose();

        registry.Register(collector, options => options.RefreshEvery = Interval);
        var scrape = registry.CollectAsync().Soon();
        (await collector.WaitForRunAsync()).Return(1);

        Assert.That((await scrape).GetValue("x"), Is.EqualTo(1), "A scrape runs the collector itself.");
        Assert.That(registry.Refreshes.FirstRuns.IsCompleted, Is.False);
    }

    [Test]
    public async Task Unregistered_collector_is_cancelled_and_does_not_run_again()
    {
        var collector = new GatedCollector("x");
        await using var host = new MetricsHost();
        host.Registry.Register(collector, options => options.RefreshEvery = Interval);
        var run = await collector.WaitForRunAsync();

        host.Registry.Unregister(collector);
        await run.Cancelled;

        host.Time.Advance(10 * Interval);
        Assert.That(collector.Runs, Is.EqualTo(1));
    }

    [Test]
    public async Task Host_that_stops_cancels_the_refresh()
    {
        var collector = new GatedCollector("x");
        using var stopping = new CancellationTokenSource();
        await using var host = new MetricsHost(builder =>
        {
            builder.Services.AddSingleton(Mock.Of<IHostApplicationLifetime>(
                lifetime => lifetime.ApplicationStopping == stopping.Token));
            builder.AddCollector(collector, options => options.RefreshEvery = Interval);
        });
        var run = await collector.WaitForRunAsync();

        await stopping.CancelAsync();

        await run.Cancelled;
        host.Time.Advance(10 * Interval);
        Assert.That(collector.Runs, Is.EqualTo(1));
    }

    [Test]
    public async Task Host_that_starts_waits_for_the_first_refresh_if_configured()
    {
        var collector = new GatedCollector("x");
        await using var host = CreateHost(collector, configure: options => options.WaitForFirstRefresh = true);
        var start = Task.WhenAll(
            host.Services.GetServices<IHostedService>().Select(service => service.StartAsync(CancellationToken.None)));
        var run = await collector.WaitForRunAsync();
        Assert.That(start.IsCompleted, Is.False);

        run.Fail(new InvalidOperationException("down"));

        await start.Soon();
    }
}
