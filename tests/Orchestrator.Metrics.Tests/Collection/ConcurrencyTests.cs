namespace Orchestrator.Metrics.Tests.Collection;

/// <summary>Collectors run concurrently, up to <c>MaxConcurrentCollectors</c>.</summary>
public class ConcurrencyTests
{
    [Test]
    public async Task Collectors_run_concurrently()
    {
        var collectors = Enumerable.Range(0, 5).Select(number => new GatedCollector($"x{number}")).ToArray();
        await using var host = CreateHost(int.MaxValue, collectors);

        var scrape = host.ScrapeAsync();

        // No collector returns before all have started.
        var runs = await Task.WhenAll(collectors.Select(collector => collector.WaitForRunAsync()));
        foreach (var run in runs)
            run.Return();
        Assert.That((await scrape).Families, Has.Count.EqualTo(5));
    }

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

    [Test]
    public async Task Abandoned_run_releases_its_slot()
    {
        var stuck = new GatedCollector("stuck", ignoresToken: true);
        var fine = new GatedCollector("fine");
        await using var host = new MetricsHost(
            builder => builder
                .AddCollector(stuck, options => (options.Name, options.Timeout) = ("stuck", TimeSpan.FromSeconds(3))),
            options => (options.MaxConcurrentCollectors, options.FailurePolicy) = (1, FailurePolicy.ReportAndContinue));

        // The stuck collector takes the only slot before the other one requests it.
        var first = host.ScrapeAsync();
        var run = await stuck.WaitForRunAsync();
        host.Registry.Register(fine);
        var second = host.ScrapeAsync();
        Assert.That(fine.Runs, Is.Zero);
        host.Time.Advance(TimeSpan.FromSeconds(3));
        await MetricsHost.CatchFailureAsync(first);
        host.Time.Advance(CollectorRun.AbandonAfter);
        (await fine.WaitForRunAsync()).Return(1);
        Assert.That((await second).GetValue("fine"), Is.EqualTo(1));

        // The clock stands still, so a scrape that waits for the stuck collector would hang here.
        for (var scrape = 0; scrape < 3; scrape++)
        {
            var next = host.ScrapeAsync();
            (await fine.WaitForRunAsync()).Return(2);
            Assert.That((await next).GetValue("fine"), Is.EqualTo(2));
        }

        // When the run ends, it must not release its slot a second time.
        run.Return();
        await host.Log.WaitForAsync(entry => entry.Event.Id == 3);
        await RequireOneSlotAsync(host, stuck, fine);
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
    public async Task Collector_that_blocks_its_thread_does_not_delay_other_collectors_or_the_caller()
    {
        using var gate = new ManualResetEventSlim();
        var fine = new GatedCollector("fine");
        await using var host = new MetricsHost(builder => builder
            .AddCollector(new FakeCollector(_ =>
            {
                gate.BlockUntilSet();
                return Task.FromResult(FakeCollector.CreateGauge("blocking"));
            }))
            .AddCollector(fine));

        var scrape = host.ScrapeAsync();
        (await fine.WaitForRunAsync()).Return();
        gate.Set();

        Assert.That((await scrape).GetNames(), Is.EqualTo(new[] { "blocking", "fine" }));
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

    /// <summary>Verifies that one of two collectors in a scrape waits until the other has ended.</summary>
    private static async Task RequireOneSlotAsync(MetricsHost host, GatedCollector one, GatedCollector two)
    {
        var scrape = host.ScrapeAsync();
        var first = one.WaitForRunAsync();
        var second = two.WaitForRunAsync();
        var started = await Task.WhenAny(first, second);
        Assert.That(one.Running + two.Running, Is.EqualTo(1));
        (await started).Return();
        (await (started == first ? second : first)).Return();
        await scrape;
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
