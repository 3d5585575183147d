using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Moq;
using Orchestrator.Metrics.Logging;
using Orchestrator.Metrics.Redis;
using StackExchange.Redis;

namespace Orchestrator.Metrics.Tests;

public class ConnectionTests
{
    [Test]
    public async Task Command_that_fails_after_its_timeout_causes_no_unobserved_exception()
    {
        var time = new FakeTimeProvider();
        using var connection = Create(() => Task.FromResult(Mock.Of<IConnectionMultiplexer>()), time);
        var unobserved = 0;
        TaskScheduler.UnobservedTaskException += OnUnobserved;
        try
        {
            await FailLateAsync(connection, time);
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= OnUnobserved;
        }

        Assert.That(unobserved, Is.Zero);

        void OnUnobserved(object? sender, UnobservedTaskExceptionEventArgs e) =>
            unobserved += e.Exception.InnerExceptions
                .Any(exception => exception is LateException or RedisUnavailableException) ? 1 : 0;
    }

    [Test]
    public async Task Connection_whose_creation_was_cancelled_is_created_again()
    {
        var time = new FakeTimeProvider();
        var attempts = 0;
        var database = Mock.Of<IDatabase>(it => it.PingAsync(It.IsAny<CommandFlags>()) == Task.FromResult(TimeSpan.Zero));
        var multiplexer = Mock.Of<IConnectionMultiplexer>(
            it => it.GetDatabase(It.IsAny<int>(), It.IsAny<object>()) == database);
        using var connection = Create(
            () => attempts++ == 0
                ? Task.FromCanceled<IConnectionMultiplexer>(new CancellationToken(canceled: true))
                : Task.FromResult(multiplexer),
            time);
        await Assert.ThrowsAsync<RedisUnavailableException>(() => connection.SendAsync(_ => Task.FromResult(true)));

        time.Advance(RedisConnection.ProbeInterval);
        await Waiting.UntilAsync(() => connection.IsDown, isDown => !isDown);

        Assert.That(await connection.SendAsync(_ => Task.FromResult(true)), Is.True);
    }

    private static RedisConnection Create(Func<Task<IConnectionMultiplexer>> connect, FakeTimeProvider time) => new(
        connect, isOwned: false, TimeSpan.FromSeconds(1), time, new RedisLog(new SafeLogger(NullLogger.Instance), servers: null));

    private static async Task FailLateAsync(RedisConnection connection, FakeTimeProvider time)
    {
        var answer = new TaskCompletionSource<bool>();
        var command = connection.SendAsync(_ => answer.Task);
        time.Advance(TimeSpan.FromSeconds(1));
        await ((Task)command).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Assert.That(connection.IsDown, Is.True);
        answer.SetException(new LateException());
        _ = answer.Task.Exception;
    }

    private sealed class LateException : Exception;
}
