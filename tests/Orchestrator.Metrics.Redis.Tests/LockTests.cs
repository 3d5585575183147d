using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;

namespace Orchestrator.Metrics.Tests;

public class LockTests
{
    [Test]
    public async Task Failed_run_lets_the_other_replicas_run_the_collector_at_once()
    {
        await using var server = await RedisServer.StartAsync();
        var gate = new TaskCompletionSource<IReadOnlyList<MetricFamily>>();
        await using var failing = new Replica(server, new FakeCollector(_ => gate.Task));
        var failed = failing.ScrapeAsync();
        var database = await server.ConnectAsync();
        await StoredResults.WaitForRunKeyAsync(database);
        await using var waiting = new Replica(server, FakeCollector.Counting("x"));
        var scrape = waiting.ScrapeValueAsync();
        gate.SetException(new InvalidOperationException("no database"));

        Assert.That(() => failed, Throws.InstanceOf<MetricsCollectionException>());
        Assert.That(await scrape, Is.EqualTo(1));
    }

    [Test]
    public async Task Result_that_a_collector_returns_after_its_cancellation_is_not_shared_and_its_lock_is_released()
    {
        await using var server = await RedisServer.StartAsync();
        var database = await server.ConnectAsync();
        var started = new TaskCompletionSource();
        await using var cancelled = new Replica(server, new FakeCollector(async token =>
        {
            started.SetResult();
            await Task.Delay(Timeout.Infinite, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return FakeCollector.CreateGauge("x", -1);
        }));
        using var disconnect = new CancellationTokenSource();
        var scrape = cancelled.Registry.CollectAsync(new(), disconnect.Token);
        await started.Task.Soon();
        await disconnect.CancelAsync();
        await ((Task)scrape).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        await Waiting.UntilAsync(() => RedisServer.GetKeys(database).Length, keys => keys == 0);
        Assert.That(
            StoredResults.CountDeletions(database), Is.EqualTo(1), "The token is released instead of expiring.");
        await using var other = new Replica(server, FakeCollector.Returning("x", 2));
        Assert.That(await other.ScrapeValueAsync(), Is.EqualTo(2));
    }

    [Test]
    public async Task Run_that_hangs_delays_the_other_replicas_by_half_of_their_timeout_only()
    {
        await using var server = await RedisServer.StartAsync();
        var gate = new TaskCompletionSource<IReadOnlyList<MetricFamily>>();
        await using var hanging = new Replica(server, new FakeCollector(_ => gate.Task));
        var scrape = hanging.ScrapeValueAsync();
        var database = await server.ConnectAsync();
        var key = await StoredResults.WaitForRunKeyAsync(database);

        await using var other = new Replica(server, FakeCollector.Returning("x", 2));
        var value = await other.ScrapeAsync(TimeSpan.FromSeconds(2));
        Assert.That(value.TryGetValue("x", out _), Is.True);
        Assert.That(await StoredResults.WaitForRunKeyAsync(database), Is.EqualTo(key), "The result of the other replica is not stored.");

        gate.SetResult(FakeCollector.CreateGauge("x", 1));
        Assert.That(await scrape, Is.EqualTo(1));
        await StoredResults.WaitForKeyAsync(database);
    }

    [Test]
    public async Task User_with_the_permissions_in_the_package_README_can_share_results_and_extend_and_release_locks()
    {
        await using var server = await RedisServer.StartAsync();
        var database = await server.ConnectAsync();
        var readme = await File.ReadAllTextAsync(
            Path.Combine(TestFiles.Root, "src", "Orchestrator.Metrics.Redis", "README.md"));
        var sentence = readme[readme.IndexOf("A restricted Redis user", StringComparison.Ordinal)..].Split('.')[0];
        var quoted = sentence.Split('`').Where((_, i) => i % 2 == 1).ToArray();
        await database.ExecuteAsync("ACL",
            ["SETUSER", "scraper", "on", ">secret", $"~{quoted[0]}", .. quoted[1..].Select(command => $"+{command}")]);
        var collector = FakeCollector.Counting("x");
        Replica Create(IMetricsCollector source) => new(
            metrics => metrics.ShareResultsInRedis($"{server.Address},user=scraper,password=secret"), source);
        await using var first = Create(collector);
        await using var second = Create(collector);

        Assert.That(await first.ScrapeValueAsync(), Is.EqualTo(1));
        var key = await StoredResults.WaitForKeyAsync(database);
        Assert.That(await second.ScrapeValueAsync(), Is.EqualTo(1));
        await database.ListLeftPushAsync("list", "value");
        await database.KeyRenameAsync("list", key);
        await using var third = Create(collector);
        Assert.That(await third.ScrapeValueAsync(), Is.EqualTo(2));
        await Waiting.UntilAsync(() => database.KeyType(key), type => type == RedisType.String);

        // A run releases its token when no caller is waiting any more.
        await database.KeyDeleteAsync(key);
        using var disconnect = new CancellationTokenSource();
        await using var disconnecting = Create(new FakeCollector(async token =>
        {
            await Task.Delay(Timeout.Infinite, token);
            return [];
        }));
        var scrape = disconnecting.Registry.CollectAsync(new(), disconnect.Token);
        await StoredResults.WaitForRunKeyAsync(database);
        await Waiting.UntilAsync(() => StoredResults.CountCalls(database, "expire"), calls => calls == 1);
        await disconnect.CancelAsync();
        await ((Task)scrape).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Waiting.UntilAsync(() => RedisServer.GetKeys(database).Length, keys => keys == 0);
        Assert.That(
            StoredResults.CountDeletions(database), Is.EqualTo(3),
            "The test deletes the list and the key. The token is released instead of expiring.");
        Assert.That(new[] { first, second, disconnecting }.SelectMany(replica => replica.Log.Warnings), Is.Empty);
    }

    [Test]
    public async Task Missing_permission_to_extend_the_lock_is_logged_if_the_result_is_not_stored()
    {
        await using var server = await RedisServer.StartAsync();
        var database = await server.ConnectAsync();
        await database.ExecuteAsync("ACL", "SETUSER", "scraper", "on", ">secret", "~*", "+@all", "-expire");
        var time = new FakeTimeProvider();
        var gate = new TaskCompletionSource<IReadOnlyList<MetricFamily>>();
        var collector = new FakeCollector(_ => gate.Task);
        await using var replica = new Replica(
            metrics =>
            {
                metrics.Services.AddSingleton<TimeProvider>(time);
                RedisExtensions.ShareResultsInRedis(
                    metrics, $"{server.Address},user=scraper,password=secret", "", TimeSpan.FromSeconds(20));
            },
            collector);
        var scrape = replica.ScrapeAsync();
        await Waiting.UntilAsync(() => collector.Runs, runs => runs == 1);

        // The lock is extended after a quarter of its lifetime. Without that, it expires.
        time.Advance(TimeSpan.FromSeconds(1.25));
        await Waiting.UntilAsync(() => StoredResults.CountCalls(database, "multi"), calls => calls == 1);
        await database.KeyDeleteAsync(await StoredResults.WaitForRunKeyAsync(database));
        gate.SetResult(FakeCollector.CreateGauge("x"));
        await scrape;

        var entry = await replica.Log.WaitForAsync(_ => true);
        Assert.That(entry.Message, Does.StartWith("The result of collector FakeCollector is not shared under the key ")
            .And.Contain("EXECABORT"));
        Assert.That(replica.Log.Entries, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Lock_is_released_if_Redis_refuses_the_result()
    {
        await using var server = await RedisServer.StartAsync();
        var database = await server.ConnectAsync();
        await database.ExecuteAsync(
            "ACL", "SETUSER", "scraper", "on", ">secret", "~*", "+@all", "-expireat", "-pexpireat");
        await using var replica = new Replica(
            metrics => metrics.ShareResultsInRedis($"{server.Address},user=scraper,password=secret"),
            FakeCollector.Counting("x"));

        await replica.ScrapeAsync();
        await replica.Log.WaitForAsync(entry => entry.Message.Contains("EXECABORT", StringComparison.Ordinal));
        Assert.That(RedisServer.GetKeys(database), Is.Empty, "The other replicas need not wait until the token expires.");
    }

    [TestCase(false, TestName = "Late_result_does_not_replace_one_that_another_replica_has_stored")]
    [TestCase(true, TestName = "Late_failure_does_not_replace_a_result_that_another_replica_has_stored")]
    public async Task Replica_that_has_lost_its_token_stores_nothing(bool fails)
    {
        await using var server = await RedisServer.StartAsync();
        var gate = new TaskCompletionSource<IReadOnlyList<MetricFamily>>();
        await using var late = new Replica(server, new FakeCollector(_ => gate.Task));
        var scrape = late.ScrapeAsync();
        var database = await server.ConnectAsync();

        // As if the replica had been stopped for longer than the lifetime of its token.
        await database.KeyDeleteAsync(await StoredResults.WaitForRunKeyAsync(database));
        await using var other = new Replica(server, FakeCollector.Returning("x", 2));
        await other.ScrapeAsync();
        var key = await StoredResults.WaitForKeyAsync(database);
        // A transaction whose condition is not met ends in UNWATCH.
        var refused = StoredResults.CountCalls(database, "unwatch");

        if (fails)
            gate.SetException(new InvalidOperationException("no database"));
        else
            gate.SetResult(FakeCollector.CreateGauge("x", 1));
        await ((Task)scrape).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Waiting.UntilAsync(() => StoredResults.CountCalls(database, "unwatch"), count => count > refused);
        Assert.That(StoredResults.ReadText(database, key), Does.Contain("\nx 2.0\n"));
        Assert.That(
            await database.KeyTimeToLiveAsync(key), Is.InRange(TimeSpan.FromMinutes(8), TimeSpan.FromMinutes(10)));
    }
}
