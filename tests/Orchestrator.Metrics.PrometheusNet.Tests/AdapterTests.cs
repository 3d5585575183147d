using System.Diagnostics.Metrics;
using System.Diagnostics.Tracing;
using Prometheus;

namespace Orchestrator.Metrics.Tests;

/// <summary>What .NET measures itself, through the adapters of prometheus-net.</summary>
public class AdapterTests
{
    [Test]
    public async Task Meters_of_NET_are_served_as_the_adapter_has_them()
    {
        var registry = Prometheus.Metrics.NewCustomRegistry();
        using var meter = new Meter("Acme.Jobs");
        using var adapter = MeterAdapter.StartListening(new MeterAdapterOptions
        {
            Registry = registry,
            MetricFactory = Prometheus.Metrics.WithCustomRegistry(registry),
            InstrumentFilterPredicate = instrument => instrument.Meter == meter,
            ResolveHistogramBuckets = _ => [1, 10],
        });
        meter.CreateCounter<long>("done", description: "Jobs done.")
            .Add(3, new KeyValuePair<string, object?>("kind", "a"));
        meter.CreateObservableGauge("waiting", () => 7);
        meter.CreateHistogram<double>("duration", "s").Record(2.5);
        await using var host = await Scraping.HostAsync(registry);

        var text = await host.TextAsync("?name[]=acme_jobs_done&name[]=acme_jobs_waiting&name[]=acme_jobs_duration");

        Assert.Multiple(() =>
        {
            // Prometheus-net takes .NET's counters for gauges.
            Assert.That(
                text, Does.StartWith("# HELP acme_jobs_done Jobs done. (Counter`1)\n# TYPE acme_jobs_done gauge\n"));
            Assert.That(text, Does.Contain("\nacme_jobs_done{kind=\"a\"} 3.0\n"));
            Assert.That(text, Does.Contain("\nacme_jobs_waiting 7.0\n"));
            Assert.That(text, Does.Contain("# TYPE acme_jobs_duration histogram\n"));
            Assert.That(text, Does.Contain("\nacme_jobs_duration_bucket{le=\"1.0\"} 0.0\n"));
            Assert.That(text, Does.Contain("\nacme_jobs_duration_bucket{le=\"10.0\"} 1.0\n"));
            Assert.That(text, Does.Contain("\nacme_jobs_duration_sum 2.5\n"));
        });
    }

    [Test]
    public async Task Event_counters_are_served_as_the_adapter_has_them()
    {
        var registry = Prometheus.Metrics.NewCustomRegistry();
        using var source = new JobEvents();
        using var adapter = EventCounterAdapter.StartListening(new EventCounterAdapterOptions
        {
            Registry = registry,
            MetricFactory = Prometheus.Metrics.WithCustomRegistry(registry),
            EventSourceFilterPredicate = name => name == JobEvents.SourceName,
            UpdateInterval = TimeSpan.FromSeconds(1),
        });
        await using var host = await Scraping.HostAsync(registry);
        source.Done();

        var text = await host.TextWithAsync("acme_job_events_done_total 1.0\n");

        Assert.That(text, Does.Contain("# TYPE acme_job_events_done_total counter\n"));
        Assert.That(await Promtool.CheckMetricsAsync(text), Has.None.StartsWith("error"));
    }

    private sealed class JobEvents : EventSource
    {
        public const string SourceName = "Acme-Job-Events";

        private readonly IncrementingEventCounter _done;

        public JobEvents()
            : base(SourceName) => _done = new IncrementingEventCounter("done", this);

        [NonEvent]
        public void Done() => _done.Increment();
    }
}
