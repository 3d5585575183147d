using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.Metrics.Tests.Collection;

/// <summary>What the runs of one scrape share, when callers come and go.</summary>
public class SharedByRunsTests
{
    [Test]
    public async Task It_lives_until_the_last_run_has_ended_even_if_the_scrape_that_started_it_has_left()
    {
        var shared = new Shared();
        var entered = new TaskCompletionSource();
        var gate = new TaskCompletionSource();
        await using var host = new MetricsHost(builder => builder.AddCollector<IMetricsCollector>(
            services => new Delegating(async () =>
            {
                var context = services.GetRequiredService<CollectorContext>();
                Assert.That(context.GetOrAddShared(shared, () => shared), Is.SameAs(shared));
                entered.SetResult();
                await gate.Task;
                Assert.That(shared.Disposed.Task.IsCompleted, Is.False);
            }),
            options => options.Name = "sharing"));
        using var leaving = new CancellationTokenSource();

        var starter = host.ScrapeAsync(cancellationToken: leaving.Token);
        await entered.Task.Soon();
        var joiner = host.ScrapeAsync();
        await leaving.CancelAsync();
        await MetricsHost.ThrownAsync<OperationCanceledException>(starter);
        gate.SetResult();

        await joiner;
        await shared.Disposed.Task.Soon();
    }

    [Test]
    public async Task It_ends_when_nobody_waits_for_a_run_that_ignores_its_token_and_nothing_new_is_shared_then()
    {
        var shared = new Shared();
        var late = new TaskCompletionSource<Exception?>();
        var entered = new TaskCompletionSource();
        var gate = new TaskCompletionSource();
        await using var host = new MetricsHost(builder => builder.AddCollector<IMetricsCollector>(
            services => new Delegating(async () =>
            {
                var scrape = services.GetRequiredService<CollectorContext>();
                scrape.GetOrAddShared(shared, () => shared);
                entered.SetResult();
                await gate.Task;
                late.SetResult(Assert.Catch(() => scrape.GetOrAddShared(late, () => new Shared())));
            }),
            options => options.Name = "stuck"));
        using var leaving = new CancellationTokenSource();

        var scrape = host.ScrapeAsync(cancellationToken: leaving.Token);
        await entered.Task.Soon();
        await leaving.CancelAsync();
        await MetricsHost.ThrownAsync<OperationCanceledException>(scrape);

        await shared.Disposed.Task.Soon();
        gate.SetResult();
        Assert.That(await late.Task.Soon(), Is.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task Its_end_is_not_waited_for_and_may_fail()
    {
        var shared = new Shared { Disposing = new TaskCompletionSource() };
        await using var host = new MetricsHost(builder => builder.AddCollector<IMetricsCollector>(
            services => new Delegating(() =>
            {
                services.GetRequiredService<CollectorContext>().GetOrAddShared(shared, () => shared);
                return Task.CompletedTask;
            }),
            options => options.Name = "sharing"));

        await host.ScrapeAsync();

        shared.Disposing.SetException(new InvalidOperationException());
        await shared.Disposed.Task.Soon();
    }

    [Test]
    public async Task The_time_left_is_that_of_the_collector_however_impatient_the_scrape_that_started_it()
    {
        TimeSpan? left = null;
        await using var host = new MetricsHost(builder => builder.AddCollector<IMetricsCollector>(
            services => new Delegating(() =>
            {
                left = services.GetRequiredService<CollectorContext>().TimeRemaining;
                return Task.CompletedTask;
            }),
            options => (options.Name, options.Timeout) = ("timed", TimeSpan.FromSeconds(20))));

        await host.ScrapeAsync(TimeSpan.FromSeconds(5));

        Assert.That(left, Is.EqualTo(TimeSpan.FromSeconds(20)));
    }

    private sealed class Delegating(Func<Task> run) : IMetricsCollector
    {
        public async Task<IReadOnlyList<MetricFamily>> CollectAsync(CancellationToken cancellationToken)
        {
            await run();
            return [];
        }
    }

    private sealed class Shared : IAsyncDisposable
    {
        public TaskCompletionSource Disposed { get; } = new();

        public TaskCompletionSource? Disposing { get; init; }

        public async ValueTask DisposeAsync()
        {
            Disposed.SetResult();
            if (Disposing is not null)
                await Disposing.Task;
        }
    }
}
