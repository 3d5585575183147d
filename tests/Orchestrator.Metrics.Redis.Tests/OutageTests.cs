using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Moq;
using StackExchange.Redis;

namespace Orchestrator.Metrics.Tests;

public class OutageTests
{
    private const int Lost = 60;
    private const int Recovered = 61;

    [Test]
    public async Task Killed_Redis_is_reported_once_and_used_again_after_its_restart()
    {
        await using var server = await RedisServer.StartAsync();
        var collector = FakeCollector.Counting("x");
        await using var replica = CreateUncached(server, collector);
        Assert.That(await replica.ScrapeValueAsync(), Is.EqualTo(1));

        await server.KillAsync();
        for (var i = 2; i <= 5; i++)
            Assert.That(await replica.ScrapeValueAsync(), Is.EqualTo(i));
        Assert.That(GetEvents(replica), Is.EqualTo([Lost]));
        Assert.That(GetWarnings(replica), Is.EqualTo(new[]
        {
            $"Redis is unavailable: {server.Address} cannot be reached. This replica runs its collectors itself until " +
            "Redis is available.",
        }));

        await server.RestartAsync();
        await replica.Log.WaitForAsync(entry => entry.Event.Id == Recovered);
        await AssertSharesAsync(server, replica);
        Assert.That(GetEvents(replica), Is.EqualTo([Lost, Recovered]));
    }

    [Test]
    public async Task Frozen_Redis_is_reported_once_and_used_again_when_it_continues()
    {
        await using var server = await RedisServer.StartAsync();
        var collector = FakeCollector.Counting("x");
        await using var replica = CreateUncached(server, collector);
        Assert.That(await replica.ScrapeValueAsync(), Is.EqualTo(1));

        await server.FreezeAsync();
        for (var i = 2; i <= 5; i++)
            Assert.That(await replica.ScrapeValueAsync(), Is.EqualTo(i));
        Assert.That(GetEvents(replica), Is.EqualTo([Lost]));
        Assert.That(GetWarnings(replica).Single(), Does.StartWith(
            $"Redis is unavailable: {server.Address} timed out. This replica"));

        await server.ContinueAsync();
        await replica.Log.WaitForAsync(entry => entry.Event.Id == Recovered);
        await AssertSharesAsync(server, replica);
    }

    [Test]
    public async Task Redis_that_does_not_run_at_the_start_is_used_once_it_runs()
    {
        await using var server = await RedisServer.StartAsync();
        await server.KillAsync();
        var collector = FakeCollector.Counting("x");
        await using var replica = CreateUncached(server, collector);
        Assert.That(await replica.ScrapeValueAsync(), Is.EqualTo(1));
        Assert.That(await replica.ScrapeValueAsync(), Is.EqualTo(2));
        Assert.That(GetEvents(replica), Is.EqualTo([Lost]));

        await server.RestartAsync();
        await replica.Log.WaitForAsync(entry => entry.Event.Id == Recovered);
        await AssertSharesAsync(server, replica);
    }

    [Test]
    public async Task Redis_that_freezes_during_the_run_does_not_delay_the_scrape()
    {
        await using var server = await RedisServer.StartAsync();
        await using var replica = new Replica(server, new FakeCollector(async _ =>
        {
            await server.FreezeAsync();
            return FakeCollector.CreateGauge("x", 7);
        }));

        Assert.That(await replica.ScrapeValueAsync(), Is.EqualTo(7));
        await server.ContinueAsync();
    }

    [Test]
    public async Task Wrong_password_is_an_outage_with_its_cause()
    {
        await using var server = await RedisServer.StartAsync();
        var redis = await server.ConnectAsync();
        await redis.ExecuteAsync("CONFIG", "SET", "requirepass", "S3cret");
        await using var replica = new Replica(
            metrics => RedisExtensions.ShareResultsInRedis(
                metrics, $"{server.Address},user=default,password=wrong8153,name=me", keySuffix: "",
                TimeSpan.FromSeconds(5)),
            FakeCollector.Counting("x"));

        Assert.That(await replica.ScrapeValueAsync(), Is.EqualTo(1));
        Assert.That(GetWarnings(replica).Single(), Does.StartWith(
            $"Redis is unavailable: {server.Address} rejects the user or the password. This replica"));
    }

    [Test]
    public async Task Connection_of_the_host_that_fails_to_be_created_is_an_outage()
    {
        await using var replica = new Replica(
            metrics => metrics.ShareResultsInRedis(_ => throw new InvalidOperationException("no connection")),
            FakeCollector.Counting("x"));

        Assert.That(await replica.ScrapeValueAsync(), Is.EqualTo(1));
        Assert.That(GetEvents(replica), Is.EqualTo([Lost]));
        Assert.That(GetWarnings(replica).Single(), Does.StartWith("Redis is unavailable: no connection. This replica"));
        Assert.That(replica.Log.GetEntries(LogLevel.Debug).Single().Exception, Is.TypeOf<InvalidOperationException>());
    }

    [TestCase(ConnectionFailureType.UnableToConnect, "the server cannot be reached")]
    [TestCase(ConnectionFailureType.AuthenticationFailure, "the server rejects the user or the password")]
    [TestCase(null, "the server timed out")]
    public async Task Outage_of_a_connection_of_the_host_is_reported_without_the_details_of_the_exception(
        ConnectionFailureType? failure, string cause)
    {
        await using var replica = new Replica(
            metrics => metrics.ShareResultsInRedis(_ => throw (failure is { } type
                ? new RedisConnectionException(type, CommandFlags.None, "counters")
                : new TimeoutException("counters"))),
            FakeCollector.Counting("x"));

        await replica.ScrapeAsync();

        Assert.That(GetWarnings(replica), Is.EqualTo(new[]
        {
            $"Redis is unavailable: {cause}. This replica runs its collectors itself until Redis is available.",
        }));
    }

    [Test]
    public async Task Connection_of_the_host_that_blocks_delays_no_scrape_for_longer_than_a_command()
    {
        using var gate = new ManualResetEventSlim();
        await using var replica = new Replica(
            metrics =>
            {
                metrics.ShareResultsInRedis(_ =>
                {
                    gate.BlockUntilSet();
                    throw new InvalidOperationException("no connection");
                });
                metrics.AddCollector(FakeCollector.Counting("y"), options =>
                {
                    options.Name = "second";
                    options.Shared = true;
                    options.CacheFor = TimeSpan.FromMinutes(10);
                });
            },
            FakeCollector.Counting("x"));

        Assert.That(await replica.ScrapeValueAsync(), Is.EqualTo(1));
        Assert.That(GetEvents(replica), Is.EqualTo([Lost]));
        gate.Set();
    }

    [Test]
    public async Task Age_of_results_stored_by_a_frozen_Redis_includes_the_freeze()
    {
        await using var server = await RedisServer.StartAsync();
        var clock = new Stopwatch();
        await using var first = new Replica(server, new FakeCollector(async _ =>
        {
            clock.Start();
            await server.FreezeAsync();
            return FakeCollector.CreateGauge("x", 7);
        }));
        await first.ScrapeAsync();
        await Waiting.UntilAsync(() => clock.Elapsed, elapsed => elapsed > TimeSpan.FromSeconds(1));
        await server.ContinueAsync();
        await StoredResults.WaitForKeyAsync(await server.ConnectAsync());

        await using var second = new Replica(server, FakeCollector.Counting("x"));
        var atLeast = clock.Elapsed.TotalSeconds;
        var shared = await second.ScrapeAsync();
        shared.TryGetValue("wfo_scrape_collector_data_age_seconds", out var age, ("collector", "FakeCollector"));
        Assert.That(shared.TryGetValue("x", out var value) ? value : 0, Is.EqualTo(7));
        Assert.That(age, Is.GreaterThanOrEqualTo(atLeast - 0.01));
    }

    [Test]
    public async Task Slow_Redis_takes_a_quarter_of_the_timeout_at_most()
    {
        await using var server = await RedisServer.StartAsync();
        var time = new FakeTimeProvider();
        await using var replica = new Replica(
            metrics =>
            {
                metrics.Services.AddSingleton<TimeProvider>(time);
                RedisExtensions.ShareResultsInRedis(metrics, server.Address, "", TimeSpan.FromSeconds(20));
            },
            FakeCollector.Counting("x"));
        await replica.ScrapeAsync();
        var database = await server.ConnectAsync();
        await StoredResults.WaitForKeyAsync(database);

        // The first response arrives after four fifths of the quarter. The last command gets no response.
        var own = new CollectorResult([], TimeSpan.Zero, TimeSpan.Zero, TimeSpan.FromMinutes(1));
        await database.ExecuteAsync("CLIENT", "PAUSE", "30000", "WRITE");
        await server.FreezeAsync();
        var result = replica.Store.GetOrCollectAsync(
            new("slow", "0", TimeSpan.FromSeconds(20)), () => Task.FromResult(own), CancellationToken.None);
        time.Advance(TimeSpan.FromSeconds(4));
        await server.ContinueAsync();
        await Waiting.UntilAsync(
            () => database.Multiplexer.GetServers().Single().ClientList(),
            clients => clients.Any(client => client.Flags.HasFlag(ClientFlags.Blocked)));
        Assert.That(result.IsCompleted, Is.False, "A fifth of the quarter remains for the last command.");
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(await result.Soon(), Is.SameAs(own));
        Assert.That(replica.Log.Entries, Is.Empty, "Redis is slow, but not lost.");
        await database.ExecuteAsync("CLIENT", "UNPAUSE");
    }

    [Test]
    public async Task Logger_that_throws_does_not_affect_results()
    {
        await using var server = await RedisServer.StartAsync();
        var logger = new Mock<ILogger<OrchestratorMetricsRegistry>>();
        logger.Setup(it => it.IsEnabled(It.IsAny<LogLevel>())).Throws(new IOException("disk full"));
        await using var replica = new Replica(
            metrics =>
            {
                metrics.Services.AddSingleton(logger.Object);
                metrics.ShareResultsInRedis(server.Address);
            },
            FakeCollector.Counting("x"),
            options => options.CacheFor = TimeSpan.FromTicks(1));
        Assert.That(await replica.ScrapeValueAsync(), Is.EqualTo(1));
        await server.KillAsync();
        Assert.That(await replica.ScrapeValueAsync(), Is.EqualTo(2));

        await server.RestartAsync();
        await AssertSharesAsync(server, replica);
    }

    /// <summary>Creates a replica that keeps results only for a moment, so each scrape queries Redis.</summary>
    private static Replica CreateUncached(RedisServer server, IMetricsCollector collector) =>
        new(server, collector, options => options.CacheFor = TimeSpan.FromTicks(1));

    private static async Task AssertSharesAsync(RedisServer server, Replica replica)
    {
        var database = await server.ConnectAsync();
        await Waiting.UntilAsync(
            async () =>
            {
                await replica.ScrapeAsync();
                return StoredResults.GetKeys(database).Length;
            },
            keys => keys == 1);
    }

    private static int[] GetEvents(Replica replica) =>
        [.. replica.Log.Entries.Where(entry => entry.Level > LogLevel.Debug).Select(entry => entry.Event.Id)];

    private static IEnumerable<string> GetWarnings(Replica replica) =>
        replica.Log.GetEntries(LogLevel.Warning).Select(entry => entry.Message);
}
