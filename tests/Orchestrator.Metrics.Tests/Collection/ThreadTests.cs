namespace Orchestrator.Metrics.Tests.Collection;

public class ThreadTests
{
    [Test]
    public async Task Each_run_starts_on_a_dedicated_thread()
    {
        var threads = new List<(bool IsPool, bool IsBackground, string? Name)>();
        await using var host = new MetricsHost(builder => builder.AddCollector(
            new FakeCollector(_ =>
            {
                var thread = Thread.CurrentThread;
                threads.Add((thread.IsThreadPoolThread, thread.IsBackground, thread.Name));
                return Task.FromResult(FakeCollector.CreateGauge("x"));
            }),
            options => options.Name = "licences"));

        await host.ScrapeAsync();
        await host.ScrapeAsync();

        // A background thread does not keep the process alive.
        Assert.That(threads, Is.EqualTo(new[]
        {
            (false, true, "Collector licences"), (false, true, "Collector licences"),
        }));
    }

    [Test]
    public async Task Run_that_waited_for_a_slot_starts_on_a_dedicated_thread()
    {
        var first = new GatedCollector("first");
        var wasOnPool = true;
        await using var host = new MetricsHost(
            builder => builder.AddCollector(first), options => options.MaxConcurrentCollectors = 1);
        var one = host.ScrapeAsync();
        var run = await first.WaitForRunAsync();
        host.Registry.Register(new FakeCollector(_ =>
        {
            wasOnPool = Thread.CurrentThread.IsThreadPoolThread;
            return Task.FromResult(FakeCollector.CreateGauge("x"));
        }));

        var two = host.ScrapeAsync();
        run.Return();
        await Task.WhenAll(one, two);

        Assert.That(wasOnPool, Is.False);
    }

    [Test]
    public async Task Factory_of_a_collector_runs_on_a_dedicated_thread()
    {
        var wasOnPool = true;
        await using var host = new MetricsHost(builder => builder.AddCollector(
            _ =>
            {
                wasOnPool = Thread.CurrentThread.IsThreadPoolThread;
                return FakeCollector.Counting("x");
            },
            options => options.Name = "x"));

        await host.ScrapeAsync();

        Assert.That(wasOnPool, Is.False);
    }

    [Test]
    public async Task Blocking_collectors_occupy_no_thread_pool_threads()
    {
        using var gate = new ManualResetEventSlim();
        using var started = new CountdownEvent(10);
        var onPool = 0;
        await using var host = new MetricsHost(builder =>
        {
            for (var i = 0; i < 10; i++)
            {
                var name = $"x{i}";
                builder.AddCollector(new FakeCollector(_ =>
                {
                    Interlocked.Add(ref onPool, Thread.CurrentThread.IsThreadPoolThread ? 1 : 0);
                    started.Signal();
                    gate.BlockUntilSet();
                    return Task.FromResult(FakeCollector.CreateGauge(name));
                }), options => options.Name = name);
            }
        });

        var scrape = host.ScrapeAsync();

        Assert.That(started.Wait(TimeSpan.FromSeconds(30)), Is.True);
        Assert.That(onPool, Is.Zero);
        gate.Set();
        Assert.That((await scrape).Families, Has.Count.EqualTo(10));
    }
}
