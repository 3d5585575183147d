using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Orchestrator.Metrics.Tests.Collection;

// For a longer run, use the soak benchmark.
public class LeakTests
{
    private const int Limit = 2;
    private const int Workers = 8;
    private const int ScrapesPerWorker = 500;

    [Test]
    public async Task Cancelled_and_failed_scrapes_leak_nothing()
    {
        var tracker = new ResourceTracker();
        var gated = Enumerable.Range(0, Limit + 1).Select(number => new GatedCollector($"gated{number}")).ToArray();
        await using var host = new MetricsHost(
            builder =>
            {
                builder.Services.AddSingleton(tracker);
                builder.Services.AddScoped<Resource>();
                for (var i = 0; i < 4; i++)
                {
                    var name = $"collector{i}";
                    builder.AddCollector(
                        services => CreateCollector(services.GetRequiredService<Resource>(), name),
                        options => options.Name = name);
                }
            },
            options => options.MaxConcurrentCollectors = Limit);
        var results = await Task.WhenAll(Enumerable.Range(0, Workers).Select(seed => Task.Run(
            () => ScrapeAsync(host, new Random(seed))))).WaitAsync(TimeSpan.FromSeconds(60));

        // Each outcome occurred often enough to be significant.
        var (served, failed, cancelled) = results.Aggregate(
            (a, b) => (a.Served + b.Served, a.Failed + b.Failed, a.Cancelled + b.Cancelled));
        Assert.That(served + failed + cancelled, Is.EqualTo(Workers * ScrapesPerWorker));
        Assert.That(new[] { served, failed, cancelled }, Has.All.GreaterThan(Workers * ScrapesPerWorker / 50));

        await tracker.WaitForNoneAsync();
        for (var i = 0; i < 4; i++)
            host.Registry.Unregister($"collector{i}");
        await RequireFreeSlotsAsync(host, gated);
        Assert.That(tracker.Created, Is.GreaterThan(100));
    }

    [Test]
    public async Task Neither_its_timer_nor_the_stopping_token_keeps_an_ended_run_alive()
    {
        using var log = new ListLogger();
        using var stopping = new CancellationTokenSource();
        var time = new FakeTimeProvider();
        var scrape = await ScrapeOnceAsync(new CollectorScheduler(
            scopes: null, time, new MetricsLog(new SafeLogger(log)), new OrchestratorMetricsOptions(), stopping.Token));

        await Waiting.UntilAsync(
            () =>
            {
                GC.Collect();
                return scrape.IsAlive;
            },
            isAlive => !isAlive);
        GC.KeepAlive(time);
    }

    // A separate method, because a local variable of the test could keep the scrape alive.
    private static async Task<WeakReference> ScrapeOnceAsync(CollectorScheduler scheduler)
    {
        var registration = CollectorRegistration.ForInstance(FakeCollector.Counting("x"), configure: null);
        var scrape = new Scrape();
        await new SharedCollector(registration, scheduler).GetAsync(scrape, default).Soon();
        return new WeakReference(scrape);
    }

    private static async Task<(int Served, int Failed, int Cancelled)> ScrapeAsync(MetricsHost host, Random random)
    {
        var (served, failed, cancelled) = (0, 0, 0);
        for (var i = 0; i < ScrapesPerWorker; i++)
        {
            using var caller = new CancellationTokenSource();
            var scrape = host.ScrapeAsync(cancellationToken: caller.Token);
            if (random.Next(3) == 0)
            {
                for (var wait = random.Next(20); wait > 0; wait--)
                    await Task.Yield();
                await caller.CancelAsync();
            }

            try
            {
                await scrape;
                served++;
            }
            catch (MetricsCollectionException)
            {
                failed++;
            }
            catch (OperationCanceledException)
            {
                cancelled++;
            }
        }

        return (served, failed, cancelled);
    }

    private static async Task RequireFreeSlotsAsync(MetricsHost host, GatedCollector[] collectors)
    {
        for (var i = 0; i < collectors.Length; i++)
        {
            var name = $"gated{i}";
            host.Registry.Register(collectors[i], options => options.Name = name);
        }

        var scrape = host.ScrapeAsync();
        var starting = collectors.Select(collector => collector.WaitForRunAsync()).ToList();
        for (var i = 0; i < Limit; i++)
        {
            var started = await Task.WhenAny(starting);
            await started;
            starting.Remove(started);
        }

        // The last run starts only after another one has ended.
        Assert.That(collectors.Sum(collector => collector.Running), Is.EqualTo(Limit));
        Assert.That(starting.Single().IsCompleted, Is.False);
        foreach (var collector in collectors)
            collector.ReturnAll();
        await scrape;
    }

    private static FakeCollector CreateCollector(Resource resource, string name) => new(async token =>
    {
        for (var i = 0; i < 5; i++)
        {
            await Task.Yield();
            token.ThrowIfCancellationRequested();
        }

        resource.RequireUsable();
        return resource.Number % 10 == 0
            ? throw new InvalidOperationException()
            : FakeCollector.CreateGauge(name);
    });

    private sealed class ResourceTracker
    {
        private readonly TaskCompletionSource _none = new();
        private int _created;
        private int _count;
        private bool _isAwaited;

        public int Created => Volatile.Read(ref _created);

        public int Add()
        {
            Interlocked.Increment(ref _count);
            return Interlocked.Increment(ref _created);
        }

        public void Remove()
        {
            if (Interlocked.Decrement(ref _count) == 0 && Volatile.Read(ref _isAwaited))
                _none.TrySetResult();
        }

        // Cancelled runs end slightly after their scrapes.
        public Task WaitForNoneAsync()
        {
            Volatile.Write(ref _isAwaited, true);
            if (Interlocked.CompareExchange(ref _count, 0, 0) == 0)
                _none.TrySetResult();
            return _none.Task.Soon();
        }
    }

    private sealed class Resource(ResourceTracker tracker) : IAsyncDisposable
    {
        private bool _disposed;

        public int Number { get; } = tracker.Add();

        public void RequireUsable() => ObjectDisposedException.ThrowIf(_disposed, this);

        public async ValueTask DisposeAsync()
        {
            await Task.Yield();
            _disposed = true;
            tracker.Remove();
        }
    }
}
