using System.Diagnostics.Metrics;
using System.Diagnostics.Tracing;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Prometheus;

namespace Orchestrator.Metrics.Tests;

public class AdapterTests
{
    [Test]
    public async Task Meters_of_NET_are_served_as_the_adapter_exports_them()
    {
        var registry = Prometheus.Metrics.NewCustomRegistry();
        using var meter = new Meter("Acme.Jobs");
        using var adapter = Listen(registry, instrument => instrument.Meter == meter);
        meter.CreateCounter<long>("done", description: "Jobs done.")
            .Add(3, new KeyValuePair<string, object?>("kind", "a"));
        meter.CreateObservableGauge("waiting", () => 7);
        meter.CreateHistogram<double>("duration", "s").Record(2.5);
        await using var host = await RegistryHost.StartAsync(registry);

        var text = await host.GetTextAsync("?name[]=acme_jobs_done&name[]=acme_jobs_waiting&name[]=acme_jobs_duration");

        Assert.Multiple(() =>
        {
            // The adapter exports counters of .NET meters as gauges.
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
    public async Task Description_with_several_lines_is_one_help_text()
    {
        var registry = Prometheus.Metrics.NewCustomRegistry();
        using var meter = new Meter("L");
        using var adapter = Listen(registry, instrument => instrument.Meter == meter);
        meter.CreateCounter<int>("done", description: "Jobs.\nOne per job.").Add(1);
        await using var host = await RegistryHost.StartAsync(registry);

        Assert.That(await host.GetTextAsync("?name[]=l_done"), Is.EqualTo(
            "# HELP l_done Jobs.\\nOne per job. (Counter`1)\n# TYPE l_done gauge\nl_done 1.0\n"));
    }

    [Test]
    public async Task Event_counters_are_served_as_the_adapter_exports_them()
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
        await using var host = await RegistryHost.StartAsync(registry);
        source.Complete();

        var text = await Waiting.UntilAsync(
            () => host.GetTextAsync(),
            text => text.Contains("acme_job_events_done_total 1.0\n", StringComparison.Ordinal));

        Assert.That(text, Does.Contain("# TYPE acme_job_events_done_total counter\n"));
        Assert.That(await Promtool.CheckMetricsAsync(text), Has.None.StartsWith("error"));
    }

    [Test]
    public async Task Families_that_the_adapter_reads_from_our_meter_are_not_published_to_the_meter_again()
    {
        var registry = Prometheus.Metrics.NewCustomRegistry();
        using var adapter = Listen(registry, instrument => instrument.Meter.Name == "Orchestrator.Metrics");
        var time = new FakeTimeProvider();
        await using var host = await TestHost.StartAsync(services => services
            .AddSingleton<TimeProvider>(time)
            .AddOrchestratorMetrics()
            .AddCollector(FakeCollector.Counting("acme_runs"))
            .AddPrometheusNet(registry, options => options.PublishToMeter = true)
            .PublishToMeter());
        var published = await WaitForPublicationAfterAsync(run: 0);

        var early = await GetFamiliesAfterAsync(collections: 4);
        var late = await GetFamiliesAfterAsync(collections: 6);

        Assert.That(early, Does.Contain("acme_runs").And.Contain("orchestrator_metrics_acme_runs"));
        Assert.That(late, Is.EqualTo(early));

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
        Task<double> WaitForPublicationAfterAsync(double run) => Waiting.UntilAsync(
            async () =>
            {
                using var text = new MemoryStream();
                await registry.CollectAndExportAsTextAsync(text);
                return MetricsSnapshot.Parse(Encoding.UTF8.GetString(text.ToArray()))
                    .TryGetValue("orchestrator_metrics_acme_runs", out var published) ? published : 0;
            },
            published => published > run);
    }

    private static IDisposable Listen(CollectorRegistry registry, Func<Instrument, bool> predicate) =>
        MeterAdapter.StartListening(new MeterAdapterOptions
        {
            Registry = registry,
            MetricFactory = Prometheus.Metrics.WithCustomRegistry(registry),
            InstrumentFilterPredicate = predicate,
            ResolveHistogramBuckets = _ => [1, 10],
        });

    private sealed class JobEvents : EventSource
    {
        public const string SourceName = "Acme-Job-Events";

        private readonly IncrementingEventCounter _done;

        public JobEvents()
            : base(SourceName) => _done = new IncrementingEventCounter("done", this);

        [NonEvent]
        public void Complete() => _done.Increment();
    }
}
