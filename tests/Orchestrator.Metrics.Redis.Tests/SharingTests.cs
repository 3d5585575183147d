using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Moq;
using StackExchange.Redis;

namespace Orchestrator.Metrics.Tests;

public class SharingTests
{
    [Test]
    public async Task Four_replicas_that_are_scraped_at_once_run_the_collector_once()
    {
        await using var server = await RedisServer.StartAsync();
        var mayReturn = new TaskCompletionSource();
        var hasStarted = new TaskCompletionSource();
        var counting = FakeCollector.Counting("x");
        var collector = new FakeCollector(async token =>
        {
            hasStarted.TrySetResult();
            await mayReturn.Task.WaitAsync(token);
            return await counting.CollectAsync(token);
        });
        var replicas = Enumerable.Range(0, 4).Select(_ => new Replica(server, collector)).ToArray();
        var scrapes = Enumerable.Range(0, 8).Select(i => replicas[i % 4].ScrapeValueAsync()).ToArray();
        await hasStarted.Task.Soon();
        mayReturn.SetResult();

        Assert.That(await Task.WhenAll(scrapes), Is.All.EqualTo(1));
        Assert.That(collector.Runs, Is.EqualTo(1));
        Assert.That(replicas.SelectMany(replica => replica.Log.Entries), Is.Empty);
        await using var late = new Replica(server, collector);
        Assert.That(await late.ScrapeValueAsync(), Is.EqualTo(1), "A replica that starts later reads the same result.");

        var database = await server.ConnectAsync();
        await database.KeyDeleteAsync(await StoredResults.WaitForKeyAsync(database));
        var others = Enumerable.Range(0, 4).Select(_ => new Replica(server, collector)).ToArray();
        Assert.That(await Task.WhenAll(others.Select(replica => replica.ScrapeValueAsync())), Is.All.EqualTo(2));
        Assert.That(collector.Runs, Is.EqualTo(2), "One run per interval.");
        foreach (var replica in replicas.Concat(others))
            await replica.DisposeAsync();
    }

    [Test]
    public async Task Result_that_does_not_fit_into_memory_is_reported_with_the_remedy()
    {
        await using var server = await RedisServer.StartAsync();
        await using var replica = new Replica(server, FakeCollector.Counting("x"));
        var families = new Mock<IReadOnlyList<MetricFamily>>();
        families.Setup(it => it.GetEnumerator()).Throws<OutOfMemoryException>();

        await replica.Store.GetOrCollectAsync(
            new("large", "0", TimeSpan.FromSeconds(20)),
            () => Task.FromResult(new CollectorResult(
                families.Object, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.FromMinutes(1))),
            CancellationToken.None);

        var entry = await replica.Log.WaitForAsync(entry => entry.Level == LogLevel.Warning);
        Assert.That(entry.Message, Does.Contain(
            "Redis: There is not enough memory to store it. Raise the memory limit of the program, or lower " +
            "OrchestratorMetricsOptions.MaxSamplesPerCollector. Further problems"));
    }

    [Test]
    public async Task Families_of_all_types_are_the_same_in_all_replicas()
    {
        await using var server = await RedisServer.StartAsync();
        var collector = FakeCollector.Returning(AllKinds.CreateFamilies());
        await using var first = new Replica(server, collector, options: options => options.ScrapeMetrics = false);
        await using var second = new Replica(server, collector, options: options => options.ScrapeMetrics = false);

        var own = await first.ScrapeAsync();
        var shared = await second.ScrapeAsync();
        foreach (var format in new[]
        {
            ExpositionFormat.PrometheusText, ExpositionFormat.OpenMetrics,
            ExpositionFormat.OpenMetrics.WithEscaping(EscapingScheme.AllowUtf8),
        })
        {
            Assert.That(shared.ToText(format), Is.EqualTo(own.ToText(format)));
        }

        Assert.That(collector.Runs, Is.EqualTo(1));
    }

    [Test]
    public async Task Labels_are_hashed_and_added_by_each_replica_and_dropped_before_Redis()
    {
        await using var server = await RedisServer.StartAsync();
        var collector = new FakeCollector(_ =>
        {
            var family = MetricFamily.Gauge("x", "", "site", "user");
            family.Add(1, "north", "ada");
            family.Add(2, "north", "bob");
            return Task.FromResult<IReadOnlyList<MetricFamily>>([family]);
        });
        Replica Create(string name) => new(
            server, collector, options =>
            {
                options.DropLabels = ["user"];
                options.HashLabels = ["site"];
                options.AddLabels = new Dictionary<string, string> { ["replica"] = name };
            },
            options: options => (options.LabelHashKey, options.ScrapeMetrics) = ("a key of sixteen characters", false));
        await using var first = Create("1");
        await using var second = Create("2");

        var own = (await first.ScrapeAsync()).ToString();
        Assert.That((await second.ScrapeAsync()).ToString(), Is.EqualTo(own.Replace("\"1\"", "\"2\"")));
        Assert.That(own, Does.Contain("replica=\"1\",site=\"").And.Not.Contain("north"));
        var database = await server.ConnectAsync();
        var text = StoredResults.ReadText(database, await StoredResults.WaitForKeyAsync(database));
        Assert.That(text, Does.Contain("x{site=\"north\"} 3.0"));
    }

    [Test]
    public async Task Keys_contain_application_version_collector_options_and_suffix_and_expire()
    {
        await using var server = await RedisServer.StartAsync();
        await using var replica = new Replica(server, FakeCollector.Counting("x"), keySuffix: "v2");
        await replica.ScrapeAsync();

        var database = await server.ConnectAsync();
        var key = await StoredResults.WaitForKeyAsync(database);
        Assert.That(key, Does.Match(@"^orchestrator-metrics:[\w.-]+:\d+\.\d+\.\d+[^:]*:FakeCollector:[0-9a-f]{16}:v2$"));
        Assert.That(
            await database.KeyTimeToLiveAsync(key), Is.InRange(TimeSpan.FromMinutes(8), TimeSpan.FromMinutes(10)));
    }

    [Test]
    public async Task Replicas_with_different_suffixes_or_options_do_not_share_results()
    {
        await using var server = await RedisServer.StartAsync();
        var collector = FakeCollector.Counting("x");
        await using var first = new Replica(server, collector);
        await using var suffixed = new Replica(server, collector, keySuffix: "v2");
        await using var dropping = new Replica(server, collector, options => options.DropLabels = ["user"]);

        Assert.That(await first.ScrapeValueAsync(), Is.EqualTo(1));
        Assert.That(await suffixed.ScrapeValueAsync(), Is.EqualTo(2));
        Assert.That(await dropping.ScrapeValueAsync(), Is.EqualTo(3));
    }

    [Test]
    public async Task Age_is_the_time_that_the_result_has_been_in_Redis()
    {
        await using var server = await RedisServer.StartAsync();
        await using var first = new Replica(server, FakeCollector.Counting("x"));
        await first.ScrapeAsync();
        var database = await server.ConnectAsync();
        var key = await StoredResults.WaitForKeyAsync(database);

        // As if five minutes had passed.
        await database.KeyExpireAsync(key, TimeSpan.FromMinutes(5));
        await using var second = new Replica(server, FakeCollector.Counting("x"));
        (await second.ScrapeAsync()).TryGetValue(
            "wfo_scrape_collector_data_age_seconds", out var age, ("collector", "FakeCollector"));
        Assert.That(age, Is.InRange(298, 400));
    }

    [Test]
    public async Task Result_that_cannot_be_stored_is_not_shared_and_delays_no_replica()
    {
        await using var server = await RedisServer.StartAsync();
        var collector = new FakeCollector(_ =>
        {
            var family = MetricFamily.Histogram("x", "");
            family.Add(MetricPoint.NativeHistogram(new NativeHistogram(0, 0)));
            return Task.FromResult<IReadOnlyList<MetricFamily>>([family]);
        });
        await using var first = new Replica(server, collector);
        await using var second = new Replica(server, collector);
        await first.ScrapeAsync();
        await first.Log.WaitForAsync(entry => entry.Message.Contains("no lossless text", StringComparison.Ordinal));
        await StoredResults.WaitForKeyAsync(await server.ConnectAsync());
        await second.ScrapeAsync();

        Assert.That(collector.Runs, Is.EqualTo(2));
        Assert.That(second.Log.Entries, Is.Empty);
    }

    [TestCase(400)]
    [TestCase(10_675_199, Description = "The longest TimeSpan.")]
    public async Task Result_that_is_cached_for_longer_than_a_year_is_shared_for_a_year(int days)
    {
        await using var server = await RedisServer.StartAsync();
        var collector = FakeCollector.Counting("x");
        Replica Create() => new(server, collector, options => options.CacheFor = TimeSpan.FromDays(days));
        await using var first = Create();
        await using var second = Create();
        await first.ScrapeAsync();
        var database = await server.ConnectAsync();
        var key = await StoredResults.WaitForKeyAsync(database);

        Assert.That(await second.ScrapeValueAsync(), Is.EqualTo(1));
        Assert.That(
            await database.KeyTimeToLiveAsync(key), Is.InRange(TimeSpan.FromDays(364), TimeSpan.FromDays(365)));
        Assert.That(first.Log.Entries.Concat(second.Log.Entries), Is.Empty);
    }

    [TestCase(0)]
    [TestCase(1)]
    public async Task Request_with_little_time_runs_the_collector_and_is_not_an_outage(int milliseconds)
    {
        await using var server = await RedisServer.StartAsync();
        await using var replica = new Replica(server, FakeCollector.Counting("x"));
        var request = new CollectorResultRequest("other", "0", TimeSpan.FromMilliseconds(milliseconds));
        var own = new CollectorResult([], TimeSpan.Zero, TimeSpan.Zero, TimeSpan.FromMinutes(1));

        for (var i = 0; i < 10; i++)
        {
            Assert.That(
                await replica.Store.GetOrCollectAsync(request, () => Task.FromResult(own), CancellationToken.None).Soon(),
                Is.SameAs(own));
        }

        await replica.ScrapeAsync();
        await StoredResults.WaitForKeyAsync(await server.ConnectAsync());
        Assert.That(replica.Log.Entries, Is.Empty);
    }

    [Test]
    public async Task Replicas_in_different_environments_do_not_share_results()
    {
        await using var server = await RedisServer.StartAsync();
        var collector = FakeCollector.Counting("x");
        await using var staging = CreateInEnvironment("Staging");
        await using var production = CreateInEnvironment("Production");
        await using var another = CreateInEnvironment("Production");

        Assert.That(await staging.ScrapeValueAsync(), Is.EqualTo(1));
        Assert.That(await production.ScrapeValueAsync(), Is.EqualTo(2));
        Assert.That(await another.ScrapeValueAsync(), Is.EqualTo(2));

        Replica CreateInEnvironment(string name) => new(
            metrics =>
            {
                metrics.Services.AddSingleton(Mock.Of<IHostEnvironment>(
                    environment => environment.ApplicationName == "app" && environment.EnvironmentName == name));
                metrics.ShareResultsInRedis(server.Address);
            },
            collector);
    }

    [Test]
    public async Task Result_of_24_megabytes_is_shared()
    {
        await using var server = await RedisServer.StartAsync();
        var family = MetricFamily.Gauge("large", "", "id");
        var random = new Random(1);
        for (var i = 0; i < 40_000; i++)
            family.Add(i, random.GetHexString(600));
        var collector = FakeCollector.Returning(family);
        await using var first = new Replica(server, collector);
        var own = await first.ScrapeAsync();
        var database = await server.ConnectAsync();
        await StoredResults.WaitForKeyAsync(database);

        await using var second = new Replica(server, collector);
        var shared = await second.ScrapeAsync();
        Assert.That(collector.Runs, Is.EqualTo(1));
        Assert.That(
            shared.Families[0].Samples.SequenceEqual(own.Families[0].Samples, new SampleComparer()), Is.True);
    }

    [Test]
    public async Task Connection_of_the_host_is_used_and_not_disposed()
    {
        await using var server = await RedisServer.StartAsync();
        await using var connection = await ConnectionMultiplexer.ConnectAsync(server.Address);
        var collector = FakeCollector.Counting("x");
        var replica = new Replica(
            metrics =>
            {
                metrics.Services.AddSingleton<IConnectionMultiplexer>(connection);
                metrics.ShareResultsInRedis(services => services.GetRequiredService<IConnectionMultiplexer>());
            },
            collector);
        await replica.ScrapeAsync();
        await StoredResults.WaitForKeyAsync(connection.GetDatabase());
        await replica.DisposeAsync();

        Assert.That(connection.IsConnected, Is.True);
    }

    private sealed class SampleComparer : IEqualityComparer<MetricSample>
    {
        public bool Equals(MetricSample x, MetricSample y) =>
            x.Name == y.Name && x.Value.Equals(y.Value) && x.Labels.SequenceEqual(y.Labels);

        public int GetHashCode(MetricSample sample) => sample.Value.GetHashCode();
    }
}
