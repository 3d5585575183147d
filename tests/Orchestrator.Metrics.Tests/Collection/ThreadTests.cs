namespace Orchestrator.Metrics.Tests.Collection;

/// <summary>On which threads collectors are called: a collector may block, and that must hold up nobody.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class ThreadTests
{
    private bool _holdsThread;
    private bool _throws;
    private bool _wasOnPool;

    [Test]
    public async Task A_collector_starts_on_a_thread_of_its_own_until_it_was_quick()
    {
        await using var host = new MetricsHost(builder => builder.AddCollector(Collector()));

        await host.ScrapeAsync();

        Assert.That(_wasOnPool, Is.False);
        await ScrapeUntilOnPoolAsync(host);
    }

    [Test]
    public async Task One_that_takes_long_but_not_its_thread_is_quick()
    {
        var gate = new GatedCollector("x");
        await using var host = new MetricsHost(builder => builder.AddCollector(new FakeCollector(token =>
        {
            _wasOnPool = Thread.CurrentThread.IsThreadPoolThread;
            return gate.CollectAsync(token);
        })));

        await Waiting.UntilAsync(
            async () =>
            {
                var scrape = host.ScrapeAsync();
                var run = await gate.NextRunAsync();
                host.Time.Advance(TimeSpan.FromSeconds(5));
                run.Return();
                await scrape;
                return _wasOnPool;
            },
            onPool => onPool);
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task One_that_held_its_thread_starts_on_one_of_its_own_until_it_is_quick_again(bool throws)
    {
        MetricsHost? host = null;
        await using var disposed = host = new MetricsHost(
            builder => builder.AddCollector(Collector(() => host!)));
        await ScrapeUntilOnPoolAsync(host);

        (_holdsThread, _throws) = (true, throws);
        if (throws)
            await host.FailedScrapeAsync();
        else
            await host.ScrapeAsync();
        (_holdsThread, _throws) = (false, false);
        await host.ScrapeAsync();

        Assert.That(_wasOnPool, Is.False);
        await ScrapeUntilOnPoolAsync(host);
    }

    [Test]
    public async Task One_whose_factory_held_its_thread_starts_on_one_of_its_own()
    {
        MetricsHost? host = null;
        await using var disposed = host = new MetricsHost(builder => builder.AddCollector(
            _ =>
            {
                host!.Time.Advance(TimeSpan.FromMilliseconds(1));
                return Collector();
            },
            options => options.Name = "x"));

        await host.ScrapeAsync();
        await host.ScrapeAsync();

        Assert.That(_wasOnPool, Is.False);
    }

    [Test]
    public async Task To_wait_for_a_slot_is_not_to_hold_a_thread_and_to_hold_one_after_that_is()
    {
        var first = new GatedCollector("first");
        MetricsHost? host = null;
        await using var disposed = host = new MetricsHost(
            builder => builder.AddCollector(first),
            options => options.MaxConcurrentCollectors = 1);
        var collector = Collector(() => host);
        _holdsThread = true;

        // The first one has the only slot before the other one asks for it.
        var one = host.ScrapeAsync();
        var run = await first.NextRunAsync();
        host.Registry.Register(collector);
        var two = host.ScrapeAsync();
        run.Return();
        await Task.WhenAll(one, two);
        host.Registry.Unregister(nameof(GatedCollector));
        await host.ScrapeAsync();

        Assert.That(collector.Runs, Is.EqualTo(2));
        Assert.That(_wasOnPool, Is.False);
    }

    [Test]
    public async Task No_more_than_one_thread_of_the_pool_is_lost_when_all_that_were_quick_block()
    {
        var block = false;
        var onPool = 0;
        using var gate = new ManualResetEventSlim();
        using var started = new CountdownEvent(10);
        await using var host = new MetricsHost(builder =>
        {
            for (var i = 0; i < 10; i++)
            {
                var name = $"x{i}";
                builder.AddCollector(new FakeCollector(_ =>
                {
                    if (block)
                    {
                        Interlocked.Add(ref onPool, Thread.CurrentThread.IsThreadPoolThread ? 1 : 0);
                        started.Signal();
                        gate.BlockUntilSet();
                    }

                    return Task.FromResult(FakeCollector.Gauge(name));
                }), options => options.Name = name);
            }
        });
        await host.ScrapeAsync();
        await host.ScrapeAsync();
        block = true;

        var scrape = host.ScrapeAsync();

        Assert.That(started.Wait(TimeSpan.FromSeconds(30)), Is.True);
        Assert.That(onPool, Is.LessThanOrEqualTo(1));
        gate.Set();
        Assert.That((await scrape).Families, Has.Count.EqualTo(10));
    }

    private FakeCollector Collector(Func<MetricsHost>? host = null) => new(_ =>
    {
        _wasOnPool = Thread.CurrentThread.IsThreadPoolThread;
        if (_holdsThread)
            host!().Time.Advance(TimeSpan.FromMilliseconds(1));
        return _throws ? throw new InvalidOperationException() : Task.FromResult(FakeCollector.Gauge("x"));
    });

    /// <summary>The thread of the pool that the last run had may be given back a little after the run has ended.</summary>
    private Task<bool> ScrapeUntilOnPoolAsync(MetricsHost host) => Waiting.UntilAsync(
        async () =>
        {
            await host.ScrapeAsync();
            return _wasOnPool;
        },
        onPool => onPool);
}
