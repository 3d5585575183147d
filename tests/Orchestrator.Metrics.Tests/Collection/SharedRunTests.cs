namespace Orchestrator.Metrics.Tests.Collection;

public class SharedRunTests
{
    [Test]
    public async Task A_thousand_scrapes_from_many_threads_share_one_run()
    {
        var collector = new GatedCollector("x");
        await using var host = CreateHost(collector);

        var arrived = await Task.WhenAll(Enumerable.Range(0, 1000).Select(
            _ => Task.Run(() => new { Scrape = host.ScrapeAsync() }))).Soon();
        (await collector.WaitForRunAsync()).Return();
        var snapshots = await Task.WhenAll(arrived.Select(caller => caller.Scrape));

        Assert.That(collector.Runs, Is.EqualTo(1));
        Assert.That(snapshots.Select(snapshot => snapshot.GetValue("x")), Has.All.EqualTo(1));
    }

    [Test]
    public async Task Failure_is_shared_and_logged_once()
    {
        var collector = new GatedCollector("x");
        await using var host = CreateHost(collector);

        var scrapes = Enumerable.Range(0, 100).Select(_ => host.ScrapeAsync()).ToArray();
        (await collector.WaitForRunAsync()).Fail(new InvalidOperationException());
        foreach (var scrape in scrapes)
            await MetricsHost.CatchFailureAsync(scrape);

        Assert.That(host.Log.Entries, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Caller_that_disconnects_does_not_cancel_a_run_that_another_caller_awaits()
    {
        var collector = new GatedCollector("x");
        await using var host = CreateHost(collector);
        using var caller = new CancellationTokenSource();

        // The caller that disconnects is the one that started the run.
        var disconnected = host.ScrapeAsync(cancellationToken: caller.Token);
        var remaining = host.ScrapeAsync();
        var run = await collector.WaitForRunAsync();
        await caller.CancelAsync();
        await MetricsHost.CatchAsync<OperationCanceledException>(disconnected);
        Assert.That(run.Token.IsCancellationRequested, Is.False);
        run.Return(5);

        Assert.That((await remaining).GetValue("x"), Is.EqualTo(5));
    }

    [Test]
    public async Task Last_caller_to_disconnect_cancels_the_run()
    {
        var collector = new GatedCollector("x");
        await using var host = CreateHost(collector);
        using var one = new CancellationTokenSource();
        using var two = new CancellationTokenSource();

        var first = host.ScrapeAsync(cancellationToken: one.Token);
        var second = host.ScrapeAsync(cancellationToken: two.Token);
        var run = await collector.WaitForRunAsync();
        await one.CancelAsync();
        await MetricsHost.CatchAsync<OperationCanceledException>(first);
        await two.CancelAsync();
        await MetricsHost.CatchAsync<OperationCanceledException>(second);

        await run.Cancelled;
    }

    [Test]
    public async Task Caller_after_a_cancellation_waits_for_the_old_run_and_starts_a_new_one()
    {
        var collector = new GatedCollector("x", ignoresToken: true);
        await using var host = CreateHost(collector);
        var old = await host.DisconnectAsync(collector);

        var scrape = host.ScrapeAsync();
        Assert.That((scrape.IsCompleted, collector.Runs), Is.EqualTo((false, 1)));
        old.Return(1);
        (await collector.WaitForRunAsync()).Return(2);

        // The result of the cancelled run is not used, because it may be incomplete.
        Assert.That((await scrape).GetValue("x"), Is.EqualTo(2));
        Assert.That(collector.MostRunning, Is.EqualTo(1));
    }

    [Test]
    public async Task Many_callers_after_a_cancellation_never_run_a_collector_concurrently()
    {
        var collector = new GatedCollector("x", ignoresToken: true);
        await using var host = CreateHost(collector);
        var old = await host.DisconnectAsync(collector);

        var all = Task.WhenAll(Enumerable.Range(0, 100).Select(_ => host.ScrapeAsync()));
        old.Return(1);

        // Callers that are too late for the second run start a third, so the number of runs varies.
        var next = collector.WaitForRunAsync();
        while (await Task.WhenAny(all, next) == next)
        {
            (await next).Return(2);
            next = collector.WaitForRunAsync();
        }

        Assert.That((await all).Select(snapshot => snapshot.GetValue("x")), Has.All.EqualTo(2));
        Assert.That(collector.MostRunning, Is.EqualTo(1));
    }

    [Test]
    public async Task Caller_with_a_cancelled_token_starts_no_run()
    {
        var collector = FakeCollector.Counting("x");
        await using var host = CreateHost(collector);

        await MetricsHost.CatchAsync<OperationCanceledException>(
            host.ScrapeAsync(cancellationToken: new CancellationToken(canceled: true)));

        await host.ScrapeAsync();
        Assert.That(collector.Runs, Is.EqualTo(1));
    }

    [Test]
    public async Task Run_does_not_inherit_the_execution_context_of_its_caller()
    {
        var ambient = new AsyncLocal<string?>();
        string? seen = "not run";
        await using var host = new MetricsHost(builder => builder.AddCollector(new FakeCollector(_ =>
        {
            seen = ambient.Value;
            return Task.FromResult(FakeCollector.CreateGauge("x"));
        })));

        ambient.Value = "the request of one of many callers";
        await host.ScrapeAsync();

        Assert.That(seen, Is.Null);
    }

    private static MetricsHost CreateHost(IMetricsCollector collector) =>
        new(builder => builder.AddCollector(collector));
}
