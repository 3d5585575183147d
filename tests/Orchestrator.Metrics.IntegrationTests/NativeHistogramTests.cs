using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;

namespace Orchestrator.Metrics.Tests;

// A Prometheus server scrapes protobuf if it ingests native histograms, and text by default.
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class NativeHistogramTests
{
    private const string ProtobufType =
        "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited";

    private const string NativeHistograms = "--enable-feature=native-histograms";

    private readonly ConcurrentQueue<string?> _contentTypes = new();

    [Test]
    public async Task Prometheus_server_queries_a_native_histogram()
    {
        await using var host = await StartAsync();
        await using var prometheus = PrometheusServer.Start(new Uri(host.Urls.Single()), NativeHistograms);

        var count = await prometheus.QueryAsync("histogram_count(acme_wait_seconds{site='oslo'})");
        var sum = await prometheus.QueryAsync("histogram_sum(acme_wait_seconds{site='oslo'})");
        var median = await prometheus.QueryAsync("histogram_quantile(0.5, acme_wait_seconds{site='oslo'})");
        var negative = await prometheus.QueryAsync("histogram_quantile(0, acme_wait_seconds{site='rome'})");
        var empty = await prometheus.QueryAsync("histogram_count(acme_wait_seconds{site='none'})");
        var up = await prometheus.QueryAsync("up");

        Assert.Multiple(() =>
        {
            Assert.That(up.Values.Single(), Is.EqualTo(1));
            Assert.That(count.Values.Single(), Is.EqualTo(101));
            Assert.That(sum.Values.Single(), Is.EqualTo(150.5));
            Assert.That(median.Values.Single(), Is.InRange(1, 2));
            Assert.That(negative.Values.Single(), Is.EqualTo(-4));
            Assert.That(empty.Values.Single(), Is.EqualTo(0));
            Assert.That(_contentTypes, Has.All.EqualTo(ProtobufType));
        });
    }

    [Test]
    public async Task Prometheus_server_queries_the_native_histogram_of_the_sample()
    {
        await using var sample = await SampleProgram.StartAsync();
        await using var prometheus = PrometheusServer.Start(sample.Client.BaseAddress!, NativeHistograms);

        var count = await prometheus.QueryAsync("histogram_count(acme_engine_tick_seconds) > 1");
        var median = await prometheus.QueryAsync("histogram_quantile(0.5, acme_engine_tick_seconds)");
        var up = await prometheus.QueryAsync("up");

        Assert.Multiple(() =>
        {
            Assert.That(count, Has.Count.EqualTo(1));
            Assert.That(median.Values.Single(), Is.InRange(0.000_01, 10), "seconds that a tick takes");
            Assert.That(up.Values.Single(), Is.EqualTo(1));
        });
    }

    [Test]
    public async Task Prometheus_server_queries_an_exponential_histogram_of_a_meter()
    {
        await using var host = await StartAsync(services =>
        {
            services.AddOrchestratorMetrics().AddMeters("Acme");
            services.AddOpenTelemetry().WithMetrics(
                metrics => metrics.AddView("acme.visit", new Base2ExponentialBucketHistogramConfiguration()));
        });
        var visits = host.Services.GetRequiredService<IMeterFactory>().Create("Acme").CreateHistogram<double>("acme.visit", "s");
        for (var seconds = 1; seconds <= 99; seconds++)
            visits.Record(seconds);
        await using var prometheus = PrometheusServer.Start(new Uri(host.Urls.Single()), NativeHistograms);

        var count = await prometheus.QueryAsync("histogram_count(acme_visit_seconds)");
        var sum = await prometheus.QueryAsync("histogram_sum(acme_visit_seconds)");
        var median = await prometheus.QueryAsync("histogram_quantile(0.5, acme_visit_seconds)");

        Assert.Multiple(() =>
        {
            Assert.That(count.Values.Single(), Is.EqualTo(99));
            Assert.That(sum.Values.Single(), Is.EqualTo(4950));
            Assert.That(median.Values.Single(), Is.EqualTo(50).Within(5).Percent);
        });
    }

    [Test]
    public async Task Prometheus_server_reads_the_same_series_from_protobuf_and_text([Values] bool protobuf)
    {
        await using var host = await StartAsync();
        await using var prometheus = PrometheusServer.Start(
            new Uri(host.Urls.Single()), protobuf ? [NativeHistograms] : []);

        var up = await prometheus.QueryAsync("up");
        var buckets = await prometheus.QueryAsync("{__name__=~'acme_(size_bytes|age)_bucket'}");
        var others = await prometheus.QueryAsync(
            "{__name__=~'acme_(jobs_total|size_bytes_(count|sum)|latency.*|engine|build_info|raw)'}");

        Assert.Multiple(() =>
        {
            Assert.That(up.Values.Single(), Is.EqualTo(1));
            Assert.That(buckets.Values.Order(), Is.EqualTo(new double[] { 1, 3, 5, 8 }));
            Assert.That(others.Values.Order(), Is.EqualTo(
                new double[] { -7, 0, 0.25, 1, 1, 2.5, 3, 4, 17, 20 }));
            Assert.That(
                _contentTypes.Distinct().Single(),
                protobuf ? Is.EqualTo(ProtobufType) : Does.StartWith("application/openmetrics-text"));
        });
    }

    private static IReadOnlyList<MetricFamily> CreateFamilies()
    {
        const double Inf = double.PositiveInfinity;
        var wait = MetricFamily.Histogram("acme_wait_seconds", "Waiting times.", ["site"], "seconds");
        var exemplar = new Exemplar(1.5, [new("trace_id", "abc")], DateTimeOffset.UnixEpoch.AddSeconds(1_700_000_000));
        wait.Add(
            MetricPoint.NativeHistogram(new NativeHistogram(
                0, 150.5, new Dictionary<int, long> { [1] = 99, [7] = 1 }, zeroCount: 1, exemplars: [exemplar])), "oslo");
        wait.Add(
            MetricPoint.NativeHistogram(new NativeHistogram(0, -3, negativeBuckets: [new(2, 1)])), "rome");
        wait.Add(MetricPoint.NativeHistogram(new NativeHistogram(0, 0)), "none");
        var jobs = MetricFamily.Counter("acme_jobs", "Jobs.");
        jobs.Add(MetricPoint.Counter(17, DateTimeOffset.UnixEpoch.AddSeconds(1_700_000_000), exemplar));
        var size = MetricFamily.Histogram("acme_size_bytes", "Sizes.", [], "bytes");
        size.Add(MetricPoint.Histogram([new(10, 1), new(Inf, 3)], 20));
        var age = MetricFamily.GaugeHistogram("acme_age", "Ages.");
        age.Add(MetricPoint.GaugeHistogram([new(10, 5), new(Inf, 8)], 60));
        var latency = MetricFamily.Summary("acme_latency", "Latencies.");
        latency.Add(MetricPoint.Summary(4, 2.5, [new(0.5, 0.25)]));
        var engine = MetricFamily.StateSet("acme_engine", "State.");
        engine.Add(MetricPoint.StateSet([new("on", true), new("off", false)]));
        var build = MetricFamily.Info("acme_build", "Version.");
        build.Add(MetricPoint.Info([new("version", "1")]));
        var raw = MetricFamily.Unknown("acme_raw", "");
        raw.Add(-7);
        return [wait, jobs, size, age, latency, engine, build, raw];
    }

    private async Task<WebApplication> StartAsync(Action<IServiceCollection>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.Configure<MetricsEndpointOptions>(options => options.EnableEndpoint = true);
        builder.Services.AddOrchestratorMetrics().AddCollector("Acme", (_, _) => Task.FromResult(CreateFamilies()));
        configure?.Invoke(builder.Services);
        var app = builder.Build();
        app.Use(async (context, next) =>
        {
            await next();
            _contentTypes.Enqueue(context.Response.ContentType);
        });
        app.MapOrchestratorMetrics();
        await app.StartAsync();
        return app;
    }
}
