using System.Diagnostics.Metrics;

namespace AotHost;

/// <summary>Instruments of the host. Records one visit before the first scrape.</summary>
internal sealed class Visits(IMeterFactory meters) : IHostedService
{
    private readonly Counter<long> _visits = meters.Create("Acme").CreateCounter<long>(
        "acme.visits", "{visit}", "Visits per city.");

    private readonly Histogram<double> _duration = meters.Create("Acme").CreateHistogram(
        "acme.visit.duration", "s", "Duration of visits.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [1] });

    // The host starts the SDK before this service, and the web server after it.
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _visits.Add(1, new KeyValuePair<string, object?>("city", "Oslo"));
        _duration.Record(0.25);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
