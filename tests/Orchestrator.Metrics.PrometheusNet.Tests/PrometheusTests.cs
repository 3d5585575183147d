using Prometheus;

namespace Orchestrator.Metrics.Tests;

public class PrometheusTests
{
    [Test]
    public async Task Prometheus_server_scrapes_the_metrics_of_prometheus_net()
    {
        var registry = Prometheus.Metrics.NewCustomRegistry();
        var factory = Prometheus.Metrics.WithCustomRegistry(registry);
        factory.CreateCounter("jobs_total", "Jobs.", "b", "a").WithLabels("2", "1").Inc(3);
        factory.CreateCounter("restarts", "").Inc(2);
        factory.CreateHistogram("size", "", new HistogramConfiguration { Buckets = [-1, 1] }).Observe(-4.5);
        await using var host = await RegistryHost.StartAsync(registry);
        await using var prometheus = PrometheusServer.Start(host.Client.BaseAddress!);

        var jobs = await prometheus.QueryAsync("jobs_total{a='1',b='2'}");
        var restarts = await prometheus.QueryAsync("restarts");
        var sum = await prometheus.QueryAsync("size_sum");
        var bounds = await prometheus.QueryAsync("count(size_bucket{le=~'-1.0|1.0|[+]Inf'})");

        Assert.That(
            (jobs.Values.Single(), restarts.Values.Single(), sum.Values.Single(), bounds.Values.Single()),
            Is.EqualTo((3.0, 2.0, -4.5, 3.0)));
    }
}
