using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orchestrator.Metrics.Tests.Collection;

namespace Orchestrator.Metrics.Tests.DependencyInjection;

public class AddOrchestratorMetricsTests
{
    [Test]
    public async Task Adding_the_registry_twice_adds_one_registry()
    {
        var once = new ServiceCollection();
        once.AddOrchestratorMetrics(SelectNone);
        var twice = new ServiceCollection();
        twice.AddOrchestratorMetrics(SelectNone).AddCollector(FakeCollector.Counting("x"));
        twice.AddOrchestratorMetrics(SelectNone).AddCollector(
            FakeCollector.Counting("y"), options => options.Name = "second");
        await using var provider = twice.BuildServiceProvider();

        var registries = provider.GetServices<OrchestratorMetricsRegistry>().ToArray();
        var snapshot = await registries.Single().CollectAsync().Soon();

        Assert.That(snapshot.GetNames(), Is.EqualTo(new[] { "x", "y" }));
        Assert.That(Count<IPostConfigureOptions<OrchestratorMetricsOptions>>(twice), Is.EqualTo(1));
        Assert.That(Count<IValidateOptions<OrchestratorMetricsOptions>>(twice), Is.EqualTo(1));
        Assert.That(Count<IPostConfigureOptions<OrchestratorMetricsOptions>>(once), Is.EqualTo(1));
    }

    [Test]
    public void Options_of_both_calls_apply_in_order()
    {
        var services = new ServiceCollection();
        services.AddOrchestratorMetrics(
            options => (options.MaxSamplesPerCollector, options.MaxConcurrentCollectors) = (1, 2));
        services.AddOrchestratorMetrics(options => options.MaxSamplesPerCollector = 3);
        using var provider = services.BuildServiceProvider();

        var options = provider.GetRequiredService<IOptions<OrchestratorMetricsOptions>>().Value;

        Assert.That((options.MaxSamplesPerCollector, options.MaxConcurrentCollectors), Is.EqualTo((3, 2)));
    }

    [Test]
    public void Registry_is_a_singleton()
    {
        var services = new ServiceCollection();
        services.AddOrchestratorMetrics(SelectNone);
        using var provider = services.BuildServiceProvider(validateScopes: true);
        using var scope = provider.CreateScope();

        Assert.That(
            scope.ServiceProvider.GetRequiredService<OrchestratorMetricsRegistry>(),
            Is.SameAs(provider.GetRequiredService<OrchestratorMetricsRegistry>()));
    }

    [Test]
    public async Task Host_without_logging_works_even_if_a_collector_fails()
    {
        var services = new ServiceCollection();
        services.AddOrchestratorMetrics(SelectNone)
            .AddCollector(FakeCollector.Failing(new InvalidOperationException()));
        await using var provider = services.BuildServiceProvider();
        Assert.That(provider.GetService<ILoggerFactory>(), Is.Null, "The host must have no logging.");

        var failure = await MetricsHost.CatchFailureAsync(
            provider.GetRequiredService<OrchestratorMetricsRegistry>().CollectAsync().Soon());

        Assert.That(failure.FailedCollectors, Is.EqualTo(new[] { "FakeCollector" }));
    }

    [TestCase(DefaultCollectors.None)]
    [TestCase(DefaultCollectors.Subscriptions, "wfo_subscriptions_count")]
    [TestCase(DefaultCollectors.Processes, "wfo_process_count", "wfo_process_seconds_total_count")]
    [TestCase(DefaultCollectors.WorkflowEngine, "wfo_engine_status", "wfo_active_process_count")]
    [TestCase(DefaultCollectors.WorkflowEngine | DefaultCollectors.Subscriptions,
        "wfo_subscriptions_count", "wfo_engine_status", "wfo_active_process_count")]
    public async Task Only_the_selected_default_collectors_run(DefaultCollectors selected, params string[] families)
    {
        using var host = new Collectors.DefaultCollectorHost(selected);

        Assert.That((await host.Registry.CollectAsync().Soon()).GetNames(), Is.EqualTo(families));
    }

    [Test]
    public void Null_arguments_are_rejected() =>
        Assert.That(() => ((IServiceCollection)null!).AddOrchestratorMetrics(), Throws.ArgumentNullException);

    private static void SelectNone(OrchestratorMetricsOptions options) =>
        options.DefaultCollectors = DefaultCollectors.None;

    private static int Count<TService>(IServiceCollection services) =>
        services.Count(service => service.ServiceType == typeof(TService)
            && service.ImplementationFactory?.Method.DeclaringType?.Assembly == typeof(MetricFamily).Assembly);
}
