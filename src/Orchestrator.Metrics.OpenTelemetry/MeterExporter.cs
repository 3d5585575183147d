using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using Orchestrator.Metrics.Logging;

namespace Orchestrator.Metrics.OpenTelemetry;

/// <summary>Collects the metrics of the SDK on request and converts them to metric families. Thread-safe.</summary>
[ExportModes(ExportModes.Pull)]
internal sealed class MeterExporter : BaseExporter<Metric>, IPullMetricExporter
{
    // A collection that begins during MeterProvider.ForceFlush gets the result of ForceFlush without an export. It is
    // then repeated.
    private const int MaxAttempts = 10_000;

    private const string TimeoutAdvice =
        " Raise the timeout of the collector, or speed up the callbacks of observable instruments.";

    private readonly Lock _lock = new();
    private readonly MeterCollectorOptions _options;
    private readonly MetricConverter _converter;
    private readonly bool _isSdkDisabled;
    private readonly Action<string, string, string, string> _onIgnored;
    private IReadOnlyList<MetricFamily>? _families;
    private Exception? _failure;

    public MeterExporter(MeterCollectorOptions options, bool isSdkDisabled, ILogger logger)
    {
        _options = options;
        _isSdkDisabled = isSdkDisabled;
        var log = new MeterLog(new SafeLogger(logger));
        _converter = new MetricConverter(options, log);
        _onIgnored = log.Ignored;
        SdkErrors.InstrumentIgnored += _onIgnored;
        if (isSdkDisabled)
            log.SdkDisabled();
        if (AppContext.TryGetSwitch("System.Diagnostics.Tracing.EventSource.IsSupported", out var enabled) && !enabled)
            log.NoEventSources();
    }

    /// <summary>Collects through the reader, which sets this property. Null after the provider is disposed.</summary>
    public Func<int, bool>? Collect { get; set; }

    /// <summary>
    /// Blocks while the callbacks of observable instruments run. The timeout includes the wait for a collection in
    /// progress.
    /// </summary>
    public IReadOnlyList<MetricFamily> CollectFamilies(TimeSpan? timeout)
    {
        // A disabled SDK measures nothing and builds no reader.
        if (_isSdkDisabled)
            return [];
        if (_lock.IsHeldByCurrentThread)
            throw new InvalidOperationException(
                "The callback of an observable instrument collects the meters. The collection would never end. " +
                "Return measurements from the callback without a scrape.");

        // Concurrent calls of Collect share one export. With the lock, each caller waits for a separate one.
        var limit = timeout ?? Timeout.InfiniteTimeSpan;
        if (!_lock.TryEnter(limit))
            throw new TimeoutException("Another collection of the meters is still running." + TimeoutAdvice);
        try
        {
            return CollectInLock(timeout);
        }
        finally
        {
            _lock.Exit();
        }
    }

    public override ExportResult Export(in Batch<Metric> batch)
    {
        // The SDK exports on the thread that collects, and CollectFamilies collects only while it holds the lock.
        if (!_lock.IsHeldByCurrentThread)
            return ExportResult.Success;
        try
        {
            _families = _converter.Convert(batch, _options.TargetInfo ? ParentProvider.GetResource() : null);
            return ExportResult.Success;
        }
        catch (Exception exception)
        {
            // The SDK would catch the exception too, but write it only to its event source.
            _failure = exception;
            return ExportResult.Failure;
        }
    }

    protected override void Dispose(bool disposing)
    {
        SdkErrors.InstrumentIgnored -= _onIgnored;
        base.Dispose(disposing);
    }

    private IReadOnlyList<MetricFamily> CollectInLock(TimeSpan? timeout)
    {
        // The SDK also measures its timeout with the system clock.
        var startedAt = TimeProvider.System.GetTimestamp();
        (_families, _failure) = (null, null);
        try
        {
            for (var wait = default(SpinWait); wait.Count < MaxAttempts && _families is null; wait.SpinOnce())
            {
                var remaining = timeout - TimeProvider.System.GetElapsedTime(startedAt);
                if (remaining <= TimeSpan.Zero)
                    break;
                var collect = Collect ?? throw new InvalidOperationException(
                    "The meters cannot be collected, because the MeterProvider is not built yet or was disposed. " +
                    "Collect them only while the host runs.");
                var errors = SdkErrors.Capture(() => collect((int)(remaining?.TotalMilliseconds ?? Timeout.Infinite)));
                if (_failure is not null)
                    throw new InvalidOperationException(
                        $"The meters cannot be exported: {_failure.Message}", _failure);
                if (errors.Count > 0)
                    throw new InvalidOperationException(
                        "Measurements are missing, because a callback of an observable instrument or the SDK failed: " +
                        string.Join("; ", errors));
            }

            return _families ?? throw new TimeoutException("The collection of the meters timed out." + TimeoutAdvice);
        }
        finally
        {
            _families = null;
        }
    }
}
