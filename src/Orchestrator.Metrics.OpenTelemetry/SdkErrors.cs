using System.Diagnostics.Tracing;

namespace Orchestrator.Metrics.OpenTelemetry;

/// <summary>
/// Reports exceptions that the SDK catches while it collects on the current thread, for example in the callbacks of
/// observable instruments, and instruments that it ignores. The SDK writes both only to its event source, and the
/// measurements are missing.
/// </summary>
/// <remarks>Without event sources (<c>EventSourceSupport</c>), nothing is reported.</remarks>
internal sealed class SdkErrors : EventListener
{
    private const string Sdk = "OpenTelemetry-Sdk";
    private const string CallbackFailed = "ObservableInstrumentCallbackException";
    private const string ReaderFailed = "MetricReaderException";
    private const string Ignored = "MetricInstrumentIgnored";

    // Intended by the host: a meter that it does not add or adds twice, and a view that drops an instrument.
    private static readonly string[] IntendedReasons = ["Instrument belongs to a Meter ", "View configuration "];

    private static readonly SdkErrors Listener = new();

    [ThreadStatic]
    private static List<string>? _errors;

    private SdkErrors()
    {
    }

    /// <summary>
    /// Occurs when an SDK of the process ignores an instrument. Arguments: its name, its meter, the reason and the fix.
    /// </summary>
    public static event Action<string, string, string, string>? InstrumentIgnored;

    /// <summary>Runs an action and returns the exceptions that the SDK caught during the action, as text.</summary>
    public static IReadOnlyList<string> Capture(Action collect)
    {
        GC.KeepAlive(Listener);
        var errors = _errors = [];
        try
        {
            collect();
        }
        finally
        {
            _errors = null;
        }

        return errors;
    }

    // The constructor of the base class calls this method for existing event sources. New ones follow later.
    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == Sdk)
            EnableEvents(eventSource, EventLevel.Warning);
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (_errors is { } errors && eventData.EventName is CallbackFailed or ReaderFailed)
            errors.Add(eventData.Payload?[^1] as string ?? eventData.EventName);
        else if (eventData.EventName == Ignored
            && eventData.Payload is [string instrument, string meter, string reason, string fix]
            && !IntendedReasons.Any(intended => reason.StartsWith(intended, StringComparison.Ordinal)))
            InstrumentIgnored?.Invoke(instrument, meter, reason, fix);
    }
}
