using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.Metrics.Tests;

public class EndpointTests
{
    private const string Text = "# HELP acme_a \n# TYPE acme_a gauge\nacme_a 1.0\n";

    [Test]
    public async Task Endpoint_responds_in_the_text_format_with_its_content_type()
    {
        await using var host = await TestHost.StartAsync(FakeCollector.Returning("acme_a", 1));

        using var response = await host.Client.GetAsync("/api/metrics");

        Assert.Multiple(() =>
        {
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
            Assert.That(
                response.Content.Headers.NonValidated["Content-Type"].ToString(),
                Is.EqualTo("text/plain; version=0.0.4; charset=utf-8"));
            Assert.That(response.Content.ReadAsStringAsync().Result, Is.EqualTo(Text));
        });
    }

    [TestCase("/api/metrics")]
    [TestCase("/api/metrics/")]
    [TestCase("/API/Metrics")]
    public async Task Endpoint_and_middleware_ignore_case_and_a_trailing_slash(string path)
    {
        await using var mapped = await TestHost.StartAsync(FakeCollector.Returning("acme_a", 1));
        await using var middleware = await TestHost.StartAsync(
            services => services.AddOrchestratorMetrics().AddCollector(FakeCollector.Returning("acme_a", 1)),
            app => app.UseOrchestratorMetrics());

        Assert.That(await mapped.Client.GetStringAsync(path), Is.EqualTo(Text));
        Assert.That(await middleware.Client.GetStringAsync(path), Is.EqualTo(Text));
    }

    [Test]
    public async Task Middleware_passes_other_paths_on()
    {
        await using var host = await TestHost.StartAsync(
            services => services.AddOrchestratorMetrics(),
            app =>
            {
                app.UseOrchestratorMetrics("/metrics");
                app.Run(context => context.Response.WriteAsync("next"));
            });

        Assert.That(await host.Client.GetStringAsync("/metrics/more"), Is.EqualTo("next"));
        Assert.That(await host.Client.GetStringAsync("/metricsmore"), Is.EqualTo("next"));
        Assert.That(await host.Client.GetStringAsync("/metrics"), Is.Empty);
    }

    [TestCase("/metrics")]
    [TestCase("/metrics/")]
    [TestCase("metrics")]
    [TestCase("metrics/")]
    public async Task Middleware_accepts_a_custom_path(string path)
    {
        await using var host = await TestHost.StartAsync(
            services => services.AddOrchestratorMetrics().AddCollector(FakeCollector.Returning("acme_a", 1)),
            app =>
            {
                app.UseOrchestratorMetrics(path);
                app.Run(context => context.Response.WriteAsync("next"));
            });

        Assert.Multiple(async () =>
        {
            Assert.That(await host.Client.GetStringAsync("/metrics"), Is.EqualTo(Text));
            Assert.That(await host.Client.GetStringAsync("/metrics/"), Is.EqualTo(Text));
            Assert.That(await host.Client.GetStringAsync("/other"), Is.EqualTo("next"));
        });
    }

    [Test]
    public async Task Endpoint_can_be_mapped_to_a_custom_path()
    {
        await using var host = await TestHost.StartAsync(
            services => services.AddOrchestratorMetrics().AddCollector(FakeCollector.Returning("acme_a", 1)),
            app => app.MapOrchestratorMetrics("/metrics"));

        Assert.That(await host.Client.GetStringAsync("/metrics"), Is.EqualTo(Text));
        Assert.That((await host.Client.GetAsync("/api/metrics")).StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task Endpoint_conventions_apply()
    {
        await using var host = await TestHost.StartAsync(
            services => services.AddOrchestratorMetrics().AddCollector(FakeCollector.Returning("acme_a", 1)),
            app => app.MapOrchestratorMetrics().RequireHost("metrics.example"));

        Assert.That((await host.Client.GetAsync("/api/metrics")).StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/metrics");
        request.Headers.Host = "metrics.example";
        Assert.That((await host.Client.SendAsync(request)).StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [TestCase("POST")]
    [TestCase("PUT")]
    [TestCase("DELETE")]
    [TestCase("OPTIONS")]
    [TestCase("PATCH")]
    public async Task Methods_other_than_GET_and_HEAD_return_405_without_running_collectors(string method)
    {
        var collector = FakeCollector.Returning("acme_a", 1);
        await using var host = await TestHost.StartAsync(collector);

        using var response = await host.Client.SendAsync(
            new HttpRequestMessage(new HttpMethod(method), "/api/metrics"));

        Assert.Multiple(() =>
        {
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.MethodNotAllowed));
            Assert.That(response.Content.Headers.Allow, Is.EqualTo(new[] { "GET", "HEAD" }));
            Assert.That(collector.Runs, Is.Zero);
        });
    }

    [TestCase(null)]
    [TestCase("gzip")]
    public async Task HEAD_returns_the_headers_of_GET_without_a_body(string? encoding)
    {
        await using var host = await TestHost.StartAsync(FakeCollector.Returning("acme_a", 1));

        using var get = await SendAsync(HttpMethod.Get);
        using var head = await SendAsync(HttpMethod.Head);

        Assert.Multiple(() =>
        {
            Assert.That(head.StatusCode, Is.EqualTo(get.StatusCode));
            Assert.That(GetHeaders(head), Is.EqualTo(GetHeaders(get)));
            Assert.That(head.Content.ReadAsByteArrayAsync().Result, Is.Empty);
        });

        async Task<HttpResponseMessage> SendAsync(HttpMethod method)
        {
            using var request = new HttpRequestMessage(method, "/api/metrics");
            if (encoding is not null)
                request.Headers.TryAddWithoutValidation("Accept-Encoding", encoding);
            return await host.Client.SendAsync(request);
        }

        static string[] GetHeaders(HttpResponseMessage response) =>
        [
            .. response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated)
                .Where(header => header.Key is not ("Date" or "Transfer-Encoding" or "Content-Length"))
                .Select(header => $"{header.Key}: {header.Value}")
                .Order(),
        ];
    }

    [Test]
    public async Task Name_parameters_restrict_the_families()
    {
        var other = FakeCollector.Returning("acme_b", 2);
        await using var host = await TestHost.StartAsync(services => services.AddOrchestratorMetrics()
            .AddCollector(FakeCollector.Returning("acme_a", 1), options => options.Name = "A")
            .AddCollector(other, options =>
            {
                options.Name = "B";
                options.FamilyNames = ["acme_b"];
            }));

        Assert.Multiple(async () =>
        {
            Assert.That(await host.Client.GetStringAsync("/api/metrics?name[]=acme_a&name[]=acme_c"), Is.EqualTo(Text));
            Assert.That(await host.Client.GetStringAsync("/api/metrics?name%5B%5D=acme_a"), Is.EqualTo(Text));
            Assert.That(await host.Client.GetStringAsync("/api/metrics?name[]=unknown"), Is.Empty);
            Assert.That(await host.Client.GetStringAsync("/api/metrics?name[]="), Is.Empty);
            Assert.That(other.Runs, Is.Zero, "The collector declares none of the requested names.");
        });
        Assert.That(
            await host.Client.GetStringAsync("/api/metrics?name[]=acme_b&name[]=acme_a"), Does.StartWith(Text));
        Assert.That(other.Runs, Is.EqualTo(1));
    }
}
