using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using static Orchestrator.Metrics.Tests.MeterHost;

namespace Orchestrator.Metrics.Tests;

public class PublishingTests
{
    [TestCase(null)]
    [TestCase(false)]
    [TestCase(true)]
    public async Task Published_families_are_not_exported_again_and_meters_are_not_published_by_default(
        bool? publishMeters)
    {
        var time = new FakeTimeProvider();
        var collector = FakeCollector.Counting("acme_runs");
        await using var host = await StartHostAsync(
            services => services.AddSingleton<TimeProvider>(time)
                .AddOrchestratorMetrics().AddMeters("Orchestrator.Metrics").AddCollector(collector)
                .PublishToMeter(),
            args: publishMeters is null ? [] : [$"--OrchestratorMetrics:Collectors:Meters:PublishToMeter={publishMeters}"]);
        host.CreateMeter().CreateCounter<int>("hits").Add(1);
        using var reader = new MeterReader();
        var published = await WaitForPublicationAfterAsync(run: 0);

        var early = await GetFamiliesAfterAsync(collections: 3);
        var late = await GetFamiliesAfterAsync(collections: 3);

        Assert.That(early, Is.EqualTo(new[] { "hits_total", "acme_runs" }));
        Assert.That(late, Is.EqualTo(early));
        Assert.That(
            reader.Instruments.Order(),
            Is.EqualTo(publishMeters == true ? ["acme_runs", "hits_total"] : new[] { "acme_runs" }));

        async Task<string[]> GetFamiliesAfterAsync(int collections)
        {
            for (var i = 0; i < collections; i++)
            {
                time.Advance(TimeSpan.FromMinutes(1));
                published = await WaitForPublicationAfterAsync(published);
            }

            return
            [
                .. (await host.GetTextAsync()).Split('\n')
                    .Where(line => line.StartsWith("# TYPE ", StringComparison.Ordinal))
                    .Select(line => line.Split(' ')[2]),
            ];
        }

        // The clock must not advance before a collection has been published: the interval is also its timeout.
        Task<double> WaitForPublicationAfterAsync(double run) =>
            Waiting.UntilAsync(reader.ReadRuns, runs => runs > run);
    }

    private sealed class MeterReader : IDisposable
    {
        private readonly System.Diagnostics.Metrics.MeterListener _listener = new();
        private readonly HashSet<string> _instruments = [];
        private double _runs;

        public MeterReader()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name != "Orchestrator.Metrics")
                    return;
                _instruments.Add(instrument.Name);
                if (instrument.Name == "acme_runs")
                    listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<double>((_, value, _, _) => _runs = value);
            _listener.Start();
        }

        public IEnumerable<string> Instruments => _instruments;

        public double ReadRuns()
        {
            _listener.RecordObservableInstruments();
            return _runs;
        }

        public void Dispose() => _listener.Dispose();
    }
}
