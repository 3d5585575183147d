using System.Net;
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
        var authenticator = new Authenticator();
        Assert.That(await RequestAsync(Prometheus, "right"), Is.EqualTo(StatusCodes.Status200OK));

        var flood = Enumerable.Range(0, 30).Select(_ => RequestAsync(Attacker, "wrong")).ToArray();
        Assert.That(await RequestAsync(Prometheus, "right").Soon(), Is.EqualTo(StatusCodes.Status200OK));
        gate.Set();
        var statuses = await Task.WhenAll(flood).Soon();

        // One check runs, ten wait, and the other 19 are rejected.
        Assert.That(statuses.Count(status => status == StatusCodes.Status401Unauthorized), Is.EqualTo(11));
        Assert.That(statuses.Count(status => status == StatusCodes.Status429TooManyRequests), Is.EqualTo(19));
        Assert.That(most, Is.EqualTo(1));

        async Task<int> RequestAsync(IPAddress address, string password)
        {
            var context = new DefaultHttpContext();
            context.Connection.RemoteIpAddress = address;
            context.Request.Headers.Authorization = AccessServer.CreateBasic("alice", password).ToString();
            await authenticator.AuthenticateAsync(context, users, null);
            return context.Response.StatusCode;
        }
    }

    [Test]
    public async Task First_check_of_another_address_waits_for_one_check_only()
    {
        var limiter = new PasswordLimiter();
        using var attack = new Check(limiter, Attacker);
        attack.Started.BlockUntilSet();
        using var first = new Check(limiter, Attacker);
        using var second = new Check(limiter, Attacker);

        using var scrape = new Check(limiter, Prometheus, isRight: true);
        Assert.That(scrape.Result.IsCompleted, Is.False);
        attack.Gate.Set();
        scrape.Gate.Set();

        Assert.That(await scrape.Result.Soon(), Is.True);
        Assert.That(await attack.Result.Soon(), Is.False);
        Assert.That((first.Result.IsCompleted, second.Result.IsCompleted), Is.EqualTo((false, false)));
    }

    [Test]
    public async Task Client_that_disconnects_leaves_the_queue()
    {
        var limiter = new PasswordLimiter();
        using var running = new Check(limiter, Attacker);
        using var disconnect = new CancellationTokenSource();
        var queue = Enumerable.Range(0, 10)
            .Select(_ => new Check(limiter, Attacker, cancellationToken: disconnect.Token)).ToArray();
        using var rejected = new Check(limiter, Attacker);
        Assert.That(await rejected.Result.Soon(), Is.Null);

        await disconnect.CancelAsync();
        foreach (var waiting in queue)
            Assert.That(() => waiting.Result.Soon(), Throws.InstanceOf<OperationCanceledException>());
        using var next = new Check(limiter, Attacker);

        Assert.That(next.Result.IsCompleted, Is.False);
        running.Gate.Set();
        next.Gate.Set();
        Assert.That(await next.Result.Soon(), Is.False);
    }

    [Test]
    public async Task Flood_fills_neither_the_queue_of_another_network_nor_that_of_another_group_of_users()
    {
        var limiter = new PasswordLimiter();
        var other = Enumerable.Range(0, 1000).Select(number => $"user{number}")
            .First(user => PasswordLimiter.GetGroup(user) != PasswordLimiter.GetGroup("alice"));
        using var attack = new Check(limiter, BuildAddress(1));
        var queue = Enumerable.Range(2, 10).Select(host => new Check(limiter, BuildAddress(host))).ToArray();

        using var rejected = new Check(limiter, BuildAddress(12));
        using var otherUser = new Check(limiter, BuildAddress(1), other);
        using var otherNetwork = new Check(limiter, Prometheus);

        Assert.That(await rejected.Result.Soon(), Is.Null);
        foreach (var check in new[] { attack, otherUser, otherNetwork })
            check.Gate.Set();
        Assert.That(await otherUser.Result.Soon(), Is.False);
        Assert.That(await otherNetwork.Result.Soon(), Is.False);
        Assert.That(queue.Select(waiting => waiting.Result.IsCompleted), Is.All.False);
        foreach (var waiting in queue)
            waiting.Dispose();

        static IPAddress BuildAddress(int number) => IPAddress.Parse($"2001:db8::{number:x}");
    }

    [Test]
    public async Task Number_of_waiting_networks_is_limited_until_checks_complete()
    {
        var limiter = new PasswordLimiter();
        var attack = Enumerable.Range(0, 256).Select(number => new Check(limiter, new IPAddress([10, 0, 0, (byte)number])))
            .ToArray();
        using var rejected = new Check(limiter, Prometheus);
        Assert.That(await rejected.Result.Soon(), Is.Null);

        foreach (var check in attack)
            check.Dispose();
        await Task.WhenAll(attack.Select(check => check.Result)).Soon();
        using var scrape = new Check(limiter, Prometheus, isRight: true);
        scrape.Gate.Set();
        Assert.That(await scrape.Result.Soon(), Is.True);
    }

    /// <summary>A password check that completes when its gate is opened. Disposal opens the gate.</summary>
    private sealed class Check : IDisposable
    {
        public Check(
            PasswordLimiter limiter, IPAddress address, string user = "alice", bool isRight = false,
            CancellationToken cancellationToken = default) => Result = limiter.TryRunAsync(
            address, user,
            () =>
            {
                Started.Set();
                Gate.BlockUntilSet();
                return isRight;
            },
            cancellationToken);

        public ManualResetEventSlim Started { get; } = new();

        public ManualResetEventSlim Gate { get; } = new();

        /// <summary>The result; null if the queue is full.</summary>
        public Task<bool?> Result { get; }

        // Does not dispose the events, because the check may still use them.
        public void Dispose() => Gate.Set();
    }
}
