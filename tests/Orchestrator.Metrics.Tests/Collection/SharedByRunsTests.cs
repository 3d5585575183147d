using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.Metrics.Tests.Collection;

public class SharedByRunsTests
{
    [Test]
    public async Task Shared_object_lives_until_the_run_ends_if_another_scrape_waits_when_the_first_is_cancelled()
    {
        var shared = new SharedResource();
        var entered = new TaskCompletionSource();
        var gate = new TaskCompletionSource();
        await using var host = CreateHost(async context =>
        {
            Assert.That(context.GetOrAddShared(shared, () => shared), Is.SameAs(shared));
            entered.SetResult();
            await gate.Task;
            Assert.That(shared.Disposed.Task.IsCompleted, Is.False);
        });
        using var caller = new CancellationTokenSource();

        var starter = host.ScrapeAsync(cancellationToken: caller.Token);
        await entered.Task.Soon();
        var joiner = host.ScrapeAsync();
        await caller.CancelAsync();
        await MetricsHost.CatchAsync<OperationCanceledException>(starter);
        gate.SetResult();

        await joiner;
        await shared.Disposed.Task.Soon();
    }

    [Test]
    public async Task Shared_object_is_disposed_when_the_last_caller_disconnects_and_cannot_be_created_later()
    {
        var shared = new SharedResource();
        var late = new TaskCompletionSource<Exception?>();
        var entered = new TaskCompletionSource();
        var gate = new TaskCompletionSource();
        await using var host = CreateHost(async context =>
        {
            context.GetOrAddShared(shared, () => shared);
            entered.SetResult();
            await gate.Task;
            late.SetResult(Assert.Catch(() => context.GetOrAddShared(late, () => new SharedResource())));
        });
        using var caller = new CancellationTokenSource();

        var scrape = host.ScrapeAsync(cancellationToken: caller.Token);
        await entered.Task.Soon();
        await caller.CancelAsync();
        await MetricsHost.CatchAsync<OperationCanceledException>(scrape);

        await shared.Disposed.Task.Soon();
        gate.SetResult();
        Assert.That(await late.Task.Soon(), Is.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task Shared_object_of_a_background_refresh_is_disposed_after_the_refresh()
    {
        var shared = new SharedResource();
        var entered = new TaskCompletionSource();
        var gate = new TaskCompletionSource();
        await using var host = CreateHost(
            context =>
            {
                context.GetOrAddShared(shared, () => shared);
                entered.SetResult();
                return gate.Task;
            },
            options => options.RefreshEvery = TimeSpan.FromMinutes(1));
        await entered.Task.Soon();
        Assert.That(shared.Disposed.Task.IsCompleted, Is.False);
        gate.SetResult();

        await shared.Disposed.Task.Soon();
    }

    [Test]
    public async Task Disposal_of_a_shared_object_is_not_awaited_and_may_fail()
    {
        var shared = new SharedResource { Disposing = new TaskCompletionSource() };
        await using var host = CreateHost(context =>
        {
            context.GetOrAddShared(shared, () => shared);
            return Task.CompletedTask;
        });

        await host.ScrapeAsync();

        shared.Disposing.SetException(new InvalidOperationException());
        await shared.Disposed.Task.Soon();
    }

    [Test]
    public async Task TimeRemaining_is_that_of_the_collector_and_not_of_the_scrape()
    {
        TimeSpan? left = null;
        await using var host = CreateHost(
            context =>
            {
                left = context.TimeRemaining;
                return Task.CompletedTask;
            },
            options => options.Timeout = TimeSpan.FromSeconds(20));

        await host.ScrapeAsync(TimeSpan.FromSeconds(5));

        Assert.That(left, Is.EqualTo(TimeSpan.FromSeconds(20)));
    }

    private static MetricsHost CreateHost(
        Func<CollectorContext, Task> run, Action<CollectorOptions>? configure = null) => new(
        builder => builder.AddCollector(
            "sharing",
            async (services, _) =>
            {
                await run(services.GetRequiredService<CollectorContext>());
                return [];
            },
            configure));

    private sealed class SharedResource : IAsyncDisposable
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
