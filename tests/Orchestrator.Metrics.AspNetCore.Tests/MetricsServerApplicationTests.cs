using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.Metrics.Tests;

public class MetricsServerApplicationTests
{
    [Test]
    public async Task Server_shares_the_registry_and_the_endpoint_options_of_the_host()
    {
        var collector = FakeCollector.Counting("acme_a");
        await using var host = await TestHost.StartAsync(
            services => services
                .Configure<MetricsEndpointOptions>(options => options.Compression = false)
                .AddOrchestratorMetrics()
                .AddCollector(collector, options => options.CacheFor = TimeSpan.FromHours(1))
                .AddGauge(
                    "acme_b", "", _ => throw new InvalidOperationException(), options => options.Tags = ["cluster"])
                .AddMetricsServer(port: 0, options => options.ConfigureEndpoint = endpoint =>
                    endpoint.Predicate = registration => !registration.Tags.Contains("cluster")),
            app => app.MapOrchestratorMetrics(configure: endpoint =>
                endpoint.Predicate = registration => !registration.Tags.Contains("cluster")));
        using var request = new HttpRequestMessage(HttpMethod.Get, WorkerHost.GetUrl(host.Services));
        request.Headers.Add("Accept-Encoding", "gzip");

        using var response = await host.Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();

        Assert.That(text, Does.EndWith("acme_a 1.0\n"));
        Assert.That(response.Content.Headers.ContentEncoding, Is.Empty);
        Assert.That(await host.Client.GetStringAsync("/api/metrics"), Is.EqualTo(text));
        Assert.That(collector.Runs, Is.EqualTo(1));
    }

    [Test]
    public async Task Application_and_server_do_not_serve_each_others_paths()
    {
        await using var host = await TestHost.StartAsync(
            services => services.AddOrchestratorMetrics().AddMetricsServer(port: 0),
            app => app.MapGet("/order", () => "served"));

        Assert.That((await host.Client.GetAsync("/metrics")).StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(
            (await host.Client.GetAsync(new Uri(WorkerHost.GetUrl(host.Services), "/order"))).StatusCode,
            Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(await host.Client.GetStringAsync("/order"), Is.EqualTo("served"));
    }

    [Test]
    public async Task Application_may_map_the_path_of_the_server()
    {
        await using var host = await TestHost.StartAsync(
            services => services.AddOrchestratorMetrics().AddCollector(FakeCollector.Returning("acme_a", 1))
                .AddMetricsServer(port: 0, options => options.Path = "/api/metrics"),
            app => app.MapGroup("/api").MapOrchestratorMetrics("/metrics"));

        Assert.That(await host.Client.GetStringAsync("/api/metrics"), Is.EqualTo(WorkerHost.Exposition));
        Assert.That(
            await host.Client.GetStringAsync(WorkerHost.GetUrl(host.Services)), Is.EqualTo(WorkerHost.Exposition));
    }
}
