using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Orchestrator.Metrics.Tests.Exposition;

namespace Orchestrator.Metrics.Tests.Meters;

/// <summary>Listens to the meter as an exporter does.</summary>
internal sealed class MeterReader : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<Instrument> _instruments = [];
    private readonly ConcurrentQueue<Instrument> _completed = [];
    private readonly List<ReadSample> _samples = [];

    public MeterReader()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name != "Orchestrator.Metrics")
                return;
            _instruments.Enqueue(instrument);
            listener.EnableMeasurementEvents(instrument);
        };
        _listener.MeasurementsCompleted = (instrument, _) => _completed.Enqueue(instrument);
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => _samples.Add(new ReadSample(
            instrument.Name,
            [.. tags.ToArray().Select(tag => KeyValuePair.Create(tag.Key, (string)tag.Value!))],
            value,
            Timestamp: null)));
        _listener.Start();
    }

    public IReadOnlyList<Instrument> Instruments => [.. _instruments];

    public IReadOnlyList<Instrument> Completed => [.. _completed];

    public ReadSample[] Read()
    {
        _samples.Clear();
        _listener.RecordObservableInstruments();
        return [.. _samples];
    }

    public void Dispose() => _listener.Dispose();
}

internal static class ReadSampleExtensions
{
    /// <summary>Returns the parts of samples that a meter can represent, as sorted strings.</summary>
    public static string[] ToComparable(this IEnumerable<ReadSample> samples) =>
    [
        .. samples.Select(sample => (sample with { Timestamp = null, Exemplar = null }).ToString())
            .Order(StringComparer.Ordinal),
    ];

    public static IEnumerable<ReadSample> ParseSamples(string openMetrics) =>
        ReadFamily.Parse(openMetrics).SelectMany(family => family.Samples);
}
