using Microsoft.Extensions.Logging;
using Orchestrator.Metrics.Logging;

namespace Orchestrator.Metrics.OpenTelemetry;

/// <summary>The log messages of this package, in one class so that builds are reproducible, as in the core.</summary>
internal sealed partial class MeterLog(SafeLogger logger)
{
    [LoggerMessage(EventId = 50, Level = LogLevel.Warning,
        Message = "Instrument {Instrument} of meter {Meter} has more series than the cardinality limit of the " +
            "OpenTelemetry SDK, 2000 by default. Measurements of further series are summed in one series with the " +
            "label otel_metric_overflow. Use fewer tag values, or raise the limit with a view: " +
            "AddView(\"{Instrument}\", new MetricStreamConfiguration {{ CardinalityLimit = ... }}).")]
    public partial void Overflow(string instrument, string meter);

    [LoggerMessage(EventId = 51, Level = LogLevel.Warning,
        Message = "Event sources are off, so exceptions in the callbacks of observable instruments cannot be " +
            "detected, and their measurements are missing without a failure. Set the MSBuild property " +
            "EventSourceSupport to true.")]
    public partial void NoEventSources();

    [LoggerMessage(EventId = 52, Level = LogLevel.Warning,
        Message = "OTEL_SDK_DISABLED is true, so the OpenTelemetry SDK measures nothing and no meters are exported. " +
            "Remove the setting to export them.")]
    public partial void SdkDisabled();

    [LoggerMessage(EventId = 53, Level = LogLevel.Warning,
        Message = "The OpenTelemetry SDK ignores instrument {Instrument} of meter {Meter}: {Reason} {Fix}")]
    public partial void Ignored(string instrument, string meter, string reason, string fix);

    [LoggerMessage(EventId = 54, Level = LogLevel.Information,
        Message = "Series of instrument {Instrument} of meter {Meter} replaced series with the same labels from an " +
            "earlier instrument of the same name. This is normal if the meter of the earlier instrument was " +
            "disposed. Otherwise, rename one of the instruments with a view.")]
    public partial void Replaced(string instrument, string meter);

    [LoggerMessage(EventId = 55, Level = LogLevel.Warning,
        Message = "Instrument {Instrument} of meter {Meter} differs in description or unit from the first " +
            "instrument of metric family {Family}. The description and unit of the first one are exported. Set the " +
            "same description and unit for both instruments. A view can change the description.")]
    public partial void OtherMetadata(string instrument, string meter, string family);

    [LoggerMessage(EventId = 56, Level = LogLevel.Information,
        Message = "The creation times of instrument {Instrument} of meter {Meter} are omitted, because instrument " +
            "{Other} of meter {OtherMeter} also uses their name {Name}. To export them, rename one of the " +
            "instruments with a view.")]
    public partial void CreatedOmitted(string instrument, string meter, string other, string otherMeter, string name);
}
