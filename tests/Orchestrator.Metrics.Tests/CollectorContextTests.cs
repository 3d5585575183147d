using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Metrics.Tests.Collection;

namespace Orchestrator.Metrics.Tests;

public class CollectorContextTests
{
    [Test]
    public void Context_outside_a_run_has_no_limits()
    {
        using var context = new CollectorContext();

        Assert.That(context.TimeRemaining, Is.Null);
        Assert.That(context.MaxSamples, Is.EqualTo(int.MaxValue));
        Assert.That(context.GetRequestedNames(), Is.Null);
        Assert.That(context.IsRefresh, Is.False);
    }

    [Test]
    public void Context_for_a_test_has_the_given_values()
    {
        using var context = new CollectorContext(TimeSpan.FromSeconds(3), 10, ["x"]);

        Assert.That(context.TimeRemaining, Is.EqualTo(TimeSpan.FromSeconds(3)));
        Assert.That(context.MaxSamples, Is.EqualTo(10));
        Assert.That(context.GetRequestedNames(), Is.EqualTo(new[] { "x" }));
    }

    [Test]
    public async Task Context_outside_a_run_disposes_its_shared_objects()
    {
        var disposed = false;
        var shared = new AsyncResource(() =>
        {
            disposed = true;
            return Task.CompletedTask;
        });
        var context = new CollectorContext();
        Assert.That(context.GetOrAddShared("key", () => shared), Is.SameAs(shared));
        Assert.That(context.GetOrAddShared("key", () => new AsyncResource(() => Task.CompletedTask)), Is.SameAs(shared));

        await context.DisposeAsync();

        Assert.That(disposed, Is.True);
        Assert.Catch<OperationCanceledException>(() => context.GetOrAddShared("key", () => shared));
    }

    [Test]
    public async Task MaxSamples_is_the_limit_of_the_options()
    {
        var limit = 0;
        await using var host = CreateHost(context => limit = context.MaxSamples, maxSamples: 7);

        await host.ScrapeAsync();

        Assert.That(limit, Is.EqualTo(7));
    }

    [Test]
    public async Task IsRefresh_is_true_only_in_runs_that_a_background_refresh_starts([Values] bool refreshes)
    {
        var isRefresh = new TaskCompletionSource<bool>();
        await using var host = CreateHost(
            context => isRefresh.TrySetResult(context.IsRefresh),
            options => (options.RefreshEvery, options.WaitForFirstResult) =
                (refreshes ? TimeSpan.FromHours(1) : TimeSpan.Zero, false));

        // Starts the refresh, and fails if the refresh has no result yet.
        await ((Task)host.ScrapeAsync()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        Assert.That(await isRefresh.Task.Soon(), Is.EqualTo(refreshes));
    }

    [Test]
    public async Task Requested_names_are_those_of_the_scrape()
    {
        IReadOnlyCollection<string>? names = null;
        await using var host = CreateHost(context => names = context.GetRequestedNames());

        await host.Registry.CollectAsync(new() { Names = ["x", "y"] }).Soon();
        Assert.That(names, Is.EqualTo(new[] { "x", "y" }));

        await host.ScrapeAsync();
        Assert.That(names, Is.Null);
    }

    [Test]
    public async Task Requested_names_are_the_same_at_each_call()
    {
        IReadOnlyCollection<string>?[] calls = [];
        await using var host = CreateHost(
            context => calls = [context.GetRequestedNames(), context.GetRequestedNames()]);

        await host.Registry.CollectAsync(new() { Names = ["x"] }).Soon();

        Assert.That(calls, Is.EqualTo(new[] { new[] { "x" }, new[] { "x" } }));
    }

    [TestCase(60, 0)]
    [TestCase(0, 60)]
    public async Task Requested_names_are_null_with_CacheFor_or_ServeStaleFor(int cacheFor, int serveStaleFor)
    {
        IReadOnlyCollection<string>? names = [];
        await using var host = CreateHost(
            context => names = context.GetRequestedNames(),
            options => (options.CacheFor, options.ServeStaleFor) =
                (TimeSpan.FromSeconds(cacheFor), TimeSpan.FromSeconds(serveStaleFor)));

        await host.Registry.CollectAsync(new() { Names = ["x"] }).Soon();

        Assert.That(names, Is.Null);
    }

    [Test]
    public async Task Restricted_run_is_joined_only_by_scrapes_with_the_same_names()
    {
        var collector = new GatedCollector("x");
        await using var host = CreateHost(context => _ = context.GetRequestedNames(), collector: collector);
        var one = host.Registry.CollectAsync(new() { Names = ["x", "y"] }).Soon();
        var run = await collector.WaitForRunAsync();
        var same = host.Registry.CollectAsync(new() { Names = ["y", "x"] }).Soon();
        var everything = host.ScrapeAsync();

        run.Return(1);
        (await collector.WaitForRunAsync()).Return(2);

        Assert.That(((await one).GetValue("x"), (await same).GetValue("x")), Is.EqualTo((1, 1)));
        Assert.That((await everything).GetValue("x"), Is.EqualTo(2));
        Assert.That(collector.MostRunning, Is.EqualTo(1));
    }

    [Test]
    public async Task Run_that_does_not_read_the_requested_names_is_joined_by_all_scrapes()
    {
        var collector = new GatedCollector("x");
        await using var host = CreateHost(_ => { }, collector: collector);
        var one = host.Registry.CollectAsync(new() { Names = ["x"] }).Soon();
        var run = await collector.WaitForRunAsync();
        var everything = host.ScrapeAsync();
        run.Return(1);

        Assert.That(((await one).GetValue("x"), (await everything).GetValue("x")), Is.EqualTo((1, 1)));
        Assert.That(collector.Runs, Is.EqualTo(1));
    }

    [TestCase(1)]
    [TestCase(2)]
    public async Task Requested_names_are_null_if_other_scrapes_have_joined_the_run(int others)
    {
        using var entered = new ManualResetEventSlim();
        using var joined = new ManualResetEventSlim();
        IReadOnlyCollection<string>? names = [];
        await using var host = CreateHost(
            context =>
            {
                entered.Set();
                joined.BlockUntilSet();
                names = context.GetRequestedNames();
            });
        var one = host.Registry.CollectAsync(new() { Names = ["x"] }).Soon();
        entered.BlockUntilSet();
        var everything = Enumerable.Range(0, others).Select(_ => host.ScrapeAsync()).ToArray();
        joined.Set();

        await Task.WhenAll(everything.Append(one));
        Assert.That(names, Is.Null);
    }

    [TestCase("a")]
    [TestCase("a", "b")]
    public async Task Run_after_a_restricted_run_is_unrestricted_if_another_scrape_waits(params string[] names)
    {
        // Otherwise, a sequence of scrapes for different names could starve a full scrape.
        var seen = new List<IReadOnlyCollection<string>?>();
        var collector = new GatedCollector("x");
        await using var host = CreateHost(
            context => seen.Add(context.GetRequestedNames()), collector: collector);
        var first = host.Registry.CollectAsync(new() { Names = ["x"] }).Soon();
        var run = await collector.WaitForRunAsync();
        var others = names.Select(
            name => host.Registry.CollectAsync(new() { Names = [name, "x"] }).Soon()).ToArray();
        run.Return(1);
        await collector.WaitForRunAsync();
        collector.ReturnAll();

        await Task.WhenAll(others);
        await first;
        Assert.That(seen.Take(2), Is.EqualTo(new[] { new[] { "x" }, null }));
        await host.Registry.CollectAsync(new() { Names = ["x"] }).Soon();
        Assert.That(seen[^1], Is.EqualTo(new[] { "x" }), "Only one run must be unrestricted.");
    }

    [Test]
    public async Task Run_after_a_restricted_run_is_unrestricted_even_if_a_waiting_scrape_has_disconnected()
    {
        var seen = new List<IReadOnlyCollection<string>?>();
        var collector = new GatedCollector("x");
        await using var host = CreateHost(
            context => seen.Add(context.GetRequestedNames()), collector: collector);
        var first = host.Registry.CollectAsync(new() { Names = ["x"] }).Soon();
        var run = await collector.WaitForRunAsync();
        var waiting = host.Registry.CollectAsync(new() { Names = ["a", "x"] }).Soon();
        await host.DisconnectAsync(() => Task.CompletedTask, "b", "x");
        run.Return(1);
        (await collector.WaitForRunAsync()).Return(2);

        await Task.WhenAll(first, waiting);
        Assert.That(seen, Is.EqualTo(new[] { new[] { "x" }, null }));
    }

    private static MetricsHost CreateHost(
        Action<CollectorContext> read, Action<CollectorOptions>? configure = null, int maxSamples = int.MaxValue,
        IMetricsCollector? collector = null) =>
        new(
            builder => builder.AddCollector<IMetricsCollector>(
                services =>
                {
                    read(services.GetRequiredService<CollectorContext>());
                    return collector ?? FakeCollector.Counting("x");
                },
                options =>
                {
                    options.Name = "reading";
                    configure?.Invoke(options);
                }),
            options => options.MaxSamplesPerCollector = maxSamples);
}
