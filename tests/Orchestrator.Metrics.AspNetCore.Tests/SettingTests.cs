using System.Net;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Orchestrator.Metrics.Tests;

public class SettingTests
{
    private const string Key = "ENABLE_PROMETHEUS_METRICS_ENDPOINT";

    [Test]
    public async Task Endpoint_is_off_by_default_and_returns_404_without_running_collectors()
    {
        foreach (var map in Mappings)
        {
            var collector = FakeCollector.Returning("acme_a", 1);
            await using var host = await StartAsync(collector, map);

            foreach (var method in new[] { HttpMethod.Get, HttpMethod.Head, HttpMethod.Post })
            {
                using var response = await host.Client.SendAsync(new HttpRequestMessage(method, "/api/metrics"));
                Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
            }

            Assert.That(collector.Runs, Is.Zero);
        }
    }

    [Test]
    public async Task Disabled_endpoint_returns_404_despite_fallback_and_conventions()
    {
        await using var host = await StartAsync(FakeCollector.Returning("acme_a", 1), app =>
        {
            app.MapOrchestratorMetrics().RequireAuthorization().RequireHost("elsewhere.example");
            app.MapFallback(context => context.Response.WriteAsync("a page"));
        });

        Assert.That((await host.Client.GetAsync("/api/metrics")).StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(await host.Client.GetStringAsync("/other"), Is.EqualTo("a page"));
    }

    [Test]
    public async Task Disabled_endpoint_returns_404_despite_a_fallback_policy()
    {
        await using var host = await TestHost.StartAsync(
            services =>
            {
                services.AddAuthentication();
                services.AddAuthorizationBuilder().SetFallbackPolicy(
                    new AuthorizationPolicyBuilder().RequireAssertion(_ => false).Build());
                services.AddOrchestratorMetrics();
            },
            app =>
            {
                app.UseAuthorization();
                app.MapOrchestratorMetrics().Finally(_ => { });
            },
            endpoint: options => options.EnableEndpoint = false);

        Assert.That((await host.Client.GetAsync("/api/metrics")).StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [TestCase("true", HttpStatusCode.OK)]
    [TestCase("false", HttpStatusCode.NotFound)]
    public async Task Command_line_setting_turns_the_endpoint_on_or_off(string value, HttpStatusCode status)
    {
        await using var host = await StartAsync(FakeCollector.Returning("acme_a", 1), args: [$"--{Key}={value}"]);

        Assert.That((await host.Client.GetAsync("/api/metrics")).StatusCode, Is.EqualTo(status));
    }

    [Test]
    public void Invalid_setting_is_a_startup_error_with_key_and_value() => Assert.That(
        async () => await StartAsync(FakeCollector.Returning("acme_a", 1), args: [$"--{Key}=ja"]),
        Throws.InstanceOf<OptionsValidationException>().With.Message.Contains(Key).And.Message.Contains("'ja'"));

    [Test]
    public async Task Empty_json_list_clears_a_list_set_in_code()
    {
        var json = """{ "OrchestratorMetrics": { "Collectors": { "X": { "Tags": [] } } } }"""u8.ToArray();
        IReadOnlySet<string>? tags = null;
        await using var host = await TestHost.StartAsync(
            services => services
                .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddJsonStream(new MemoryStream(json)).Build())
                .AddOrchestratorMetrics().AddCollector(FakeCollector.Returning("acme_a", 1), options =>
                    (options.Name, options.Tags) = ("X", ["cluster"])),
            endpoint: options => options.Predicate = collector =>
            {
                tags = collector.Tags;
                return true;
            });

        await host.Client.GetStringAsync("/api/metrics");

        Assert.That(tags, Is.Empty);
    }

    [Test]
    public void Mapping_without_a_registry_is_an_error_with_the_remedy() =>
        Assert.That(
            async () => await TestHost.StartAsync(_ => { }),
            Throws.InvalidOperationException.With.Message.Contains("services.AddOrchestratorMetrics()"));

    [Test]
    public void Missing_repository_is_a_startup_error_with_both_remedies() =>
        Assert.That(
            async () => await TestHost.StartAsync(
                services => services.AddOrchestratorMetrics(
                    options => options.DefaultCollectors = DefaultCollectors.Processes),
                map: _ => { }),
            Throws.InstanceOf<OptionsValidationException>()
                .With.Message.Contains("IProcessRepository")
                .And.Message.Contains("AddScoped")
                .And.Message.Contains("options.DefaultCollectors &= ~DefaultCollectors.Processes"));

    private static Action<WebApplication>[] Mappings =>
        [app => app.MapOrchestratorMetrics(), app => app.UseOrchestratorMetrics()];

    private static Task<TestHost> StartAsync(
        IMetricsCollector collector, Action<WebApplication>? map = null, string[]? args = null) =>
        TestHost.StartAsync(
            services => services.AddOrchestratorMetrics().AddCollector(collector),
            map,
            endpoint: options => options.EnableEndpoint = null,
            args: args ?? []);
}
