namespace Orchestrator.Metrics.Tests.Collection;

public class DisconnectedCallersTests
{
    [Test]
    public async Task Cancelled_run_that_ignores_its_token_keeps_its_slot()
    {
        var stuck = Enumerable.Range(0, 3).Select(number => new GatedCollector($"stuck{number}", ignoresToken: true))
            .ToArray();
        await using var host = new MetricsHost(
            builder =>
            {
                foreach (var collector in stuck)
                    builder.AddCollector(collector, options => options.Name = collector.Family);
            },
            options => options.MaxConcurrentCollectors = 1);
        using var caller = new CancellationTokenSource();
        var scrape = host.ScrapeAsync(cancellationToken: caller.Token);
        var first = await Task.WhenAny(stuck.Select(collector => collector.WaitForRunAsync())).Unwrap();

        await caller.CancelAsync();
        await MetricsHost.CatchAsync<OperationCanceledException>(scrape);
        await first.Cancelled;

        Assert.That(stuck.Sum(collector => collector.Running), Is.EqualTo(1));
        var other = stuck.First(collector => collector.Running == 0);
        var second = host.Registry.CollectAsync().Soon();
        Assert.That(other.Runs, Is.Zero, "The first run still holds the only slot.");
        first.Return();
        foreach (var collector in stuck)
            collector.ReturnAll();
        await second;
        Assert.That(stuck.Max(collector => collector.MostRunning), Is.EqualTo(1));
    }

    [Test]
    public async Task Run_continues_if_one_caller_timed_out_before_the_last_caller_disconnects()
    {
        var stuck = new GatedCollector("stuck", ignoresToken: true);
        await using var host = new MetricsHost(builder => builder.AddCollector(stuck));
        using var caller = new CancellationTokenSource();
        var longScrape = host.ScrapeAsync(cancellationToken: caller.Token);
        var run = await stuck.WaitForRunAsync();
        var shortScrape = host.ScrapeAsync(TimeSpan.FromSeconds(1));
        host.Time.Advance(TimeSpan.FromSeconds(1));
        await MetricsHost.CatchAsync<MetricsCollectionException>(shortScrape);
        await caller.CancelAsync();
        await MetricsHost.CatchAsync<OperationCanceledException>(longScrape);

        Assert.That(run.Token.IsCancellationRequested, Is.False);
        var next = host.ScrapeAsync();
        run.Return(5);
        Assert.That((await next).GetValue("stuck"), Is.EqualTo(5));
        Assert.That(stuck.Runs, Is.EqualTo(1));
    }
}
