using Microsoft.Extensions.Logging;

namespace Orchestrator.Metrics.OpenTelemetry;

/// <summary>The log messages of exported meters, all in one class for identical builds, as in the core.</summary>
internal sealed partial class MeterLog(ILogger logger)
{
    [LoggerMessage(EventId = 50, Level = LogLevel.Warning,
        Message = "Instrument {Instrument} of meter {Meter} has more series than the cardinality limit of the " +
            "OpenTelemetry SDK, 2000 by default. Measurements of further series are added up in one with the label " +
            "otel_metric_overflow. Use fewer tag values, or raise the limit with a view: AddView(\"{Instrument}\", " +
            "new MetricStreamConfiguration {{ CardinalityLimit = ... }}).")]
    public partial void Overflow(string instrument, string meter);

    [LoggerMessage(EventId = 51, Level = LogLevel.Warning,
        Message = "Event sources are off, so exceptions in the callbacks of observable instruments cannot be " +
            "detected, and their measurements are missing without a failure. Set the MSBuild property " +
            "EventSourceSupport to true.")]
    public partial void NoEventSources();
}
