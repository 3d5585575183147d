using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Prometheus;

namespace Orchestrator.Metrics.Tests;

public class RegistrationTests
{
    [Test]
    public async Task Several_registries_have_distinct_collector_names()
    {
        await using var host = await TestHost.StartAsync(services => services.AddOrchestratorMetrics()
            .AddPrometheusNet(CreateRegistry("a"))
            .AddPrometheusNet(CreateRegistry("b"), options => options.Name = "Second"),
            options: options => options.ScrapeMetrics = true);

        Assert.That(await host.GetTextAsync("?name[]=a&name[]=b&name[]=wfo_scrape_collector_samples"), Is.EqualTo(
            "# HELP a \n# TYPE a gauge\na 1.0\n# HELP b \n# TYPE b gauge\nb 1.0\n" +
            "# HELP wfo_scrape_collector_samples Samples of the collector in this scrape.\n" +
            "# TYPE wfo_scrape_collector_samples gauge\n" +
            "wfo_scrape_collector_samples{collector=\"PrometheusNet\"} 1.0\n" +
            "wfo_scrape_collector_samples{collector=\"Second\"} 1.0\n"));
    }

    [Test]
    public async Task Registry_is_not_published_to_the_meter_by_default()
    {
        bool? isPublished = null;
        await using var host = await TestHost.StartAsync(services => services.AddOrchestratorMetrics()
            .AddPrometheusNet(CreateRegistry("a"), options => isPublished = options.PublishToMeter));

        Assert.That(isPublished, Is.False);
    }

    [Test]
    public void Second_registry_without_a_name_is_an_error_with_the_remedy() =>
        Assert.That(
            () => new ServiceCollection().AddOrchestratorMetrics()
                .AddPrometheusNet(CreateRegistry("a")).AddPrometheusNet(CreateRegistry("b")),
            Throws.InvalidOperationException.With.Message.EqualTo(
                "A collector named 'PrometheusNet' is already registered. Register it once, or set another name: " +
                "options => options.Name = \"...\"."));

    [Test]
    public async Task Name_parameters_select_families_and_samples()
    {
        var registry = Prometheus.Metrics.NewCustomRegistry();
        var factory = Prometheus.Metrics.WithCustomRegistry(registry);
        factory.CreateCounter("done_total", "").Inc();
        factory.CreateCounter("bare", "").Inc();
        factory.CreateHistogram("size", "", new HistogramConfiguration { Buckets = [1] }).Observe(2);
        factory.CreateGauge("other", "").Set(1);
        await using var host = await RegistryHost.StartAsync(registry);

        Assert.That(await host.GetTextAsync("?name[]=done_total&name[]=bare&name[]=size_count&name[]=none"), Is.EqualTo(
            "# HELP done_total \n# TYPE done_total counter\ndone_total 1.0\n" +
            "# HELP bare \n# TYPE bare counter\nbare 1.0\n# HELP size \n# TYPE size histogram\nsize_count 1.0\n"));
    }

    [Test]
    public async Task Conflicting_family_fails_the_scrape_and_the_response_names_the_collector()
    {
        await using var host = await StartWithConflictAsync(FailurePolicy.FailScrape);

        using var response = await host.Client.GetAsync("/api/metrics");

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.InternalServerError));
        Assert.That(
            await response.Content.ReadAsStringAsync(),
            Is.EqualTo("This collector failed: PrometheusNet. See the application log for the cause.\n"));
        var failure = await Assert.ThrowsAsync<MetricsCollectionException>(
            () => host.Services.GetRequiredService<OrchestratorMetricsRegistry>().CollectAsync());
        Assert.That(
            failure!.InnerException!.Message,
            Does.StartWith(
                "Metric family 'shared' of collector 'PrometheusNet' conflicts with metric family 'shared' of collector " +
                "'FakeCollector': "));
    }

    [Test]
    public async Task ReportAndContinue_serves_our_family_and_reports_the_failure()
    {
        await using var host = await StartWithConflictAsync(FailurePolicy.ReportAndContinue);

        Assert.That(
            await host.GetTextAsync("?name[]=shared&name[]=wfo_scrape_collector_success"), Is.EqualTo(
                "# HELP shared \n# TYPE shared gauge\nshared 5.0\n" +
                "# HELP wfo_scrape_collector_success " +
                "Whether the last run of the collector succeeded (1) or failed (0).\n" +
                "# TYPE wfo_scrape_collector_success gauge\n" +
                "wfo_scrape_collector_success{collector=\"FakeCollector\"} 1.0\n" +
                "wfo_scrape_collector_success{collector=\"PrometheusNet\"} 0.0\n"));
    }

    [Test]
    public void Family_declared_by_two_collectors_is_a_startup_error()
    {
        using var provider = new ServiceCollection().AddOrchestratorMetrics()
            .AddCollector(FakeCollector.Returning("shared", 5), options => options.FamilyNames = ["shared"])
            .AddPrometheusNet(CreateRegistry("shared"), options => options.FamilyNames = ["shared"])
            .Services.BuildServiceProvider();

        Assert.That(
            provider.GetRequiredService<OrchestratorMetricsRegistry>,
            Throws.InstanceOf<OptionsValidationException>().With.Message.StartsWith(
                "Collectors 'FakeCollector' and 'PrometheusNet' both declare metric family 'shared'."));
    }

    [Test]
    public async Task Exceptions_of_BeforeCollect_callbacks_are_ignored_and_the_metrics_are_served()
    {
        var registry = CreateRegistry("a");
        var called = 0;
        registry.AddBeforeCollectCallback(() =>
        {
            called++;
            throw new InvalidOperationException("hunter2");
        });
        registry.AddBeforeCollectCallback(_ =>
        {
            called++;
            return Task.FromException(new InvalidOperationException("hunter2"));
        });
        registry.AddBeforeCollectCallback(_ =>
        {
            called++;
            return Task.FromException(new ScrapeFailedException("hunter2"));
        });
        await using var host = await RegistryHost.StartAsync(registry);

        Assert.That((await host.GetTextAsync(), called), Is.EqualTo(("# HELP a \n# TYPE a gauge\na 1.0\n", 3)));
    }

    [Test]
    public async Task Callback_that_hangs_is_cancelled_at_the_timeout()
    {
        var registry = CreateRegistry("a");
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        registry.AddBeforeCollectCallback(async token =>
        {
            using var registration = token.Register(cancelled.SetResult);
            await Task.Delay(Timeout.Infinite, token);
        });
        await using var host = await RegistryHost.StartAsync(
            registry, options => options.CollectorTimeout = TimeSpan.FromMilliseconds(100));

        using var response = await host.Client.GetAsync("/api/metrics");

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    private static CollectorRegistry CreateRegistry(string gauge)
    {
        var registry = Prometheus.Metrics.NewCustomRegistry();
        Prometheus.Metrics.WithCustomRegistry(registry).CreateGauge(gauge, "").Set(1);
        return registry;
    }

    private static Task<TestHost> StartWithConflictAsync(FailurePolicy policy) => TestHost.StartAsync(
        services => services.AddOrchestratorMetrics()
            .AddCollector(FakeCollector.Returning("shared", 5))
            .AddPrometheusNet(CreateRegistry("shared")),
        options: options => options.FailurePolicy = policy);
}
