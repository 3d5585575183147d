using Microsoft.Extensions.Logging;
using Orchestrator.Metrics.Logging;
using StackExchange.Redis;

namespace Orchestrator.Metrics.Redis;

/// <summary>The log messages of this package. All are in one class, as in the core.</summary>
internal sealed partial class RedisLog(SafeLogger logger, string? servers)
{
    private readonly string _server = servers ?? "the server";

    public void Lost(Exception exception)
    {
        Lost(Describe(exception));
        LostDetails(exception);
    }

    [LoggerMessage(EventId = 60, Level = LogLevel.Warning,
        Message = "Redis is unavailable: {Cause}. This replica runs its collectors itself until Redis is available.")]
    private partial void Lost(string cause);

    [LoggerMessage(EventId = 63, Level = LogLevel.Debug, Message = "Details of the Redis failure.")]
    private partial void LostDetails(Exception exception);

    [LoggerMessage(EventId = 61, Level = LogLevel.Information,
        Message = "Redis is available again. The replicas share the results of collectors.")]
    public partial void Recovered();

    [LoggerMessage(EventId = 62, Level = LogLevel.Warning,
        Message = "The result of collector {Collector} is not shared under the key {Key} in Redis: {Problem}. " +
            "Further problems with this key are not logged until a result is stored under it.")]
    public partial void NotShared(string collector, string key, string problem);

    // Avoids the messages of StackExchange.Redis, which contain counters of its queues and threads.
    private string Describe(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure })
                return $"{_server} rejects the user or the password";
        }

        return exception switch
        {
            RedisConnectionException => $"{_server} cannot be reached",
            TimeoutException => $"{_server} timed out",
            _ => exception.Message.TrimEnd('.'),
        };
    }
}
