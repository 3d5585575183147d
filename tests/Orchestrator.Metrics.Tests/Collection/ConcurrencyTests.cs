namespace Orchestrator.Metrics.Tests.Collection;

public class ConcurrencyTests
{
    [TestCase(1)]
    [TestCase(3)]
    public async Task MaxConcurrentCollectors_limits_concurrent_runs(int limit)
    {
        var running = 0;
        var most = 0;
        var gate = new SemaphoreSlim(0);
        var started = new SemaphoreSlim(0);
        var collectors = Enumerable.Range(0, 10).Select(number => new FakeCollector(async token =>
        {
            var now = Interlocked.Increment(ref running);
            int seen;
            while (now > (seen = Volatile.Read(ref most)))
                Interlocked.CompareExchange(ref most, now, seen);
            started.Release();
            await gate.WaitAsync(token);
            Interlocked.Decrement(ref running);
            return FakeCollector.CreateGauge($"x{number}");
        }));
        await using var host = CreateHost(limit, [.. collectors]);

        var scrape = host.ScrapeAsync();
        for (var i = 0; i < limit; i++)
            await started.WaitAsync().Soon();
        gate.Release(10);

        Assert.That((await scrape).Families, Has.Count.EqualTo(10));
        Assert.That(most, Is.EqualTo(limit));
    }

    [Test]
    public async Task MaxConcurrentCollectors_applies_across_scrapes()
    {
        var first = new GatedCollector("first");
        var second = new GatedCollector("second");
        await using var host = CreateHost(1, first, second);
        host.Registry.Unregister("1");

        var one = host.ScrapeAsync();
        var run = await first.WaitForRunAsync();
        host.Registry.Register(second);
        var two = host.ScrapeAsync();
        Assert.That(second.Runs, Is.Zero);
        run.Return();
        (await second.WaitForRunAsync()).Return();

        await Task.WhenAll(one, two);
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Failed_collector_releases_its_slot(bool inTheFactory)
    {
        await using var host = new MetricsHost(
            builder => builder.AddCollector(
                _ => inTheFactory
                    ? throw new InvalidOperationException()
                    : FakeCollector.Failing(new InvalidOperationException()),
                options => options.Name = "broken"),
            options => (options.MaxConcurrentCollectors, options.FailurePolicy) = (1, FailurePolicy.ReportAndContinue));
        host.Registry.Register(FakeCollector.Counting("fine"));

        for (var scrape = 1; scrape <= 3; scrape++)
            Assert.That((await host.ScrapeAsync()).GetValue("fine"), Is.EqualTo(scrape));
    }

    [Test]
    public async Task Collector_that_blocks_its_thread_times_out()
    {
        using var gate = new ManualResetEventSlim();
        var blocks = new TaskCompletionSource();
        await using var host = new MetricsHost(builder => builder.AddCollector(new FakeCollector(_ =>
        {
            blocks.SetResult();
            gate.BlockUntilSet();
            return Task.FromResult(FakeCollector.CreateGauge("blocking"));
        })));

        var scrape = host.ScrapeAsync();
        await blocks.Task.Soon();
        host.Time.Advance(TimeSpan.FromSeconds(30));

        Assert.That((await MetricsHost.CatchFailureAsync(scrape)).TimedOut, Is.True);
        gate.Set();
        await host.Log.WaitForAsync(entry => entry.Event.Id == 3);
    }

    private static MetricsHost CreateHost(int limit, params IMetricsCollector[] collectors) => new(
        builder =>
        {
            for (var i = 0; i < collectors.Length; i++)
            {
                var name = $"{i}";
                builder.AddCollector(collectors[i], options => options.Name = name);
            }
        },
        options => options.MaxConcurrentCollectors = limit);
}
