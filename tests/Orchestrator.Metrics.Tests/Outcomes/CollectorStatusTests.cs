using Orchestrator.Metrics.Tests.Collection;

namespace Orchestrator.Metrics.Tests.Outcomes;

public class CollectorStatusTests
{
    [Test]
    public async Task Status_of_a_collector_that_was_not_scraped_is_empty_and_runs_nothing()
    {
        var collector = FakeCollector.Counting("x");
        await using var host = new MetricsHost(
            builder => builder.AddCollector(collector, options => options.Tags = ["t"]));

        var status = host.Registry.GetCollectorStatuses().Single();

        Assert.That(status, Has.Property("WasScraped").False.And.Property("Error").Null.And.Property("DataAge").Null);
        Assert.That(status.Collector.Name, Is.EqualTo("FakeCollector"));
        Assert.That(status.Collector.Tags, Is.EqualTo(new[] { "t" }));
        Assert.That(collector.Runs, Is.Zero);
    }

    [Test]
    public async Task Status_reflects_success_failure_and_recovery()
    {
        var collector = new GatedCollector("x");
        await using var host = new MetricsHost(builder => builder.AddCollector(collector));

        await ScrapeAsync(run => run.Return());
        host.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.That(GetStatus(), Has.Property("WasScraped").True.And.Property("Error").Null
            .And.Property("DataAge").EqualTo(TimeSpan.FromSeconds(10)));

        var error = new InvalidOperationException("No database.");
        await ScrapeAsync(run => run.Fail(error));
        Assert.That(GetStatus(), Has.Property("Error").SameAs(error)
            .And.Property("DataAge").EqualTo(TimeSpan.FromSeconds(10)));

        await ScrapeAsync(run => run.Return());
        Assert.That(GetStatus(), Has.Property("Error").Null.And.Property("DataAge").EqualTo(TimeSpan.Zero));
        Assert.That(collector.Runs, Is.EqualTo(3));

        CollectorStatus GetStatus() => host.Registry.GetCollectorStatuses().Single();

        async Task ScrapeAsync(Action<GatedRun> end)
        {
            var scrape = host.ScrapeAsync();
            end(await collector.WaitForRunAsync());
            await ((Task)scrape).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [Test]
    public async Task Stale_result_does_not_hide_the_failure()
    {
        var fails = false;
        await using var host = new MetricsHost(builder => builder.AddGauge(
            "x", "", _ => fails ? throw new InvalidOperationException() : 1,
            options => options.ServeStaleFor = TimeSpan.FromHours(1)));
        await host.ScrapeAsync();
        host.Time.Advance(TimeSpan.FromMinutes(5));
        fails = true;

        Assert.That((await host.ScrapeAsync()).GetValue("x"), Is.EqualTo(1));

        Assert.That(host.Registry.GetCollectorStatuses().Single(),
            Has.Property("Error").InstanceOf<InvalidOperationException>()
                .And.Property("DataAge").EqualTo(TimeSpan.FromMinutes(5)));
    }

    [Test]
    public async Task Conflict_is_an_error_of_the_later_collector()
    {
        await using var host = new MetricsHost(builder => builder
            .AddCollector(FakeCollector.Returning("x", 1), options => options.Name = "first")
            .AddCollector(FakeCollector.Returning("x", 2), options => options.Name = "second"));

        await host.ScrapeAndCatchAsync();

        var errors = host.Registry.GetCollectorStatuses().Select(status => status.Error).ToArray();
        Assert.That(
            errors.Select(error => error?.Message),
            Is.EqualTo(new[] { null, "Metric family 'x' of collector 'second' conflicts with metric family 'x' of " +
                "collector 'first': both contain a sample without labels. Rename the family in one of them, or " +
                "remove one collector." }));
        Assert.That(errors[1]!.Data["Family"], Is.EqualTo("x"));
    }

    [Test]
    public async Task Scrape_of_some_collectors_does_not_change_the_status_of_the_others()
    {
        await using var host = new MetricsHost(builder => builder
            .AddCollector(FakeCollector.Counting("a"), options => (options.Name, options.FamilyNames) = ("a", ["a"]))
            .AddCollector(FakeCollector.Counting("b"), options => (options.Name, options.FamilyNames) = ("b", ["b"])));

        await host.Registry.CollectAsync(new() { Names = ["b"] }).Soon();

        Assert.That(
            host.Registry.GetCollectorStatuses().Select(status => (status.Collector.Name, status.WasScraped)),
            Is.EqualTo(new[] { ("a", false), ("b", true) }));
    }

    [Test]
    public async Task Cancelled_scrape_does_not_change_the_status()
    {
        var collector = new GatedCollector("x");
        await using var host = new MetricsHost(builder => builder.AddCollector(collector));
        using var caller = new CancellationTokenSource();
        var scrape = host.Registry.CollectAsync(cancellationToken: caller.Token);
        await collector.WaitForRunAsync();

        await caller.CancelAsync();
        await MetricsHost.CatchAsync<OperationCanceledException>(scrape);

        Assert.That(host.Registry.GetCollectorStatuses().Single().WasScraped, Is.False);
    }

    [Test]
    public async Task Status_keeps_no_families_alive()
    {
        WeakReference? family = null;
        await using var host = new MetricsHost(builder => builder.AddCollector(new FakeCollector(_ =>
        {
            var families = FakeCollector.CreateGauge("x");
            family = new WeakReference(families[0]);
            return Task.FromResult(families);
        })));
        await host.ScrapeAsync();

        await Waiting.UntilAsync(
            () =>
            {
                GC.Collect();
                return family!.IsAlive;
            },
            isAlive => !isAlive);
        Assert.That(host.Registry.GetCollectorStatuses().Single().DataAge, Is.EqualTo(TimeSpan.Zero));
    }
}
