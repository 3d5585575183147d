using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Metrics.Tests.Collection;

namespace Orchestrator.Metrics.Tests.DependencyInjection;

public class LifetimeTests
{
    [Test]
    public async Task Each_run_has_separate_scoped_services()
    {
        await using var host = new MetricsHost(builder =>
        {
            builder.Services.AddSingleton<Counts>();
            builder.Services.AddScoped<Service>();
            builder.AddCollector<ServiceCollector>();
            builder.AddCollector(
                services => new OtherCollector(services.GetRequiredService<Service>()));
        });

        for (var scrape = 1; scrape <= 3; scrape++)
        {
            await host.ScrapeAsync();
            var counts = host.Services.GetRequiredService<Counts>();
            Assert.That((counts.Created, counts.Disposed), Is.EqualTo((2 * scrape, 2 * scrape)));
        }
    }

    [Test]
    public async Task Services_of_one_run_share_a_scope()
    {
        await using var host = new MetricsHost(builder =>
        {
            builder.Services.AddSingleton<Counts>();
            builder.Services.AddScoped<Service>();
            builder.Services.AddTransient<Part>();
            builder.AddCollector<PartsCollector>();
        });

        Assert.That((await host.ScrapeAsync()).GetValue("same"), Is.EqualTo(1));
    }

    [Test]
    public async Task Collector_created_from_its_type_is_disposed_once_after_each_run()
    {
        await using var host = new MetricsHost(builder =>
        {
            builder.Services.AddSingleton<Counts>();
            builder.AddCollector<DisposableCollector>();
        });
        var counts = host.Services.GetRequiredService<Counts>();

        await host.ScrapeAsync();
        Assert.That((counts.Created, counts.Disposed), Is.EqualTo((1, 1)));
        await host.ScrapeAsync();
        Assert.That((counts.Created, counts.Disposed), Is.EqualTo((2, 2)));
    }

    [Test]
    public async Task Collector_registered_as_a_scoped_service_is_disposed_once_after_each_run()
    {
        await using var host = new MetricsHost(builder =>
        {
            builder.Services.AddSingleton<Counts>();
            builder.Services.AddScoped<DisposableCollector>();
            builder.AddCollector<DisposableCollector>();
        });
        var counts = host.Services.GetRequiredService<Counts>();

        await host.ScrapeAsync();
        await host.ScrapeAsync();

        Assert.That((counts.Created, counts.Disposed), Is.EqualTo((2, 2)));
    }

    [Test]
    public async Task Collector_registered_as_a_singleton_is_disposed_with_the_host_only()
    {
        var counts = new Counts();
        await using (var host = new MetricsHost(builder =>
        {
            builder.Services.AddSingleton(counts);
            builder.Services.AddSingleton<DisposableCollector>();
            builder.AddCollector<DisposableCollector>();
        }))
        {
            await host.ScrapeAsync();
            await host.ScrapeAsync();
            Assert.That((counts.Created, counts.Disposed), Is.EqualTo((1, 0)));
        }

        Assert.That(counts.Disposed, Is.EqualTo(1));
    }

    [Test]
    public async Task Collector_instance_is_not_disposed_by_the_host()
    {
        var counts = new Counts();
        await using (var host = new MetricsHost(builder => builder.AddCollector(new DisposableCollector(counts))))
            await host.ScrapeAsync();

        Assert.That(counts.Disposed, Is.Zero);
    }

    internal sealed class Counts
    {
        private int _created;
        private int _disposed;

        public int Created => Volatile.Read(ref _created);

        public int Disposed => Volatile.Read(ref _disposed);

        public void AddCreated() => Interlocked.Increment(ref _created);

        public void AddDisposed() => Interlocked.Increment(ref _disposed);
    }

    internal sealed class Service : IDisposable
    {
        private readonly Counts _counts;

        public Service(Counts counts)
        {
            _counts = counts;
            counts.AddCreated();
        }

        public void Dispose() => _counts.AddDisposed();
    }

    internal sealed record Part(Service Service);

    internal class ServiceCollector(Service service) : IMetricsCollector
    {
        public Task<IReadOnlyList<MetricFamily>> CollectAsync(CancellationToken cancellationToken) =>
            Task.FromResult(FakeCollector.CreateGauge(GetType().Name, service.GetHashCode()));
    }

    internal sealed class OtherCollector(Service service) : ServiceCollector(service);

    internal sealed class PartsCollector(Part one, Part two, Service service) : IMetricsCollector
    {
        public Task<IReadOnlyList<MetricFamily>> CollectAsync(CancellationToken cancellationToken) =>
            Task.FromResult(FakeCollector.CreateGauge(
                "same", ReferenceEquals(one.Service, two.Service) && ReferenceEquals(one.Service, service) ? 1 : 0));
    }

    internal sealed class DisposableCollector : IMetricsCollector, IDisposable
    {
        private readonly Counts _counts;

        public DisposableCollector(Counts counts)
        {
            _counts = counts;
            counts.AddCreated();
        }

        public Task<IReadOnlyList<MetricFamily>> CollectAsync(CancellationToken cancellationToken) =>
            Task.FromResult(FakeCollector.CreateGauge("disposable"));

        public void Dispose() => _counts.AddDisposed();
    }
}
