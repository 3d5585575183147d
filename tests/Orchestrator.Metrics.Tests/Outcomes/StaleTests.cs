using Microsoft.Extensions.Logging;
using Orchestrator.Metrics.Tests.Collection;

namespace Orchestrator.Metrics.Tests.Outcomes;

public class StaleTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    private readonly InvalidOperationException _error = new("marker-4711");

    [Test]
    public async Task Failure_is_logged_and_reported_in_the_scrape_metrics_while_a_stale_result_is_served()
    {
        var switchable = new SwitchableCollector();
        await using var host = CreateHost(switchable, options => options.ScrapeMetrics = true);
        await host.ScrapeAsync();
        switchable.Error = _error;
        host.Time.Advance(TimeSpan.FromSeconds(90));

        var snapshot = await host.ScrapeAsync();

        Assert.That(snapshot.GetValue("wfo_scrape_collector_success"), Is.Zero);
        Assert.That(snapshot.GetValue("wfo_scrape_collector_data_age_seconds"), Is.EqualTo(90));
        Assert.That(snapshot.GetValue("wfo_scrape_collector_samples"), Is.EqualTo(1));
        var entry = host.Log.Entries.Single();
        Assert.That((entry.Level, entry.Exception), Is.EqualTo((LogLevel.Error, (Exception)_error)));
    }

    [Test]
    public async Task Serving_a_stale_result_does_not_reset_its_age()
    {
        var switchable = new SwitchableCollector();
        await using var host = CreateHost(switchable);
        await host.ScrapeAsync();
        switchable.Error = _error;

        for (var minute = 1; minute <= 5; minute++)
        {
            host.Time.Advance(TimeSpan.FromMinutes(1));
            await host.ScrapeAsync();
        }

        host.Time.Advance(TimeSpan.FromMinutes(1));
        await host.ScrapeAndCatchAsync();
    }

    [Test]
    public async Task Each_scrape_retries_and_a_recovery_takes_effect_at_once()
    {
        var switchable = new SwitchableCollector();
        await using var host = CreateHost(switchable);
        await host.ScrapeAsync();
        switchable.Error = _error;
        await host.ScrapeAsync();
        switchable.Error = null;

        Assert.That((await host.ScrapeAsync()).GetValue("x"), Is.EqualTo(3));
    }

    [Test]
    public async Task Stale_result_is_served_on_timeout_and_while_a_run_is_stuck()
    {
        var stuck = new GatedCollector("x", ignoresToken: true);
        await using var host = new MetricsHost(builder => builder.AddCollector(
            stuck, options => options.ServeStaleFor = Limit));
        var first = host.ScrapeAsync();
        (await stuck.WaitForRunAsync()).Return(1);
        await first;

        var second = host.ScrapeAsync();
        var run = await stuck.WaitForRunAsync();
        host.Time.Advance(TimeSpan.FromSeconds(30));
        Assert.That((await second).GetValue("x"), Is.EqualTo(1));
        host.Time.Advance(CollectorRun.AbandonAfter);
        Assert.That((await host.ScrapeAsync()).GetValue("x"), Is.EqualTo(1));
        host.Time.Advance(Limit);
        Assert.That((await host.ScrapeAndCatchAsync()).TimedOut, Is.True);
        run.Return();
    }

    [Test]
    public async Task Conflict_of_a_stale_family_is_not_reported_as_the_timeout_of_the_run()
    {
        var other = Task.FromResult(FakeCollector.CreateGauge("y"));
        var stuck = new GatedCollector("x", ignoresToken: true);
        await using var host = new MetricsHost(builder => builder
            .AddCollector(new FakeCollector(_ => other), options => options.Timeout = TimeSpan.FromMinutes(1))
            .AddCollector(stuck, options => options.ServeStaleFor = Limit));
        var first = host.ScrapeAsync();
        (await stuck.WaitForRunAsync()).Return(1);
        await first;
        var conflicting = new TaskCompletionSource<IReadOnlyList<MetricFamily>>();
        other = conflicting.Task;
        var second = host.ScrapeAsync();
        var run = await stuck.WaitForRunAsync();

        host.Time.Advance(TimeSpan.FromSeconds(30));
        conflicting.SetResult(FakeCollector.CreateGauge("x"));

        var failure = await MetricsHost.CatchFailureAsync(second);
        Assert.That(failure.InnerException!.Message, Does.Contain("conflicts with"));
        Assert.That(failure.TimedOut, Is.False);
        run.Return();
    }

    [Test]
    public async Task Failure_without_an_earlier_result_fails_the_scrape()
    {
        var switchable = new SwitchableCollector { Error = _error };
        await using var host = CreateHost(switchable);

        await host.ScrapeAndCatchAsync();
        await host.ScrapeAndCatchAsync();
    }

    [Test]
    public async Task Result_of_a_cancelled_run_is_not_served_stale()
    {
        var collector = new GatedCollector("x", ignoresToken: true);
        await using var host = new MetricsHost(builder => builder.AddCollector(
            collector, options => options.ServeStaleFor = Limit));
        var run = await host.DisconnectAsync(collector);

        var scrape = host.ScrapeAsync();
        run.Return(1);
        (await collector.WaitForRunAsync()).Fail(_error);

        Assert.That((await MetricsHost.CatchFailureAsync(scrape)).InnerException, Is.SameAs(_error));
    }

    private static MetricsHost CreateHost(
        SwitchableCollector switchable, Action<OrchestratorMetricsOptions>? configure = null) =>
        new(builder => builder.AddCollector(switchable, options => options.ServeStaleFor = Limit), configure);

    private sealed class SwitchableCollector : IMetricsCollector
    {
        private int _runs;

        public Exception? Error { get; set; }

        public Task<IReadOnlyList<MetricFamily>> CollectAsync(CancellationToken cancellationToken)
        {
            _runs++;
            return Error is null
                ? Task.FromResult(FakeCollector.CreateGauge("x", _runs))
                : Task.FromException<IReadOnlyList<MetricFamily>>(Error);
        }
    }
}
