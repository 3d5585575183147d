using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Metrics.Tests.Collection;

namespace Orchestrator.Metrics.Tests.DependencyInjection;

public class DelegateCollectorTests
{
    [Test]
    public async Task Delegate_receives_the_services_of_its_run()
    {
        await using var host = new MetricsHost(builder =>
        {
            builder.Services.AddScoped<Queue>();
            builder.AddCollector("Queue", async (services, cancellationToken) =>
            {
                var gauge = MetricFamily.Gauge("acme_queue_length", "Jobs waiting.");
                gauge.Add(await services.GetRequiredService<Queue>().CountAsync(cancellationToken));
                return [gauge];
            });
        });

        Assert.That((await host.ScrapeAsync()).GetValue("acme_queue_length"), Is.EqualTo(7));
        Assert.That(host.Registry.Unregister("Queue"), Is.True);
    }

    [Test]
    public async Task Options_apply_to_a_collector_that_is_a_delegate()
    {
        var runs = 0;
        await using var host = new MetricsHost(builder => builder.AddCollector(
            "Queue",
            (_, _) =>
            {
                runs++;
                return Task.FromResult<IReadOnlyList<MetricFamily>>([]);
            },
            options => options.CacheFor = TimeSpan.FromMinutes(1)));

        await host.ScrapeAsync();
        await host.ScrapeAsync();

        Assert.That(runs, Is.EqualTo(1));
    }

    [Test]
    public async Task Gauge_has_the_value_returned_by_its_delegate()
    {
        await using var host = new MetricsHost(builder =>
        {
            builder.Services.AddScoped<Queue>();
            builder.AddGauge("acme_sync", "Jobs waiting.", services => services.GetRequiredService<Queue>().Count);
            builder.AddGauge("acme_async", "Jobs waiting.", async (services, cancellationToken) =>
                await services.GetRequiredService<Queue>().CountAsync(cancellationToken));
        });

        Assert.That((await host.ScrapeAsync()).ToText(), Is.EqualTo(
            "# HELP acme_sync Jobs waiting.\n# TYPE acme_sync gauge\nacme_sync 7.0\n" +
            "# HELP acme_async Jobs waiting.\n# TYPE acme_async gauge\nacme_async 7.0\n"));
    }

    [Test]
    public async Task Gauge_declares_its_family_and_is_named_after_it()
    {
        var runs = 0;
        await using var host = new MetricsHost(builder => builder.AddGauge("acme_queue_length", "", _ => ++runs));

        await host.Registry.CollectAsync(new() { Names = ["other"] }).Soon();

        Assert.That(runs, Is.Zero);
        Assert.That(host.Registry.Unregister("acme_queue_length"), Is.True);
    }

    [Test]
    public async Task Token_of_a_delegate_is_cancelled_when_its_caller_disconnects()
    {
        var entered = new TaskCompletionSource();
        var cancelled = new TaskCompletionSource();
        await using var host = new MetricsHost(builder => builder.AddGauge("x", "", async (_, cancellationToken) =>
        {
            cancellationToken.Register(cancelled.SetResult);
            entered.SetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return 1;
        }));
        using var caller = new CancellationTokenSource();

        var scrape = host.ScrapeAsync(cancellationToken: caller.Token);
        await entered.Task.Soon();
        await caller.CancelAsync();

        await cancelled.Task.Soon();
        Assert.That(async () => await scrape, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void Invalid_name_or_delegate_of_a_collector_is_an_error_when_added()
    {
        var builder = new ServiceCollection().AddOrchestratorMetrics();

        Assert.That(() => builder.AddGauge("no name", "", _ => 1), Throws.ArgumentException);
        Assert.That(() => builder.AddGauge("x", null!, _ => 1), Throws.InstanceOf<ArgumentException>());
        Assert.That(
            () => builder.AddGauge("x", "", (Func<IServiceProvider, double>)null!), Throws.ArgumentNullException);
        Assert.That(
            () => builder.AddGauge("x", "", (Func<IServiceProvider, CancellationToken, Task<double>>)null!),
            Throws.ArgumentNullException);
        Assert.That(
            () => builder.AddCollector(" ", (_, _) => Task.FromResult<IReadOnlyList<MetricFamily>>([])),
            Throws.ArgumentException);
        Assert.That(() => builder.AddCollector("x", null!), Throws.ArgumentNullException);
    }

    private sealed class Queue
    {
        public int Count { get; } = 7;

        public Task<int> CountAsync(CancellationToken cancellationToken) =>
            Task.FromResult(Count).WaitAsync(cancellationToken);
    }
}
