using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Resources;

namespace Orchestrator.Metrics.Tests;

public class PrometheusTests
{
    [Test]
    public async Task Prometheus_server_scrapes_the_sample()
    {
        await using var sample = await SampleProgram.StartAsync(("Sample__Simulate", "false"));
        await using var prometheus = PrometheusServer.Start(sample.Client.BaseAddress!);
        var text = await sample.Client.GetStringAsync("/api/metrics");

        var series = await prometheus.QueryAsync("count({__name__=~'wfo_.*|acme_.*'})");
        var up = await prometheus.QueryAsync("up");
        var processes = await prometheus.QueryAsync("sum(wfo_process_count)");
        var seconds = await prometheus.QueryAsync("sum(wfo_process_seconds_total_count)");
        var running = await prometheus.QueryAsync("wfo_engine_status{wfo_engine_status='RUNNING'}");

        Assert.Multiple(() =>
        {
            Assert.That(up.Values.Single(), Is.EqualTo(1));
            Assert.That(series.Values.Single(), Is.EqualTo(ReadSamples(text, "").Count()));
            Assert.That(processes.Values.Single(), Is.EqualTo(ReadSamples(text, "wfo_process_count{").Sum()));
            Assert.That(
                seconds.Values.Single(),
                Is.EqualTo(ReadSamples(text, "wfo_process_seconds_total_count{").Sum()).Within(1e-9).Percent);
            Assert.That(running.Values.Single(), Is.EqualTo(1));
        });
    }

    [Test]
    public async Task Prometheus_server_queries_NET_meters()
    {
        Requirements.FindProgram("prometheus", "prometheus");
        await using var host = await StartMetersAsync();
        await using var prometheus = PrometheusServer.Start(new Uri(host.Urls.Single()));

        var rate = await prometheus.QueryAsync("rate(acme_orders_total{site='a',otel_scope_name='Acme'}[1m]) > 0");
        var median = await prometheus.QueryAsync(
            "histogram_quantile(0.5, rate(acme_order_duration_seconds_bucket[1m])) > 0");
        var requests = await prometheus.QueryAsync(
            "histogram_quantile(0.9, sum by (le) (rate(http_server_request_duration_seconds_bucket[1m]))) > 0");
        var target = await prometheus.QueryAsync("target_info{service_name='shop'}");
        var up = await prometheus.QueryAsync("up");

        Assert.Multiple(() =>
        {
            Assert.That(rate, Has.Count.EqualTo(1));
            Assert.That(median.Values.Single(), Is.EqualTo(0.375).Within(1e-9), "the middle of the bucket");
            Assert.That(requests, Has.Count.EqualTo(1));
            Assert.That(target.Values.Single(), Is.EqualTo(1));
            Assert.That(up.Values.Single(), Is.EqualTo(1));
        });
    }

    [Test]
    public async Task Prometheus_server_scrapes_a_unit_with_characters_outside_the_legacy_set()
    {
        Requirements.FindProgram("prometheus", "prometheus");
        var builder = CreateBuilder();
        builder.Services.AddOrchestratorMetrics().AddCollector("speed", (_, _) =>
        {
            var speed = new MetricFamilyBuilder(MetricType.Gauge, "speed_m/s", unit: "m/s").AddSample("speed_m/s", 3);
            return Task.FromResult<IReadOnlyList<MetricFamily>>([speed.Build()]);
        });
        await using var host = await StartAsync(builder.Build());
        await using var prometheus = PrometheusServer.Start(new Uri(host.Urls.Single()));

        Assert.That((await prometheus.QueryAsync("up")).Values.Single(), Is.EqualTo(1));
        Assert.That((await prometheus.QueryAsync("speed_m_s")).Values.Single(), Is.EqualTo(3));
    }

    private static async Task<WebApplication> StartMetersAsync()
    {
        var builder = CreateBuilder();
        builder.Services.AddOrchestratorMetrics().AddMeters("Acme", "Microsoft.AspNetCore.Hosting");
        builder.Services.AddOpenTelemetry().ConfigureResource(resource => resource.AddService("shop"));
        var app = builder.Build();
        var meter = app.Services.GetRequiredService<IMeterFactory>().Create("Acme");
        var orders = meter.CreateCounter<long>("acme.orders", "{order}");
        var duration = meter.CreateHistogram(
            "acme.order.duration", "s",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.25, 0.5] });
        app.Use((_, next) =>
        {
            orders.Add(1, KeyValuePair.Create("site", (object?)"a"));
            duration.Record(0.3);
            return next();
        });
        return await StartAsync(app);
    }

    private static WebApplicationBuilder CreateBuilder()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        return builder;
    }

    private static async Task<WebApplication> StartAsync(WebApplication app)
    {
        app.Urls.Add("http://127.0.0.1:0");
        app.MapOrchestratorMetrics(configure: options => options.EnableEndpoint = true);
        await app.StartAsync();
        return app;
    }

    private static IEnumerable<double> ReadSamples(string text, string start) => text
        .Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Where(line => line[0] != '#' && line.StartsWith(start, StringComparison.Ordinal))
        .Select(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
}
