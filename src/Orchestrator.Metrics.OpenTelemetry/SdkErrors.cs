using System.Diagnostics.Tracing;

namespace Orchestrator.Metrics.OpenTelemetry;

/// <summary>
/// Reports instruments that the SDK ignores, and exceptions that it catches while it collects on the current thread,
/// for example from the callbacks of observable instruments. In both cases, measurements are missing, and the SDK
/// writes only to its event source.
/// </summary>
/// <remarks>Without event sources (<c>EventSourceSupport</c>), nothing is reported.</remarks>
internal sealed class SdkErrors : EventListener
{
    private const string Sdk = "OpenTelemetry-Sdk";
    private const string CallbackFailed = "ObservableInstrumentCallbackException";
    private const string ReaderFailed = "MetricReaderException";
    private const string Ignored = "MetricInstrumentIgnored";

    // The host intends these: it does not add a meter, adds a meter twice, or drops an instrument with a view.
    private static readonly string[] IntendedReasons = ["Instrument belongs to a Meter ", "View configuration "];

    private static readonly SdkErrors Listener = new();

    [ThreadStatic]
    private static List<string>? _errors;

    private SdkErrors()
    {
    }

    /// <summary>
    /// Occurs when an SDK in the process ignores an instrument against the intention of the host. Arguments: the name
    /// of the instrument, its meter, the reason and the fix.
    /// </summary>
    public static event Action<string, string, string, string>? InstrumentIgnored;

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

    // The constructor of the base class calls this method for existing event sources.
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
