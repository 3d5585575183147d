using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using Orchestrator.Metrics.OpenTelemetry;
using static Orchestrator.Metrics.Tests.MeterHost;

namespace Orchestrator.Metrics.Tests;

/// <summary>Failed collections, which the SDK hides from exporters, and concurrent collections.</summary>
public class CollectionTests
{
    private readonly ListLogger _logger = new();

    [OneTimeTearDown]
    public void Dispose() => _logger.Dispose();

    [Test]
    public async Task Observable_callback_that_throws_fails_the_collector_until_it_succeeds()
    {
        await using var host = await _logger.StartHostAsync();
        var meter = host.CreateMeter();
        meter.CreateCounter<int>("hits").Add(1);
        var fails = true;
        meter.CreateObservableGauge(
            "broken", () => fails ? throw new InvalidOperationException("hunter2") : 5);

        using var response = await host.Client.GetAsync("/api/metrics");
        fails = false;

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.InternalServerError));
        Assert.That(
            await response.Content.ReadAsStringAsync(),
            Is.EqualTo("This collector failed: Meters. See the application log for the cause.\n"));
        var entry = await _logger.WaitForAsync(entry => entry.Message == "Collector Meters failed.");
        Assert.That(entry.Exception!.Message, Does.StartWith(
            "Measurements are missing, because a callback of an observable instrument or the SDK failed: ")
                .And.Contain("hunter2"));
        Assert.That(await host.GetTextAsync(), Does.Contain("\nbroken{otel_scope_name=\"Acme\"} 5.0\n"));
    }

    [Test]
    public async Task Exception_that_a_callback_handles_is_not_a_failure()
    {
        await using var host = await StartHostAsync();
        host.CreateMeter().CreateObservableGauge("handled", () =>
        {
            try
            {
                throw new AggregateException(new InvalidOperationException("handled"));
            }
            catch (AggregateException)
            {
                return 5;
            }
        });

        Assert.That(await host.GetTextAsync(), Does.EndWith("handled{otel_scope_name=\"Acme\"} 5.0\n"));
    }

    [Test]
    public async Task Callback_that_scrapes_the_meters_times_out_with_the_collector()
    {
        await using var host = await StartHostAsync(
            options: options => options.CollectorTimeout = TimeSpan.FromMilliseconds(200));
        var registry = host.Services.GetRequiredService<OrchestratorMetricsRegistry>();
        var shouldScrape = true;
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        host.CreateMeter().CreateObservableGauge("nested", () =>
        {
            if (!shouldScrape)
                return 5;
            shouldScrape = false;
            try
            {
                return registry.CollectAsync().GetAwaiter().GetResult().Families.Count;
            }
            finally
            {
                ended.SetResult();
            }
        });

        using var response = await host.Client.GetAsync("/api/metrics");
        Assert.That((int)response.StatusCode, Is.GreaterThanOrEqualTo(500));

        await ended.Task.Soon();
        var text = await Waiting.UntilAsync(
            async () =>
            {
                using var next = await host.Client.GetAsync("/api/metrics");
                return await next.Content.ReadAsStringAsync();
            },
            text => text.Contains("nested{", StringComparison.Ordinal));
        Assert.That(text, Does.Contain("\nnested{otel_scope_name=\"Acme\"} 5.0\n"));
    }

    [Test]
    public async Task Callback_that_collects_the_meters_again_fails_at_once()
    {
        await using var host = await StartHostAsync();
        var exporter = host.Services.GetRequiredService<MeterExporter>();
        host.CreateMeter().CreateObservableGauge("nested", () => exporter.CollectFamilies(timeout: null).Count);

        Assert.That(() => exporter.CollectFamilies(timeout: null), Throws.InvalidOperationException.With.Message.Contains(
            "The callback of an observable instrument collects the meters. The collection would never end."));
    }

    [Test]
    public async Task Collection_that_waits_for_another_one_times_out()
    {
        await using var host = await StartHostAsync();
        var exporter = host.Services.GetRequiredService<MeterExporter>();
        using var entered = new ManualResetEventSlim();
        using var gate = new ManualResetEventSlim();
        host.CreateMeter().CreateObservableGauge("slow", () =>
        {
            entered.Set();
            gate.BlockUntilSet();
            return 5;
        });
        var first = Task.Factory.StartNew(
            () => exporter.CollectFamilies(timeout: null), CancellationToken.None, TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        entered.BlockUntilSet();

        Assert.That(() => exporter.CollectFamilies(TimeSpan.FromMilliseconds(1)), Throws.TypeOf<TimeoutException>());
        gate.Set();
        Assert.That((await first.Soon()).Single().Name, Is.EqualTo("slow"));
    }

    [Test]
    public async Task Callback_that_takes_longer_than_the_timeout_is_called_at_most_once()
    {
        await using var host = await StartHostAsync();
        var exporter = host.Services.GetRequiredService<MeterExporter>();
        var calls = 0;
        host.CreateMeter().CreateObservableGauge("slow", () =>
        {
            calls++;
            SpinWait.SpinUntil(() => false, TimeSpan.FromMilliseconds(20));
            return 5;
        });

        Assert.That(() => exporter.CollectFamilies(TimeSpan.FromMilliseconds(1)), Throws.TypeOf<TimeoutException>());
        Assert.That(calls, Is.LessThanOrEqualTo(1));
    }

    [Test]
    public async Task Simultaneous_collections_are_each_complete()
    {
        await using var host = await StartHostAsync();
        var exporter = host.Services.GetRequiredService<MeterExporter>();
        var calls = 0;
        host.CreateMeter().CreateObservableCounter("calls", () => Interlocked.Increment(ref calls));
        using var gate = new Barrier(8);

        var all = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(
            () =>
            {
                gate.SignalAndWait();
                return exporter.CollectFamilies(timeout: null).Single().Samples.Single().Value;
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))).Soon();

        Assert.That(all, Is.EquivalentTo(Enumerable.Range(1, 8)));
    }

    [Test]
    public async Task Overflow_is_served_and_logged_as_one_warning()
    {
        await using var host = await _logger.StartHostAsync(services => services.AddOpenTelemetry().WithMetrics(
            metrics => metrics.AddView("crowded", new MetricStreamConfiguration { CardinalityLimit = 2 })));
        var crowded = host.CreateMeter().CreateCounter<int>("crowded");
        for (var i = 0; i < 5; i++)
            crowded.Add(1, Tag("user", i));

        await host.GetTextAsync();
        var text = await host.GetTextAsync();

        Assert.That(text, Does.EndWith("crowded_total{otel_metric_overflow=\"true\",otel_scope_name=\"Acme\"} 3.0\n")
            .Or.Contain("\ncrowded_total{otel_metric_overflow=\"true\",otel_scope_name=\"Acme\"} 3.0\n"));
        Assert.That(
            _logger.Warnings.Where(warning => warning.Contains("crowded", StringComparison.Ordinal)),
            Is.EqualTo(new[]
            {
                "Instrument crowded of meter Acme has more series than the cardinality limit of the OpenTelemetry SDK, " +
                "2000 by default. Measurements of further series are summed in one series with the label " +
                "otel_metric_overflow. Use fewer tag values, or raise the limit with a view: AddView(\"crowded\", new " +
                "MetricStreamConfiguration { CardinalityLimit = ... }).",
            }));
    }

    [Test]
    public async Task Disposed_meter_is_served_once_more()
    {
        await using var host = await StartHostAsync();
        var meter = new Meter("Acme", "old");
        meter.CreateCounter<int>("hits").Add(1);
        Assert.That(await host.GetTextAsync(), Does.Contain("hits_total"));
        meter.Dispose();

        Assert.That(await host.GetTextAsync(), Does.Contain("hits_total"));
        Assert.That(await host.GetTextAsync(), Is.Empty);
    }

    [Test]
    public async Task Values_that_the_format_forbids_are_served()
    {
        await using var host = await StartHostAsync();
        var meter = host.CreateMeter();
        meter.CreateObservableCounter("negative", () => -3);
        meter.CreateObservableCounter("nan", () => double.NaN);
        meter.CreateObservableGauge("infinite", () => double.NegativeInfinity);
        meter.CreateHistogram("sum", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0, 1] }).Record(-5);
        meter.CreateHistogram("bound", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [-1, 1] }).Record(-5);

        Assert.That(await host.GetTextAsync(), Is.EqualTo(
            """
            # HELP negative_total 
            # TYPE negative_total counter
            negative_total{otel_scope_name="Acme"} -3.0
            # HELP nan_total 
            # TYPE nan_total counter
            nan_total{otel_scope_name="Acme"} NaN
            # HELP infinite 
            # TYPE infinite gauge
            infinite{otel_scope_name="Acme"} -Inf
            # HELP sum 
            # TYPE sum histogram
            sum_bucket{le="0.0",otel_scope_name="Acme"} 1.0
            sum_bucket{le="1.0",otel_scope_name="Acme"} 1.0
            sum_bucket{le="+Inf",otel_scope_name="Acme"} 1.0
            sum_count{otel_scope_name="Acme"} 1.0
            sum_sum{otel_scope_name="Acme"} -5.0
            # HELP bound 
            # TYPE bound histogram
            bound_bucket{le="-1.0",otel_scope_name="Acme"} 1.0
            bound_bucket{le="1.0",otel_scope_name="Acme"} 1.0
            bound_bucket{le="+Inf",otel_scope_name="Acme"} 1.0

            """));
    }

    [Test]
    public async Task Histogram_without_bounds_has_the_bucket_of_all_observations()
    {
        await using var host = await StartHostAsync(services => services.AddOpenTelemetry().WithMetrics(metrics => metrics
            .AddView("sizes", new ExplicitBucketHistogramConfiguration { Boundaries = [] })));
        host.CreateMeter().CreateHistogram<int>("sizes").Record(3);

        Assert.That(await host.GetTextAsync(), Is.EqualTo(
            "# HELP sizes \n# TYPE sizes histogram\nsizes_bucket{le=\"+Inf\",otel_scope_name=\"Acme\"} 1.0\n" +
            "sizes_count{otel_scope_name=\"Acme\"} 1.0\nsizes_sum{otel_scope_name=\"Acme\"} 3.0\n"));
    }

    [Test]
    public async Task Disposed_provider_fails_the_collector_with_the_reason()
    {
        await using var host = await StartHostAsync();
        var exporter = host.Services.GetRequiredService<MeterExporter>();
        host.Services.GetRequiredService<MeterProvider>().Dispose();

        Assert.That(() => exporter.CollectFamilies(timeout: null), Throws.InvalidOperationException.With.Message.EqualTo(
            "The meters cannot be collected, because the MeterProvider is not built yet or was disposed. Collect them " +
            "only while the host runs."));
    }
}
