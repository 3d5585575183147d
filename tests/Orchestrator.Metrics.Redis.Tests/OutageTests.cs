using Microsoft.Extensions.Logging;

namespace Orchestrator.Metrics.Tests;

/// <summary>A Redis that is slow, frozen, gone or restarted: each replica runs its collectors itself.</summary>
public class OutageTests
{
    private const int Lost = 60;
    private const int Recovered = 61;

    [Test]
    public async Task Killed_Redis_is_reported_once_and_used_again_after_its_restart()
    {
        await using var server = await RedisServer.StartAsync();
        var collector = FakeCollector.Counting("x");
        await using var replica = Uncached(server, collector);
        Assert.That(await replica.ValueAsync(), Is.EqualTo(1));

        await server.KillAsync();
        for (var i = 2; i <= 5; i++)
            Assert.That(await replica.ValueAsync(), Is.EqualTo(i));
        Assert.That(Events(replica), Is.EqualTo([Lost]));
        Assert.That(Warnings(replica), Is.EqualTo(new[]
        {
            "Redis does not answer: it cannot be reached. This replica runs its collectors itself until Redis is back.",
        }));

        await server.RestartAsync();
        await replica.Log.WaitForAsync(entry => entry.Event.Id == Recovered);
        await AssertSharesAsync(server, replica);
        Assert.That(Events(replica), Is.EqualTo([Lost, Recovered]));
    }

    [Test]
    public async Task Frozen_Redis_is_reported_once_and_used_again_when_it_continues()
    {
        await using var server = await RedisServer.StartAsync();
        var collector = FakeCollector.Counting("x");
        await using var replica = Uncached(server, collector);
        Assert.That(await replica.ValueAsync(), Is.EqualTo(1));

        await server.FreezeAsync();
        for (var i = 2; i <= 5; i++)
            Assert.That(await replica.ValueAsync(), Is.EqualTo(i));
        Assert.That(Events(replica), Is.EqualTo([Lost]));
        Assert.That(Warnings(replica).Single(), Does.StartWith("Redis does not answer: it timed out. This replica"));

        await server.ContinueAsync();
        await replica.Log.WaitForAsync(entry => entry.Event.Id == Recovered);
        await AssertSharesAsync(server, replica);
    }

    [Test]
    public async Task Redis_that_does_not_exist_at_the_start_is_used_once_it_does()
    {
        await using var server = await RedisServer.StartAsync();
        await server.KillAsync();
        var collector = FakeCollector.Counting("x");
        await using var replica = Uncached(server, collector);
        Assert.That(await replica.ValueAsync(), Is.EqualTo(1));
        Assert.That(await replica.ValueAsync(), Is.EqualTo(2));
        Assert.That(Events(replica), Is.EqualTo([Lost]));

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
            return FakeCollector.Gauge("x", 7);
        }));

        Assert.That(await replica.ValueAsync(), Is.EqualTo(7));
        await server.ContinueAsync();
    }

    [Test]
    public async Task Wrong_password_is_an_outage_with_its_cause()
    {
        await using var server = await RedisServer.StartAsync();
        var redis = await server.ConnectAsync();
        await redis.ExecuteAsync("CONFIG", "SET", "requirepass", "S3cret");
        await using var replica = new Replica(
            metrics => metrics.ShareResultsInRedis(server.Address + ",password=wrong8153"), FakeCollector.Counting("x"));

        Assert.That(await replica.ValueAsync(), Is.EqualTo(1));
        Assert.That(Warnings(replica).Single(), Does.StartWith(
            "Redis does not answer: it rejects the user or the password. This replica"));
    }

    [Test]
    public async Task Connection_of_the_host_that_fails_to_be_created_is_an_outage()
    {
        await using var replica = new Replica(
            metrics => metrics.ShareResultsInRedis(_ => throw new InvalidOperationException("no connection")),
            FakeCollector.Counting("x"));

        Assert.That(await replica.ValueAsync(), Is.EqualTo(1));
        Assert.That(Events(replica), Is.EqualTo([Lost]));
        Assert.That(Warnings(replica).Single(), Does.StartWith("Redis does not answer: no connection. This replica"));
        Assert.That(replica.Log.Of(LogLevel.Debug).Single().Exception, Is.TypeOf<InvalidOperationException>());
    }

    /// <summary>A replica that keeps no result itself for longer than a moment, so that each scrape asks Redis.</summary>
    private static Replica Uncached(RedisServer server, IMetricsCollector collector) =>
        new(server, collector, options => options.CacheFor = TimeSpan.FromTicks(1));

    private static async Task AssertSharesAsync(RedisServer server, Replica replica)
    {
        var database = await server.ConnectAsync();
        await Waiting.UntilAsync(
            async () =>
            {
                await replica.ScrapeAsync();
                return RedisServer.StoredKeys(database).Length;
            },
            keys => keys == 1);
    }

    private static int[] Events(Replica replica) =>
        [.. replica.Log.Entries.Where(entry => entry.Level > LogLevel.Debug).Select(entry => entry.Event.Id)];

    private static IEnumerable<string> Warnings(Replica replica) =>
        replica.Log.Of(LogLevel.Warning).Select(entry => entry.Message);
}
