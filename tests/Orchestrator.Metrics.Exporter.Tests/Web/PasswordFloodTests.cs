using System.Net;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Orchestrator.Metrics.Exporter.Web;
using Orchestrator.Metrics.Tests;

namespace Orchestrator.Metrics.Exporter.Tests.Web;

internal sealed class PasswordFloodTests
{
    private static readonly IPAddress Attacker = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress Prometheus = IPAddress.Parse("192.0.2.2");

    [Test]
    public async Task Flood_of_wrong_passwords_does_not_delay_a_verified_user()
    {
        using var gate = new ManualResetEventSlim();
        var running = 0;
        var most = 0;
        var users = new BasicAuthUsers(new Dictionary<string, string> { ["alice"] = "right" }, (password, hash) =>
        {
            if (password == hash)
                return true;
            most = Math.Max(most, Interlocked.Increment(ref running));
            gate.BlockUntilSet();
            Interlocked.Decrement(ref running);
            return false;
        });
        await using var authenticator = new Authenticator();
        Assert.That(await AskAsync(Prometheus, "right"), Is.EqualTo(StatusCodes.Status200OK));

        var flood = Enumerable.Range(0, 30).Select(_ => AskAsync(Attacker, "wrong")).ToArray();
        Assert.That(await AskAsync(Prometheus, "right").Soon(), Is.EqualTo(StatusCodes.Status200OK));
        gate.Set();
        var statuses = await Task.WhenAll(flood).Soon();

        // One that runs, ten that wait, and the others.
        Assert.That(statuses.Count(status => status == StatusCodes.Status401Unauthorized), Is.EqualTo(11));
        Assert.That(statuses.Count(status => status == StatusCodes.Status429TooManyRequests), Is.EqualTo(19));
        Assert.That(most, Is.EqualTo(1));

        async Task<int> AskAsync(IPAddress address, string password)
        {
            var context = new DefaultHttpContext();
            context.Connection.RemoteIpAddress = address;
            context.Request.Headers.Authorization = AccessServer.Basic("alice", password).ToString();
            await authenticator.AuthenticateAsync(context, users, null);
            return context.Response.StatusCode;
        }
    }

    [Test]
    public async Task First_check_of_another_address_waits_for_one_check_only()
    {
        await using var limiter = new PasswordLimiter();
        var attack = await limiter.AcquireAsync(Attacker, "alice", default);
        Task<RateLimitLease>[] queue = [Ask(Attacker), Ask(Attacker), Ask(Attacker)];

        var scrape = Ask(Prometheus);
        Assert.That(scrape.IsCompleted, Is.False);
        attack.Dispose();
        using var lease = await scrape.Soon();

        Assert.That(lease.IsAcquired, Is.True);
        Assert.That(queue.Select(waiting => waiting.IsCompleted), Is.All.False);

        Task<RateLimitLease> Ask(IPAddress address) => limiter.AcquireAsync(address, "alice", default).AsTask();
    }

    [Test]
    public async Task Client_that_disconnects_leaves_the_queue()
    {
        await using var limiter = new PasswordLimiter();
        using var running = await limiter.AcquireAsync(Attacker, "alice", default);
        using var disconnect = new CancellationTokenSource();
        Task<RateLimitLease>[] queue =
            [.. Enumerable.Range(0, 10).Select(_ => limiter.AcquireAsync(Attacker, "alice", disconnect.Token).AsTask())];
        using var rejected = await limiter.AcquireAsync(Attacker, "alice", default);

        await disconnect.CancelAsync();
        var next = limiter.AcquireAsync(Attacker, "alice", default);

        Assert.That((rejected.IsAcquired, next.IsCompleted), Is.EqualTo((false, false)));
        Assert.That(() => Task.WhenAll(queue).Soon(), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(queue.Select(waiting => waiting.IsCanceled), Is.All.True);
    }

    [Test]
    public async Task Flood_fills_neither_the_queue_of_another_network_nor_that_of_another_group_of_users()
    {
        await using var limiter = new PasswordLimiter();
        var other = Enumerable.Range(0, 1000).Select(number => $"user{number}")
            .First(user => PasswordLimiter.GroupOf(user) != PasswordLimiter.GroupOf("alice"));
        using var running = await limiter.AcquireAsync(Address(1), "alice", default);
        for (var host = 2; host < 12; host++)
            _ = limiter.AcquireAsync(Address(host), "alice", default).AsTask();

        using var rejected = await limiter.AcquireAsync(Address(12), "alice", default);
        var otherUser = limiter.AcquireAsync(Address(1), other, default).AsTask();
        var otherNetwork = limiter.AcquireAsync(Prometheus, "alice", default).AsTask();

        Assert.That(rejected.IsAcquired, Is.False);
        running.Dispose();
        await Task.WhenAny(otherUser, otherNetwork).Soon();
        using (var first = await otherUser.Soon())
            Assert.That(first.IsAcquired, Is.True);
        using var second = await otherNetwork.Soon();
        Assert.That(second.IsAcquired, Is.True);

        static IPAddress Address(int host) => IPAddress.Parse($"2001:db8::{host:x}");
    }
}
