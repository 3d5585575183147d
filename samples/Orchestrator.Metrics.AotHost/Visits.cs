using System.Diagnostics.Metrics;

namespace AotHost;

/// <summary>Instruments of the host, which the OpenTelemetry SDK aggregates.</summary>
internal sealed class Visits(IMeterFactory meters)
{
    private readonly Counter<long> _visits = meters.Create("Acme").CreateCounter<long>(
        "acme.visits", "{visit}", "Visits per city.");

    private readonly Histogram<double> _duration = meters.Create("Acme").CreateHistogram(
        "acme.visit.duration", "s", "Duration of visits.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [1] });

    public void Count(string city, double seconds)
    {
        _visits.Add(1, new KeyValuePair<string, object?>("city", city));
        _duration.Record(seconds);
    }
}
