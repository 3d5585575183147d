using System.Diagnostics.Metrics;

namespace Orchestrator.Metrics.Meters;

/// <summary>
/// The meter named <c>Orchestrator.Metrics</c>, whose instruments report the latest snapshot until it exceeds a maximum
/// age. Publish from one thread at a time; other threads may read the instruments meanwhile.
/// </summary>
internal sealed class PublishedMeter(IMeterFactory? factory, TimeProvider time, TimeSpan maxAge) : IDisposable
{
    private const string Name = "Orchestrator.Metrics";

    private static readonly LatestReadings Nothing = new([], 0);

    private readonly Meter _meter = factory?.Create(Name) ?? new Meter(Name);

    // Instruments live as long as their meter, so each is created once and reports nothing while its family is absent.
    private readonly HashSet<MeterInstrument> _instruments = [];
    private volatile LatestReadings _latest = Nothing;

    /// <summary>Reports the snapshot, or nothing if it is null. Returns the instruments that were created.</summary>
    public IReadOnlyList<MeterInstrument> Publish(MetricsSnapshot? snapshot, long requestedAt)
    {
        if (snapshot is null)
        {
            _latest = Nothing;
            return [];
        }

        var readings = MeterReading.CreateAll(snapshot).ToDictionary(reading => reading.Instrument);
        var created = new List<MeterInstrument>();
        foreach (var reading in readings.Values)
        {
            if (!_instruments.Add(reading.Instrument))
                continue;
            Create(reading);
            created.Add(reading.Instrument);
        }

        // After all instruments exist, so that an export in between does not contain only some of the families.
        _latest = new LatestReadings(readings, requestedAt);
        return created;
    }

    public void Dispose() => _meter.Dispose();

    private void Create(MeterReading reading)
    {
        var instrument = reading.Instrument;
        if (instrument.IsMonotonic)
            _meter.CreateObservableCounter(instrument.Name, () => Read(instrument), reading.Unit, reading.Description);
        else
            _meter.CreateObservableGauge(instrument.Name, () => Read(instrument), reading.Unit, reading.Description);
    }

    private Measurement<double>[] Read(MeterInstrument instrument)
    {
        // Read before the snapshot, so a snapshot does not seem older if the thread is suspended in between.
        var now = time.GetTimestamp();
        var latest = _latest;
        return latest.Readings.TryGetValue(instrument, out var reading)
            && time.GetElapsedTime(latest.RequestedAt, now) <= maxAge
                ? reading.Measurements
                : [];
    }

    private sealed record LatestReadings(Dictionary<MeterInstrument, MeterReading> Readings, long RequestedAt);
}
