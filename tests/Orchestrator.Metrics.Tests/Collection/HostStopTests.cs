using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Moq;

namespace Orchestrator.Metrics.Tests.Collection;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class HostStopTests : IDisposable
{
    private readonly CancellationTokenSource _stopping = new();

    public void Dispose() => _stopping.Dispose();

    [Test]
    public async Task Run_without_callers_is_cancelled_when_the_host_begins_to_stop()
    {
        var slow = new GatedCollector("slow");
        await using var host = CreateHost(slow);
        var scrape = host.ScrapeAsync(TimeSpan.FromSeconds(1));
        var run = await slow.WaitForRunAsync();
        host.Time.Advance(TimeSpan.FromSeconds(1));
        await MetricsHost.CatchFailureAsync(scrape);
        Assert.That(run.Token.IsCancellationRequested, Is.False);

        await _stopping.CancelAsync();

        await run.Cancelled;
    }

    [Test]
    public async Task Run_with_a_caller_is_not_cancelled_when_the_host_begins_to_stop()
    {
        var slow = new GatedCollector("slow");
        await using var host = CreateHost(slow);
        var scrape = host.ScrapeAsync();
        var run = await slow.WaitForRunAsync();

        await _stopping.CancelAsync();
        run.Return(5);

        Assert.That((await scrape).GetValue("slow"), Is.EqualTo(5));
    }

    [Test]
    public async Task Run_can_start_after_the_host_has_begun_to_stop()
    {
        await using var host = CreateHost(FakeCollector.Counting("x"));
        await _stopping.CancelAsync();

        Assert.That((await host.ScrapeAsync()).GetValue("x"), Is.EqualTo(1));
    }

    [Test]
    public async Task Caller_that_times_out_while_the_host_stops_cancels_the_run()
    {
        var slow = new GatedCollector("slow");
        await using var host = CreateHost(slow);
        var scrape = host.ScrapeAsync(TimeSpan.FromSeconds(1));
        var run = await slow.WaitForRunAsync();
        await _stopping.CancelAsync();

        host.Time.Advance(TimeSpan.FromSeconds(1));
        await MetricsHost.CatchFailureAsync(scrape);

        await run.Cancelled;
    }

    private MetricsHost CreateHost(IMetricsCollector collector) => new(builder =>
    {
        builder.Services.AddSingleton(Mock.Of<IHostApplicationLifetime>(
            lifetime => lifetime.ApplicationStopping == _stopping.Token));
        builder.AddCollector(collector);
    });
}
