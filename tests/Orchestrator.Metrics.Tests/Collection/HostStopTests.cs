using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Moq;

namespace Orchestrator.Metrics.Tests.Collection;

/// <summary>Runs while the host stops.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class HostStopTests : IDisposable
{
    private readonly CancellationTokenSource _stopping = new();

    public void Dispose() => _stopping.Dispose();

    [Test]
    public async Task Run_without_callers_is_cancelled_when_the_host_begins_to_stop()
    {
        var slow = new GatedCollector("slow");
        await using var host = Host(slow);
        var scrape = host.ScrapeAsync(TimeSpan.FromSeconds(1));
        var run = await slow.NextRunAsync();
        host.Time.Advance(TimeSpan.FromSeconds(1));
        await MetricsHost.FailureAsync(scrape);
        Assert.That(run.Token.IsCancellationRequested, Is.False);

        await _stopping.CancelAsync();

        await run.Cancelled;
    }

    [Test]
    public async Task Run_that_a_final_write_awaits_is_not_cancelled()
    {
        var slow = new GatedCollector("slow");
        await using var host = Host(slow);
        var write = host.ScrapeAsync();
        var run = await slow.NextRunAsync();

        await _stopping.CancelAsync();
        run.Return(5);

        Assert.That((await write).Value("slow"), Is.EqualTo(5));
    }

    [Test]
    public async Task Run_can_start_after_the_host_began_to_stop()
    {
        await using var host = Host(FakeCollector.Counting("x"));
        await _stopping.CancelAsync();

        Assert.That((await host.ScrapeAsync()).Value("x"), Is.EqualTo(1));
    }

    [Test]
    public async Task Caller_that_times_out_while_the_host_stops_cancels_the_run()
    {
        var slow = new GatedCollector("slow");
        await using var host = Host(slow);
        var scrape = host.ScrapeAsync(TimeSpan.FromSeconds(1));
        var run = await slow.NextRunAsync();
        await _stopping.CancelAsync();

        host.Time.Advance(TimeSpan.FromSeconds(1));
        await MetricsHost.FailureAsync(scrape);

        await run.Cancelled;
    }

    private MetricsHost Host(IMetricsCollector collector) => new(builder =>
    {
        builder.Services.AddSingleton(Mock.Of<IHostApplicationLifetime>(
            lifetime => lifetime.ApplicationStopping == _stopping.Token));
        builder.AddCollector(collector);
    });
}
