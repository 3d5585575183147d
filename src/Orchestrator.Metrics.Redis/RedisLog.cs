using Microsoft.Extensions.Logging;
using Orchestrator.Metrics.Logging;

namespace Orchestrator.Metrics.Redis;

/// <summary>The log messages of this package. All are in one class, as in the core.</summary>
internal sealed partial class RedisLog(SafeLogger logger)
{
    [LoggerMessage(EventId = 60, Level = LogLevel.Warning,
        Message = "Redis does not answer. This replica runs its collectors itself until Redis is back.")]
    public partial void Lost(Exception exception);

    [LoggerMessage(EventId = 61, Level = LogLevel.Information,
        Message = "Redis answers again. The replicas share the results of collectors.")]
    public partial void Recovered();

    [LoggerMessage(EventId = 62, Level = LogLevel.Warning,
        Message = "The result of collector {Collector} is not shared, because of the key {Key} in Redis: {Problem} " +
            "Not logged again until a result is stored there.")]
    public partial void NotShared(string collector, string key, string problem);
}
