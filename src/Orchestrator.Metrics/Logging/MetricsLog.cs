using Microsoft.Extensions.Logging;

namespace Orchestrator.Metrics.Logging;

/// <summary>What the log says of collectors and of publishing. Nothing at all as long as all goes well.</summary>
/// <remarks>
/// All messages of this assembly stand here: the generator writes classes in an order that changes from build to build
/// (https://github.com/dotnet/runtime/issues/119587), and the builds of one commit are to be the same.
/// </remarks>
internal sealed partial class MetricsLog(SafeLogger logger)
{
    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "Collector {Collector} failed.")]
    public partial void Failed(Exception exception, string collector);

    [LoggerMessage(EventId = 2, Level = LogLevel.Error,
        Message = "Collector {Collector} did not finish in time ({Seconds} s).")]
    public partial void TimedOut(string collector, double seconds);

    [LoggerMessage(EventId = 7, Level = LogLevel.Error,
        Message = "Collector {Collector} did not start in time ({Seconds} s): as many collectors as may run at the " +
            "same time did not finish. Raise MaxConcurrentCollectors, or look for the slow ones.")]
    public partial void NotStarted(string collector, double seconds);

    [LoggerMessage(EventId = 3, Level = LogLevel.Information,
        Message = "Collector {Collector}, whose time had been up, has ended after {Seconds} s.")]
    public partial void EndedLate(string collector, double seconds);

    [LoggerMessage(EventId = 6, Level = LogLevel.Warning,
        Message = "Collector {Collector} was cancelled and still runs, since {Seconds} s. It is not started again " +
            "before it ends.")]
    public partial void StillRunning(string collector, double seconds);

    [LoggerMessage(
        EventId = 5, Level = LogLevel.Debug, Message = "Collector {Collector} ended after it was cancelled.")]
    public partial void FailedAfterCancellation(Exception exception, string collector);

    [LoggerMessage(EventId = 4, Level = LogLevel.Error,
        Message = "Collectors {Other} and {Collector} both returned metric family {Family}, so {Collector} failed. " +
            "Rename the family in one of them, or unregister one of them.")]
    public partial void SameFamily(string other, string collector, string family);

    [LoggerMessage(EventId = 8, Level = LogLevel.Error,
        Message = "Collectors {Other} and {Collector} both write the name {Name}, in metric family {OtherFamily} and " +
            "in metric family {Family}, so {Collector} failed. Rename the family in one of them, or unregister one " +
            "of them.")]
    public partial void SameName(string other, string collector, string name, string otherFamily, string family);

    [LoggerMessage(EventId = 10, Level = LogLevel.Warning,
        Message = "Collector {Collector} found no schema and writes its families without samples until there is " +
            "one. Have the migrations run?")]
    public partial void MissingSchema(Exception exception, string collector);

    [LoggerMessage(EventId = 40, Level = LogLevel.Error,
        Message = "Publishing to the meter failed. Nothing is reported before the next collection.")]
    public partial void NotPublished(Exception exception);

    [LoggerMessage(EventId = 41, Level = LogLevel.Warning,
        Message = "OpenTelemetry ignores the instrument {Instrument}: a name starts with a letter and goes on with " +
            "at most 254 letters, digits, '_', '.', '-' and '/'. Rename the family to have it there.")]
    public partial void NotAnOpenTelemetryName(string instrument);
}
