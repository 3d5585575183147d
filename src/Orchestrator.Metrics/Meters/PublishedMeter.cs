using System.Diagnostics.Metrics;

namespace Orchestrator.Metrics.Meters;

/// <summary>
/// The meter named <c>Orchestrator.Metrics</c>, whose instruments report the latest snapshot as long as it is not too
/// old. One thread publishes; the instruments may be read by others at the same time.
/// </summary>
internal sealed class PublishedMeter(IMeterFactory? factory, TimeProvider time, TimeSpan longestAge) : IDisposable
{
    private const string Name = "Orchestrator.Metrics";

    private static readonly Latest Nothing = new([], 0);

    private readonly Meter _meter = factory?.Create(Name) ?? new Meter(Name);

    // Instruments end only with their meter, so each is made once, and reports nothing while its family is not there.
    private readonly HashSet<MeterInstrument> _instruments = [];
    private volatile Latest _latest = Nothing;

    /// <summary>Replaces what the instruments report.</summary>
    /// <param name="snapshot">The snapshot; null if there is none, and then they report nothing.</param>
    /// <param name="collectedAt">When it was asked for, as a timestamp of the time provider.</param>
    /// <returns>The instruments that are new.</returns>
    public IReadOnlyList<MeterInstrument> Publish(MetricsSnapshot? snapshot, long collectedAt)
    {
        if (snapshot is null)
        {
            _latest = Nothing;
            return [];
        }

        var readings = MeterReading.Of(snapshot).ToDictionary(reading => reading.Instrument);
        _latest = new Latest(readings, collectedAt);
        var created = new List<MeterInstrument>();
        foreach (var reading in readings.Values)
        {
            if (!_instruments.Add(reading.Instrument))
                continue;
            Create(reading);
            created.Add(reading.Instrument);
        }

        return created;
    }

    public void Dispose() => _meter.Dispose();

    private void Create(MeterReading reading)
    {
        var instrument = reading.Instrument;
        if (instrument.OnlyGrows)
            _meter.CreateObservableCounter(instrument.Name, () => Read(instrument), reading.Unit, reading.Description);
        else
            _meter.CreateObservableGauge(instrument.Name, () => Read(instrument), reading.Unit, reading.Description);
    }

    private Measurement<double>[] Read(MeterInstrument instrument)
    {
        var latest = _latest;
        return latest.Readings.TryGetValue(instrument, out var reading)
            && time.GetElapsedTime(latest.CollectedAt) <= longestAge
                ? reading.Measurements
                : [];
    }

    private sealed record Latest(Dictionary<MeterInstrument, MeterReading> Readings, long CollectedAt);
}
