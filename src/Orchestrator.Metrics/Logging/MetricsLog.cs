using Microsoft.Extensions.Logging;

namespace Orchestrator.Metrics.Logging;

/// <summary>The log messages of this assembly. A healthy scrape logs nothing.</summary>
/// <remarks>
/// All messages of this assembly are in one class: the generator writes classes in an order that changes from build to
/// build (https://github.com/dotnet/runtime/issues/119587), and builds of the same commit must be identical.
/// </remarks>
internal sealed partial class MetricsLog(SafeLogger logger)
{
    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "Collector {Collector} failed{Query}.")]
    public partial void Failed(Exception exception, string collector, string query);

    [LoggerMessage(EventId = 18, Level = LogLevel.Information,
        Message = "Collector {Collector} has no result for a scrape yet, because its first background refresh has " +
            "not finished.")]
    public partial void NoResultYet(string collector);

    [LoggerMessage(EventId = 2, Level = LogLevel.Error,
        Message = "Collector {Collector} timed out after {Seconds:0.###} s.")]
    public partial void TimedOut(string collector, double seconds);

    [LoggerMessage(EventId = 9, Level = LogLevel.Error,
        Message = "Collector {Collector} did not finish within the timeout of a scrape ({Seconds:0.###} s). It " +
            "continues until its own timeout, and the next scrape waits for the same run.")]
    public partial void CallerTimedOut(string collector, double seconds);

    [LoggerMessage(EventId = 7, Level = LogLevel.Error,
        Message = "Collector {Collector} timed out after {Seconds:0.###} s without having started, because " +
            "MaxConcurrentCollectors others were running. Raise MaxConcurrentCollectors, or find the slow collectors.")]
    public partial void NotStarted(string collector, double seconds);

    [LoggerMessage(EventId = 3, Level = LogLevel.Information,
        Message = "Collector {Collector} completed {Seconds:0.###} s after it started, past its timeout{Query}.")]
    public partial void EndedLate(string collector, double seconds, string query);

    [LoggerMessage(EventId = 6, Level = LogLevel.Warning,
        Message = "Collector {Collector} ignores its cancellation and is still running after {Seconds:0.###} s. The " +
            "run is abandoned; the collector does not run again before this run ends.")]
    public partial void Abandoned(string collector, double seconds);

    [LoggerMessage(EventId = 14, Level = LogLevel.Error,
        Message = "Collector {Collector} is still failing: {Failures} failures in {Seconds:0.###} s. The last one: " +
            "{Reason}. The first failure of each kind is logged in full.")]
    public partial void StillFailing(string collector, long failures, double seconds, string reason);

    [LoggerMessage(EventId = 15, Level = LogLevel.Information,
        Message = "Collector {Collector} has recovered: it has not failed for a minute. Failures before: {Failures}, " +
            "in {Seconds:0.###} s.")]
    public partial void Recovered(string collector, long failures, double seconds);

    [LoggerMessage(
        EventId = 5, Level = LogLevel.Debug, Message = "Collector {Collector} ended after it was cancelled.")]
    public partial void FailedAfterCancellation(Exception exception, string collector);

    [LoggerMessage(EventId = 17, Level = LogLevel.Warning,
        Message = "A scrape was answered {Seconds:0.###} s after its timeout, because no thread was available. " +
            "Running collectors: {Collectors}. Thread pool: {Threads} threads, {WorkItems} work items queued. Code " +
            "that blocks after an await holds a thread of the pool: await instead, or start it with " +
            "TaskCreationOptions.LongRunning.")]
    public partial void LateTimeout(double seconds, string collectors, int threads, long workItems);

    [LoggerMessage(EventId = 4, Level = LogLevel.Error,
        Message = "Metric family {Family} of collector {Collector} conflicts with metric family {OtherFamily} of " +
            "collector {Other}: {Reason}. {Collector} failed. Rename the family in one of them, or remove one " +
            "collector.")]
    public partial void Conflict(string collector, string family, string other, string otherFamily, string reason);

    [LoggerMessage(EventId = 10, Level = LogLevel.Warning,
        Message = "Collector {Collector} found no schema. Its families contain no samples until the schema exists. " +
            "Run the migrations.")]
    public partial void MissingSchema(Exception exception, string collector);

    [LoggerMessage(EventId = 40, Level = LogLevel.Error,
        Message = "Publishing to the meter failed. The meter reports nothing until a collection succeeds.")]
    public partial void NotPublished(Exception exception);

    [LoggerMessage(EventId = 41, Level = LogLevel.Warning,
        Message = "OpenTelemetry ignores the instrument {Instrument}: a name must start with an ASCII letter, " +
            "contain only ASCII letters, ASCII digits, '_', '.', '-' and '/', and have at most 255 characters. " +
            "Rename the family.")]
    public partial void NotAnOpenTelemetryName(string instrument);

    [LoggerMessage(EventId = 50, Level = LogLevel.Error,
        Message = "The text file {Path} cannot be written. The last one stays in place. Further failures are not " +
            "logged until it is written again.")]
    public partial void TextFileNotWritten(Exception exception, string path);

    [LoggerMessage(EventId = 51, Level = LogLevel.Information, Message = "The text file {Path} is written again.")]
    public partial void TextFileWrittenAgain(string path);

    [LoggerMessage(EventId = 11, Level = LogLevel.Information,
        Message = "The default collectors are off, because the host registers no ISubscriptionRepository, " +
            "IProcessRepository or IWorkflowEngineRepository. Set DefaultCollectors to None to suppress this message.")]
    public partial void DefaultCollectorsAreOff();

    [LoggerMessage(EventId = 13, Level = LogLevel.Warning,
        Message = "No collector shares its results with other replicas. Set CacheFor or RefreshEvery for the " +
            "collectors that should share them; for your own collectors, also set CollectorOptions.Shared.")]
    public partial void NoResultsAreShared();

    [LoggerMessage(EventId = 12, Level = LogLevel.Warning,
        Message = "{Setting} is true, but the host maps no metrics endpoint. Call app.MapOrchestratorMetrics() of " +
            "the package Orchestrator.Metrics.AspNetCore, or remove the setting.")]
    public partial void EndpointNotMapped(string setting);
}
