using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Moq;

namespace Orchestrator.Metrics.Tests.Collection;

/// <summary>Collectors that run in the background at an interval.</summary>
public class RefreshTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    // An interval varies by 5 %.
    private static readonly TimeSpan LongestInterval = Interval * 1.05 + TimeSpan.FromSeconds(1);

    [Test]
    public async Task Scrapes_get_the_last_result_however_often_they_come()
    {
        var collector = new GatedCollector("x");
        await using var host = Host(collector);
        var first = await collector.NextRunAsync();
        var scrape = host.ScrapeAsync();
        first.Return(1);
        Assert.That((await scrape).Value("x"), Is.EqualTo(1), "The first scrape waits for the first run.");

        for (var i = 0; i < 5; i++)
            Assert.That((await host.ScrapeAsync()).Value("x"), Is.EqualTo(1));
        Assert.That(collector.Runs, Is.EqualTo(1));

        host.Time.Advance(LongestInterval);
        var second = await collector.NextRunAsync();
        Assert.That((await host.ScrapeAsync()).Value("x"), Is.EqualTo(1), "A refresh does not delay scrapes.");
        second.Return(2);
        await UntilAsync(host, 2);
        Assert.That(collector.Runs, Is.EqualTo(2));
        Assert.That(collector.MostRunning, Is.EqualTo(1));
    }

    [Test]
    public async Task Interval_is_not_shorter_than_configured_but_for_the_jitter()
    {
        var collector = new GatedCollector("x");
        await using var host = Host(collector);
        (await collector.NextRunAsync()).Return();
        await UntilAsync(host, 1);

        host.Time.Advance(Interval * 0.94);
        await host.ScrapeAsync();
        Assert.That(collector.Runs, Is.EqualTo(1));
        host.Time.Advance(Interval * 0.12);
        (await collector.NextRunAsync()).Return();
    }

    [Test]
    public async Task Interval_grows_with_the_duration_of_the_run()
    {
        var collector = new GatedCollector("x");
        await using var host = Host(collector, options => options.MaxRefreshShare = 0.05);
        var first = await collector.NextRunAsync();
        host.Time.Advance(TimeSpan.FromSeconds(20));
        first.Return(1);
        await UntilAsync(host, 1);

        // 20 s are 5 % of 400 s.
        host.Time.Advance(TimeSpan.FromSeconds(400 * 0.95 - 21));
        await host.ScrapeAsync();
        Assert.That(collector.Runs, Is.EqualTo(1));
        host.Time.Advance(TimeSpan.FromSeconds(42));
        (await collector.NextRunAsync()).Return(2);
    }

    [Test]
    public async Task Interval_that_the_share_determines_never_becomes_shorter()
    {
        // Each interval varies at random; a mistake escapes once in a million times.
        const int Collectors = 20;
        var gate = new TaskCompletionSource();
        var starts = new ConcurrentQueue<(int Collector, DateTimeOffset At)>();
        MetricsHost? host = null;
        host = new MetricsHost(builder =>
        {
            for (var i = 0; i < Collectors; i++)
            {
                var number = i;
                builder.AddCollector(
                    $"x{i}",
                    async (_, _) =>
                    {
                        starts.Enqueue((number, host!.Time.GetUtcNow()));
                        await gate.Task;
                        return FakeCollector.Gauge($"x{number}");
                    },
                    options => options.RefreshEvery = TimeSpan.FromSeconds(1));
            }
        });
        await using var _ = host;
        var first = host.Time.GetUtcNow();
        await Waiting.UntilAsync(() => starts.Count, count => count == Collectors);
        host.Time.Advance(TimeSpan.FromSeconds(20));
        gate.SetResult();
        await host.ScrapeAsync();
        await Waiting.UntilAsync(
            () =>
            {
                host.Time.Advance(TimeSpan.FromSeconds(1));
                return starts.DistinctBy(start => (start.Collector, start.At == first)).Count();
            },
            count => count == 2 * Collectors);

        // 20 s are 10 % of 200 s.
        Assert.That(
            starts.Where(start => start.At != first).Select(start => start.At), Is.All.GreaterThanOrEqualTo(first.AddSeconds(200)));
    }

    [Test]
    public async Task Interval_grows_with_the_duration_of_a_failed_run()
    {
        var collector = new GatedCollector("x");
        await using var host = Host(collector);
        var first = await collector.NextRunAsync();
        host.Time.Advance(TimeSpan.FromSeconds(20));
        first.Fail(new InvalidOperationException("down"));
        await host.Log.WaitForAsync(entry => entry.Message.Contains("failed", StringComparison.Ordinal));

        // 20 s are a tenth of 200 s.
        host.Time.Advance(TimeSpan.FromSeconds(200 * 0.95 - 21));
        await host.FailedScrapeAsync();
        Assert.That(collector.Runs, Is.EqualTo(1));
        host.Time.Advance(TimeSpan.FromSeconds(22));
        (await collector.NextRunAsync()).Return(2);
    }

    [Test]
    public async Task Failed_refresh_serves_the_last_result_and_is_reported()
    {
        var collector = new GatedCollector("x");
        await using var host = Host(collector, configure: options => options.ScrapeMetrics = true);
        (await collector.NextRunAsync()).Return(1);
        await UntilAsync(host, 1);
        host.Time.Advance(LongestInterval);
        (await collector.NextRunAsync()).Fail(new InvalidOperationException("down"));
        await host.Log.WaitForAsync(entry => entry.Message.Contains("failed", StringComparison.Ordinal));

        var snapshot = await host.ScrapeAsync();

        Assert.That(snapshot.Value("x"), Is.EqualTo(1));
        Assert.That(snapshot.ToString(), Does.Contain(
            "wfo_scrape_collector_success{collector=\"GatedCollector\"} 0.0\n").And.Contain(
            "wfo_scrape_collector_data_age_seconds{collector=\"GatedCollector\"} 64.0\n"));

        host.Time.Advance(LongestInterval);
        (await collector.NextRunAsync()).Return(3);
        await UntilAsync(host, 3);
        Assert.That((await host.ScrapeAsync()).ToString(), Does.Contain(
            "wfo_scrape_collector_success{collector=\"GatedCollector\"} 1.0\n"));
    }

    [Test]
    public async Task Result_beyond_its_maximum_age_fails_the_scrape_without_a_run()
    {
        var collector = new GatedCollector("x", ignoresToken: true);
        await using var host = Host(
            collector, options => (options.ServeStaleFor, options.MaxRefreshShare) = (2 * Interval, 1));
        (await collector.NextRunAsync()).Return(1);
        await UntilAsync(host, 1);
        host.Time.Advance(LongestInterval);
        var hanging = await collector.NextRunAsync();
        host.Time.Advance(LongestInterval);

        var failure = await host.FailedScrapeAsync();

        Assert.That(
            failure.InnerException!.Message,
            Is.EqualTo("The last result of collector 'GatedCollector' is older than 120 s."));
        Assert.That(collector.Runs, Is.EqualTo(2));
        hanging.Return(2);
        await host.Log.WaitForAsync(entry => entry.Event.Id == 3);

        // Steps that are shorter than the timeout of a run.
        await Waiting.UntilAsync(
            () =>
            {
                host.Time.Advance(TimeSpan.FromSeconds(10));
                return collector.Runs;
            },
            runs => runs == 3);
        (await collector.NextRunAsync()).Return(3);
        await UntilAsync(host, 3);
    }

    [Test]
    public async Task Maximum_age_is_three_intervals_and_the_timeout_by_default()
    {
        var collector = new GatedCollector("x", ignoresToken: true);
        await using var host = Host(
            collector, options => (options.Timeout, options.MaxRefreshShare) = (TimeSpan.FromSeconds(10), 1));
        (await collector.NextRunAsync()).Return(1);
        await UntilAsync(host, 1);
        host.Time.Advance(LongestInterval);
        await collector.NextRunAsync();

        host.Time.Advance(3 * Interval + TimeSpan.FromSeconds(10) - LongestInterval);
        Assert.That((await host.ScrapeAsync()).Value("x"), Is.EqualTo(1));
        host.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(
            (await host.FailedScrapeAsync()).InnerException!.Message, Does.EndWith("is older than 190 s."));
        collector.ReturnAll();
    }

    [Test]
    public async Task Scrapes_start_no_runs_before_the_first_success()
    {
        var collector = new GatedCollector("x");
        await using var host = Host(collector);
        (await collector.NextRunAsync()).Fail(new InvalidOperationException("down"));
        await host.Log.WaitForAsync(entry => entry.Message.Contains("failed", StringComparison.Ordinal));

        for (var i = 0; i < 3; i++)
            Assert.That((await host.FailedScrapeAsync()).InnerException!.Message, Is.EqualTo("down"));

        Assert.That(collector.Runs, Is.EqualTo(1));
        host.Time.Advance(LongestInterval);
        (await collector.NextRunAsync()).Return(2);
        await UntilAsync(host, 2);
    }

    [Test]
    public async Task Run_that_hangs_stretches_the_interval_by_its_timeout_only()
    {
        var collector = new GatedCollector("x", ignoresToken: true);
        await using var host = Host(collector);
        var hanging = await collector.NextRunAsync();
        host.Time.Advance(TimeSpan.FromHours(10));
        host.Time.Advance(CollectorRun.AbandonAfter);
        await host.FailedScrapeAsync();
        hanging.Return();
        await host.Log.WaitForAsync(entry => entry.Event.Id == 3);

        // A tenth of the time for a run of 30 s. Steps that are shorter than the timeout of a run.
        var steps = 0;
        await Waiting.UntilAsync(
            () =>
            {
                host.Time.Advance(TimeSpan.FromSeconds(10));
                steps++;
                return collector.Runs;
            },
            runs => runs == 2);
        Assert.That(steps, Is.LessThan(1000), "Ten hours are 3600 steps.");
        (await collector.NextRunAsync()).Return(2);
        await UntilAsync(host, 2);
    }

    [Test]
    public async Task Disposed_container_ends_the_refresh()
    {
        var collector = new GatedCollector("x");
        var host = Host(collector);
        foreach (var service in host.Services.GetServices<IHostedService>())
            await service.StartAsync(CancellationToken.None);
        var run = await collector.NextRunAsync();

        await host.DisposeAsync();

        await run.Cancelled;
    }

    [Test]
    public async Task Requests_by_name_filter_the_last_result()
    {
        IReadOnlyCollection<string>? requested = ["not read"];
        await using var host = new MetricsHost(builder => builder.AddCollector(
            services =>
            {
                requested = services.GetRequiredService<CollectorContext>().GetRequestedNames();
                return new FakeCollector(_ => Task.FromResult<IReadOnlyList<MetricFamily>>(
                    [.. FakeCollector.Gauge("x", 1), .. FakeCollector.Gauge("y", 2)]));
            },
            options => options.RefreshEvery = Interval));
        await UntilAsync(host, 1);

        var snapshot = await host.Registry.CollectAsync(new() { Names = ["y"] }).Soon();

        Assert.That(snapshot.Families.Select(family => family.Name), Is.EqualTo(new[] { "y" }));
        Assert.That(requested, Is.Null);
    }

    [Test]
    public async Task Unregistered_collector_is_cancelled_and_does_not_run_again()
    {
        var collector = new GatedCollector("x");
        await using var host = new MetricsHost();
        host.Registry.Register(collector, options => options.RefreshEvery = Interval);
        var run = await collector.NextRunAsync();

        host.Registry.Unregister(collector);
        await run.Cancelled;

        host.Time.Advance(10 * Interval);
        Assert.That(collector.Runs, Is.EqualTo(1));
    }

    [Test]
    public async Task Stop_of_the_host_cancels_the_refresh()
    {
        var collector = new GatedCollector("x");
        using var stopping = new CancellationTokenSource();
        await using var host = new MetricsHost(builder =>
        {
            builder.Services.AddSingleton(Mock.Of<IHostApplicationLifetime>(
                lifetime => lifetime.ApplicationStopping == stopping.Token));
            builder.AddCollector(collector, options => options.RefreshEvery = Interval);
        });
        var run = await collector.NextRunAsync();

        await stopping.CancelAsync();

        await run.Cancelled;
        host.Time.Advance(10 * Interval);
        Assert.That(collector.Runs, Is.EqualTo(1));
    }

    [Test]
    public async Task Start_of_the_host_waits_for_the_first_refresh_if_configured()
    {
        var collector = new GatedCollector("x");
        await using var host = Host(collector, configure: options => options.WaitForFirstRefresh = true);
        var start = Task.WhenAll(
            host.Services.GetServices<IHostedService>().Select(service => service.StartAsync(CancellationToken.None)));
        var run = await collector.NextRunAsync();
        Assert.That(start.IsCompleted, Is.False);

        run.Fail(new InvalidOperationException("down"));

        await start.Soon();
    }

    [Test]
    public async Task Scrapes_do_not_wait_for_the_first_result_if_configured()
    {
        var collector = new GatedCollector("x");
        await using var host = Host(collector, options => options.WaitForFirstResult = false);
        var first = await collector.NextRunAsync();

        var failure = await host.FailedScrapeAsync();

        Assert.That(failure.InnerException!.Message, Is.EqualTo(
            "Collector 'GatedCollector' has no result yet, because its first background refresh has not finished."));
        first.Fail(new InvalidOperationException("down"));
        await host.Log.WaitForAsync(entry => entry.Message.Contains("failed", StringComparison.Ordinal));
        host.Time.Advance(LongestInterval);
        var second = await collector.NextRunAsync();
        Assert.That((await host.FailedScrapeAsync()).InnerException!.Message, Is.EqualTo("down"));

        second.Return(2);
        await UntilAsync(host, 2);
        Assert.That(collector.Runs, Is.EqualTo(2));
    }

    [TestCase("RefreshEvery", "1.00:00:01", "it must be at most a day")]
    [TestCase("RefreshEvery", "-00:00:01", "it must not be negative")]
    public void Invalid_interval_is_an_error(string option, string value, string problem) => Assert.That(
        () => new OrchestratorMetricsRegistry().Register(
            FakeCollector.Counting("x"), options => options.RefreshEvery = TimeSpan.Parse(value, CultureInfo.InvariantCulture)),
        Throws.ArgumentException.With.Message.StartsWith($"{option} of collector 'FakeCollector' is").And.Message
            .Contains(problem));

    [TestCase(0)]
    [TestCase(1.1)]
    [TestCase(double.NaN)]
    public void Invalid_share_is_an_error(double share) => Assert.That(
        () => new OrchestratorMetricsRegistry().Register(
            FakeCollector.Counting("x"), options => options.MaxRefreshShare = share),
        Throws.ArgumentException.With.Message.Contains("it must be above 0 and at most 1"));

    [Test]
    public void Refresh_and_cache_exclude_each_other() => Assert.That(
        () => new OrchestratorMetricsRegistry().Register(
            FakeCollector.Counting("x"),
            options => (options.RefreshEvery, options.CacheFor) = (Interval, Interval)),
        Throws.ArgumentException.With.Message.Contains("CacheFor of collector 'FakeCollector' and RefreshEvery exclude"));

    private static MetricsHost Host(
        IMetricsCollector collector, Action<CollectorOptions>? refresh = null,
        Action<OrchestratorMetricsOptions>? configure = null) => new(
        builder => builder.AddCollector(collector, options =>
        {
            options.RefreshEvery = Interval;
            refresh?.Invoke(options);
        }),
        configure);

    /// <summary>Scrapes until a refresh has brought a value.</summary>
    private static Task<double> UntilAsync(MetricsHost host, double value) => Waiting.UntilAsync(
        async () =>
        {
            try
            {
                return (await host.ScrapeAsync()).Value("x");
            }
            catch (MetricsCollectionException)
            {
                return double.NaN;
            }
        },
        found => found == value);
}
