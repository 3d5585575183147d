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
    public async Task Command_that_fails_after_its_timeout_is_no_unobserved_exception()
    {
        var time = new FakeTimeProvider();
        var multiplexer = Mock.Of<IConnectionMultiplexer>();
        using var connection = new RedisConnection(
            () => Task.FromResult(multiplexer), isOwned: false, TimeSpan.FromSeconds(1), time,
            new RedisLog(new SafeLogger(NullLogger.Instance)));
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
            unobserved += e.Exception.InnerExceptions.Any(exception => exception is LateException or RedisLostException)
                ? 1 : 0;
    }

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
