using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Orchestrator.Metrics.Tests;

public class SeveralEndpointsTests
{
    private const string Local = "127.0.0.1";

    [Test]
    public async Task Predicate_selects_the_collectors_of_an_endpoint_by_tags()
    {
        await using var host = await StartAsync(app =>
        {
            app.MapOrchestratorMetrics();
            app.MapOrchestratorMetrics(
                "/metrics/cluster", options => options.Predicate = collector => collector.Tags.Contains("cluster"));
            app.UseOrchestratorMetrics(
                "/metrics/replica", options => options.Predicate = collector => !collector.Tags.Contains("cluster"));
        });

        Assert.Multiple(async () =>
        {
            Assert.That(await GetNamesAsync("/api/metrics"), Is.EqualTo(new[] { "acme_cluster", "acme_replica" }));
            Assert.That(await GetNamesAsync("/metrics/cluster"), Is.EqualTo(new[] { "acme_cluster" }));
            Assert.That(await GetNamesAsync("/metrics/replica"), Is.EqualTo(new[] { "acme_replica" }));
        });

        async Task<string[]> GetNamesAsync(string path) =>
        [
            .. (await host.Client.GetStringAsync(path)).Split('\n')
                .Where(line => line.StartsWith("acme", StringComparison.Ordinal)).Select(line => line.Split(' ')[0]),
        ];
    }

    [TestCase("/metrics", "/metrics")]
    [TestCase("/metrics", "metrics/")]
    [TestCase("/metrics", "/Metrics")]
    public void Two_endpoints_with_the_same_pattern_are_a_startup_error(string first, string second) =>
        Assert.That(
            async () => await StartAsync(app =>
            {
                app.MapOrchestratorMetrics(first);
                app.MapOrchestratorMetrics(second);
            }),
            Throws.InvalidOperationException.With.Message.Contains($"'/{second.Trim('/')}'")
                .And.Message.Contains("Call MapOrchestratorMetrics once").And.Message.Contains("RequireHost"));

    [TestCase("a.example b.example", "c.example B.example")]
    [TestCase("c.example B.example", "b.example a.example")]
    public void Two_endpoints_that_share_a_host_are_a_startup_error(string first, string second) =>
        Assert.That(
            async () => await StartAsync(app =>
            {
                app.MapOrchestratorMetrics().RequireHost(first.Split(' '));
                app.MapOrchestratorMetrics().RequireHost(second.Split(' '));
            }),
            Throws.InvalidOperationException.With.Message.Contains("'/api/metrics' and share the hosts b.example, so")
                .IgnoreCase);

    [TestCase("/api")]
    [TestCase("/other")]
    public void Endpoints_in_groups_are_compared_including_their_prefix(string prefix)
    {
        Task<TestHost> Start() => StartAsync(app =>
        {
            app.MapGroup("/api").MapOrchestratorMetrics("/metrics");
            app.MapGroup(prefix).MapOrchestratorMetrics("/metrics");
        });

        if (prefix == "/api")
            Assert.That(Start, Throws.InvalidOperationException.With.Message.Contains("'/api/metrics'"));
        else
            Assert.That(async () => await (await Start()).DisposeAsync(), Throws.Nothing);
    }

    [Test]
    public async Task Endpoints_with_the_same_pattern_may_have_different_hosts()
    {
        await using var host = await StartAsync(app =>
        {
            app.MapOrchestratorMetrics();
            app.MapOrchestratorMetrics(configure: options => options.Predicate = _ => false).RequireHost("a.example");
        });
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/metrics");
        request.Headers.Host = "a.example";

        Assert.That(await host.Client.GetStringAsync("/api/metrics"), Does.Contain("acme_replica"));
        Assert.That(await (await host.Client.SendAsync(request)).Content.ReadAsStringAsync(), Is.Empty);
    }

    [Test]
    public async Task Disabled_endpoints_with_the_same_pattern_return_404()
    {
        await using var host = await StartAsync(
            app =>
            {
                app.MapOrchestratorMetrics().RequireHost("a.example");
                app.MapOrchestratorMetrics().RequireHost("b.example");
                app.MapOrchestratorMetrics("/other", options => options.EnableEndpoint = true).RequireHost(Local);
            },
            enable: false);

        Assert.That((await host.Client.GetAsync("/api/metrics")).StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That((await host.Client.GetAsync("/other")).StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Mapped_endpoint_or_middleware_prevents_the_unused_setting_warning(bool middleware)
    {
        using var log = new ListLogger();
        await using var host = await StartAsync(
            app =>
            {
                if (middleware)
                    app.UseOrchestratorMetrics();
                else
                    app.MapOrchestratorMetrics();
            },
            log: log);

        Assert.That(log.Warnings, Is.Empty);
    }

    [Test]
    public async Task Setting_without_an_endpoint_logs_one_warning()
    {
        using var log = new ListLogger();
        await using var host = await StartAsync(_ => { }, log: log);

        Assert.That(
            log.Warnings.Single(),
            Does.Contain("ENABLE_PROMETHEUS_METRICS_ENDPOINT").And.Contain("MapOrchestratorMetrics"));
    }

    private static Task<TestHost> StartAsync(Action<WebApplication> map, bool enable = true, ListLogger? log = null) =>
        TestHost.StartAsync(
            services =>
            {
                if (log is not null)
                    services.AddSingleton<ILogger<OrchestratorMetricsRegistry>>(log);
                services.AddOrchestratorMetrics()
                    .AddGauge("acme_cluster", "", _ => 1, options => options.Tags = ["cluster"])
                    .AddGauge("acme_replica", "", _ => 2);
            },
            map,
            endpoint: options => options.EnableEndpoint = null,
            args: [$"--ENABLE_PROMETHEUS_METRICS_ENDPOINT={enable}"]);
}
