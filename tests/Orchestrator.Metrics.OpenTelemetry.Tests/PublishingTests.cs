using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using static Orchestrator.Metrics.Tests.Meters;

namespace Orchestrator.Metrics.Tests;

/// <summary>Meters next to <c>PublishToMeter</c>.</summary>
public class PublishingTests
{
    [TestCase(null)]
    [TestCase(false)]
    [TestCase(true)]
    public async Task Published_families_do_not_come_back_and_meters_are_not_published_by_default(bool? publishMeters)
    {
        var time = new FakeTimeProvider();
        var collector = FakeCollector.Counting("acme_runs");
        await using var host = await HostAsync(
            services => services.AddSingleton<TimeProvider>(time)
                .AddOrchestratorMetrics().AddMeters("Orchestrator.Metrics").AddCollector(collector)
                .PublishToMeter(),
            args: publishMeters is null ? [] : [$"--OrchestratorMetrics:Collectors:Meters:PublishToMeter={publishMeters}"]);
        host.Meter().CreateCounter<int>("hits").Add(1);
        using var reader = new MeterReader();

        var early = await FamiliesAfterAsync(collections: 3);
        var late = await FamiliesAfterAsync(collections: 3);

        Assert.That(early, Is.EqualTo(new[] { "hits_total", "acme_runs" }));
        Assert.That(late, Is.EqualTo(early));
        Assert.That(
            reader.Instruments.Order(),
            Is.EqualTo(publishMeters == true ? ["acme_runs", "hits_total"] : new[] { "acme_runs" }));

        async Task<string[]> FamiliesAfterAsync(int collections)
        {
            for (var i = 0; i < collections; i++)
            {
                var before = collector.Runs;
                time.Advance(TimeSpan.FromMinutes(1));
                await Waiting.UntilAsync(() => collector.Runs, runs => runs > before);
            }

            return
            [
                .. (await host.TextAsync()).Split('\n')
                    .Where(line => line.StartsWith("# TYPE ", StringComparison.Ordinal))
                    .Select(line => line.Split(' ')[2]),
            ];
        }
    }

    /// <summary>The names of the instruments of the published meter.</summary>
    private sealed class MeterReader : IDisposable
    {
        private readonly System.Diagnostics.Metrics.MeterListener _listener = new();
        private readonly HashSet<string> _instruments = [];

        public MeterReader()
        {
            _listener.InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name == "Orchestrator.Metrics")
                    _instruments.Add(instrument.Name);
            };
            _listener.Start();
        }

        public IEnumerable<string> Instruments => _instruments;

        public void Dispose() => _listener.Dispose();
    }
}
