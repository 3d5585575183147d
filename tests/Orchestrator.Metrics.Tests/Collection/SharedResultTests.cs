using Microsoft.Extensions.DependencyInjection;
using Moq;
using Orchestrator.Metrics.Tests.Hosting;
using static Orchestrator.Metrics.Tests.DependencyInjection.ConfiguredServices;

namespace Orchestrator.Metrics.Tests.Collection;

public class SharedResultTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(60);

    [Test]
    public async Task Stored_result_is_served_with_its_age_and_duration_instead_of_a_run()
    {
        var store = new FakeResultStore { Stored = CreateResult(age: 20, duration: 3) };
        var collector = FakeCollector.Counting("x");
        await using var host = CreateHost(store, collector, configure: options => options.ScrapeMetrics = true);

        var snapshot = await host.ScrapeAsync();
        Assert.That(snapshot.GetValue("x"), Is.EqualTo(7));
        Assert.That(snapshot.GetValue("wfo_scrape_collector_data_age_seconds"), Is.EqualTo(20));
        Assert.That(snapshot.GetValue("wfo_scrape_collector_duration_seconds"), Is.EqualTo(3));
        Assert.That(collector.Runs, Is.Zero);
    }

    [Test]
    public async Task Age_of_a_stored_result_counts_towards_CacheFor()
    {
        var store = new FakeResultStore { Stored = CreateResult(age: 20) };
        await using var host = CreateHost(store, FakeCollector.Counting("x"));
        await host.ScrapeAsync();

        host.Time.Advance(TimeSpan.FromSeconds(38));
        await host.ScrapeAsync();
        Assert.That(store.Requests, Has.Length.EqualTo(1));
        host.Time.Advance(TimeSpan.FromSeconds(2));
        await host.ScrapeAsync();
        Assert.That(store.Requests, Has.Length.EqualTo(2));
    }

    [Test]
    public async Task Collector_runs_through_the_store_on_a_dedicated_thread()
    {
        var store = new FakeResultStore();
        var isPooled = true;
        var collector = new FakeCollector(_ =>
        {
            isPooled = Thread.CurrentThread.IsThreadPoolThread;
            return Task.FromResult(FakeCollector.CreateGauge("x", 2));
        });
        await using var host = CreateHost(store, collector);

        Assert.That((await host.ScrapeAsync()).GetValue("x"), Is.EqualTo(2));
        Assert.That(isPooled, Is.False);
        Assert.That(store.Collected!.MaxAge, Is.EqualTo(TimeSpan.FromSeconds(59)), "CacheFor minus the tolerance.");
    }

    [Test]
    public async Task Run_continues_until_the_collector_ends_if_the_store_returns_earlier()
    {
        var store = new FakeResultStore { Stored = CreateResult(), CollectsInBackground = true };
        var collector = new GatedCollector("x");
        await using var host = CreateHost(store, collector);
        var first = host.ScrapeAsync();
        var run = await collector.WaitForRunAsync();
        var second = host.ScrapeAsync();

        run.Return(8);

        Assert.That((await first).GetValue("x"), Is.EqualTo(7));
        Assert.That((await second).GetValue("x"), Is.EqualTo(7));
        Assert.That((store.Requests.Length, collector.MostRunning), Is.EqualTo((1, 1)));
    }

    [Test]
    public async Task Store_gets_families_without_dropped_labels_and_before_other_changes()
    {
        var store = new FakeResultStore();
        await using var host = CreateHost(
            store,
            new FakeCollector(_ => Task.FromResult<IReadOnlyList<MetricFamily>>([CreateFamilyOfTwoUsers()])),
            options =>
            {
                options.CacheFor = Interval;
                options.DropLabels = ["user"];
                options.HashLabels = ["site"];
                options.MapLabel("site", site => site.ToUpperInvariant());
                options.AddLabels = new Dictionary<string, string> { ["db"] = "one" };
                options.NamePrefix = "my_";
            },
            options => options.LabelHashKey = "a key of sixteen characters");

        var own = (await host.ScrapeAsync()).ToString();
        Assert.That(new MetricsSnapshot(store.Collected!.Families).ToString(), Is.EqualTo("""
            # HELP x 
            # TYPE x gauge
            x{site="north"} 3.0

            """));
        Assert.That(own, Does.Contain("my_x{db=\"one\",site=\"").And.Not.Contain("north").And.Not.Contain("NORTH"));

        store.Stored = store.Collected;
        host.Time.Advance(Interval);
        Assert.That((await host.ScrapeAsync()).ToString(), Is.EqualTo(own), "Another replica reads the same result.");
    }

    [Test]
    public async Task Options_that_change_the_result_change_the_hash_and_others_do_not()
    {
        var plain = await GetHashAsync(_ => { });
        Assert.That(plain, Does.Match("^[0-9a-f]{16}$"));
        Assert.That(await GetHashAsync(options => options.DropLabels = ["user"]), Is.Not.EqualTo(plain));
        Assert.That(await GetHashAsync(options => options.CacheFor = 2 * Interval), Is.Not.EqualTo(plain));
        Assert.That(await GetHashAsync(options => options.SharedVersion = "2"), Is.Not.EqualTo(plain));
        Assert.That(await GetHashAsync(options => options.FamilyNames = ["x"]), Is.Not.EqualTo(plain));
        Assert.That(
            await GetHashAsync(options => (options.CacheFor, options.RefreshEvery) = (TimeSpan.Zero, Interval)),
            Is.Not.EqualTo(plain));
        Assert.That(
            await GetHashAsync(options => options.AddLabels = new Dictionary<string, string> { ["replica"] = "1" }),
            Is.EqualTo(plain));
        Assert.That(
            await GetHashAsync(options => (options.FamilyNames, options.NamePrefix) = (["x"], "a_")),
            Is.EqualTo(await GetHashAsync(options => (options.FamilyNames, options.NamePrefix) = (["x"], "b_"))));
        Assert.That(
            await GetHashAsync(options => options.DropLabels = ["a", "b"]),
            Is.EqualTo(await GetHashAsync(options => options.DropLabels = ["b", "a"])));
    }

    [TestCase(false, 60, 0, TestName = "Store_is_not_used_for_a_collector_that_is_not_shared")]
    [TestCase(true, 0, 0, TestName = "Store_is_not_used_for_a_collector_that_keeps_no_result")]
    [TestCase(true, 0, 60, TestName = "Store_is_not_used_for_a_collector_with_ServeStaleFor_only")]
    public async Task Store_is_not_used(bool shared, int cacheFor, int serveStaleFor)
    {
        var store = new FakeResultStore { Stored = CreateResult() };
        await using var host = CreateHost(store, FakeCollector.Counting("x"), options =>
        {
            options.Shared = shared;
            options.CacheFor = TimeSpan.FromSeconds(cacheFor);
            options.ServeStaleFor = TimeSpan.FromSeconds(serveStaleFor);
        });

        Assert.That((await host.ScrapeAsync()).GetValue("x"), Is.EqualTo(1));
        Assert.That(store.Requests, Is.Empty);
    }

    [TestCase(5, 5)]
    [TestCase(60, 30)]
    public async Task Store_gets_the_shorter_timeout_of_scrape_and_collector(int scrape, int expected)
    {
        var store = new FakeResultStore();
        await using var host = CreateHost(store, FakeCollector.Counting("x"));

        await host.ScrapeAsync(TimeSpan.FromSeconds(scrape));
        Assert.That(store.Requests.Single().Collector, Is.EqualTo(nameof(FakeCollector)));
        Assert.That(store.Requests.Single().Timeout, Is.EqualTo(TimeSpan.FromSeconds(expected)));
    }

    [Test]
    public async Task Run_that_waits_for_the_store_times_out_and_is_cancelled()
    {
        var store = new FakeResultStore { Hangs = true };
        await using var host = CreateHost(store, FakeCollector.Counting("x"));
        var scrape = MetricsHost.CatchFailureAsync(host.ScrapeAsync());
        await store.Hanging.Soon();

        host.Time.Advance(TimeSpan.FromSeconds(30));
        await scrape;
        await store.Cancelled.Soon();
    }

    [Test]
    public async Task Age_of_a_stored_result_counts_towards_the_interval_to_the_next_refresh()
    {
        var store = new FakeResultStore { Stored = CreateResult(age: 20) };
        await using var host = CreateHost(
            store, FakeCollector.Counting("x"), options => options.RefreshEvery = Interval);
        Assert.That((await host.ScrapeAsync()).GetValue("x"), Is.EqualTo(7));

        // The result is 20 s old, so the next refresh is due in 37 to 43 s: the interval of 60 s varies by 5 %.
        store.Stored = null;
        await RefreshHost.AdvanceWhenIdleAsync(host, TimeSpan.FromSeconds(36));
        await host.ScrapeAsync();
        Assert.That(store.Requests, Has.Length.EqualTo(1));
        host.Time.Advance(TimeSpan.FromSeconds(7.1));
        await Waiting.UntilAsync(
            async () => (await host.ScrapeAsync()).GetValue("x"), value => value == 1);
        Assert.That(store.Collected!.MaxAge, Is.EqualTo(0.9 * Interval), "Below the shortest interval.");
    }

    [Test]
    public async Task Refresh_does_not_query_the_store_again_at_once_if_the_result_is_older_than_the_interval()
    {
        var store = new FakeResultStore { Stored = CreateResult(age: 100) };
        await using var host = CreateHost(
            store, FakeCollector.Counting("x"), options => options.RefreshEvery = Interval);
        await host.Registry.Refreshes.FirstRuns.Soon();

        host.Time.Advance(TimeSpan.FromSeconds(0.9));
        await host.ScrapeAsync();
        Assert.That(store.Requests, Has.Length.EqualTo(1));
        await Waiting.UntilAsync(
            () =>
            {
                host.Time.Advance(TimeSpan.FromSeconds(0.2));
                return store.Requests.Length;
            },
            requests => requests > 1);
    }

    [TestCase("true", 7)]
    [TestCase("false", 1)]
    public async Task Configuration_sets_Shared(string shared, int expected)
    {
        var store = new FakeResultStore { Stored = CreateResult() };
        await using var host = new MetricsHost(metrics =>
        {
            metrics.AddCollector(FakeCollector.Counting("x"), options => options.CacheFor = Interval);
            metrics.Services.AddSingleton<ICollectorResultStore>(store);
            metrics.Services.AddSingleton(CreateSettings(("Collectors:FakeCollector:Shared", shared)));
        });

        Assert.That((await host.ScrapeAsync()).GetValue("x"), Is.EqualTo(expected));
    }

    [Test]
    public async Task Default_collectors_are_shared_once_they_keep_results()
    {
        var store = new FakeResultStore();
        await using var host = new MetricsHost(
            metrics =>
            {
                metrics.Services.AddSingleton<ICollectorResultStore>(store);
                metrics.Services.AddScoped(_ => Mock.Of<IProcessRepository>());
                metrics.ConfigureDefaultCollectors(DefaultCollectors.All, options => options.CacheFor = Interval);
            },
            options => options.DefaultCollectors = DefaultCollectors.Processes);
        store.Stored = CreateResult();

        Assert.That((await host.ScrapeAsync()).GetValue("x"), Is.EqualTo(7));
        Assert.That(store.Requests.Single().Collector, Is.EqualTo(nameof(ProcessCollector)));
    }

    private static async Task<string> GetHashAsync(Action<CollectorOptions> configure)
    {
        var store = new FakeResultStore();
        await using var host = CreateHost(store, FakeCollector.Counting("x"), options =>
        {
            options.CacheFor = Interval;
            configure(options);
        });
        await host.ScrapeAsync();
        return store.Requests[0].OptionsHash;
    }

    internal static MetricsHost CreateHost(
        FakeResultStore store, IMetricsCollector collector, Action<CollectorOptions>? configureCollector = null,
        Action<OrchestratorMetricsOptions>? configure = null) =>
        new(
            metrics =>
            {
                metrics.Services.AddSingleton<ICollectorResultStore>(store);
                metrics.AddCollector(collector, options =>
                {
                    options.Shared = true;
                    if (configureCollector is null)
                        options.CacheFor = Interval;
                    configureCollector?.Invoke(options);
                });
            },
            configure);

    private static MetricFamily CreateFamilyOfTwoUsers()
    {
        var family = MetricFamily.Gauge("x", "", "site", "user");
        family.Add(1, "north", "ada");
        family.Add(2, "north", "bob");
        return family;
    }

    private static CollectorResult CreateResult(double age = 0, double duration = 0)
    {
        var families = FakeCollector.CreateGauge("x", 7);
        _ = new MetricsSnapshot(families);
        return new(families, TimeSpan.FromSeconds(age), TimeSpan.FromSeconds(duration), Interval);
    }
}
