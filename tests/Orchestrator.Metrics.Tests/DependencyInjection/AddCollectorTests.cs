using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Moq;
using Orchestrator.Metrics.Tests.Collection;

namespace Orchestrator.Metrics.Tests.DependencyInjection;

public class AddCollectorTests
{
    [Test]
    public async Task Collector_added_by_its_type_gets_its_services()
    {
        await using var host = new MetricsHost(builder =>
        {
            builder.Services.AddSingleton(new Source(41));
            builder.AddCollector<SourceCollector>();
        });

        Assert.That((await host.ScrapeAsync()).GetValue("source"), Is.EqualTo(41));
        Assert.That(host.Registry.Unregister("SourceCollector"), Is.True);
    }

    [Test]
    public async Task Collector_type_registered_as_a_service_is_resolved_from_the_container()
    {
        await using var host = new MetricsHost(builder =>
        {
            builder.Services.AddSingleton(new SourceCollector(new Source(42)));
            builder.AddCollector<SourceCollector>();
        });

        Assert.That((await host.ScrapeAsync()).GetValue("source"), Is.EqualTo(42));
    }

    [Test]
    public async Task Collector_is_added_as_an_instance()
    {
        await using var host = new MetricsHost(builder => builder.AddCollector(new SourceCollector(new Source(43))));

        Assert.That((await host.ScrapeAsync()).GetValue("source"), Is.EqualTo(43));
        Assert.That(host.Registry.Unregister("SourceCollector"), Is.True);
    }

    [Test]
    public async Task Collector_is_added_with_a_factory_and_named_by_its_type()
    {
        await using var host = new MetricsHost(builder =>
        {
            builder.Services.AddSingleton(new Source(44));
            builder.AddCollector(services => new SourceCollector(services.GetRequiredService<Source>()));
        });

        Assert.That((await host.ScrapeAsync()).GetValue("source"), Is.EqualTo(44));
        Assert.That(host.Registry.Unregister("SourceCollector"), Is.True);
    }

    [Test]
    public void Factory_that_returns_the_interface_needs_a_name()
    {
        var builder = new ServiceCollection().AddOrchestratorMetrics();
        Func<IServiceProvider, IMetricsCollector> factory = _ => FakeCollector.Counting("x");

        var error = Assert.Throws<ArgumentException>(() => builder.AddCollector(factory));

        Assert.That(error.Message, Does.Contain("name of the collector is empty").And.Contain("options.Name"));
        Assert.That(() => builder.AddCollector(factory, options => options.Name = "x"), Throws.Nothing);
    }

    [Test]
    public async Task Collectors_follow_the_default_collectors_in_order_of_registration()
    {
        var services = new ServiceCollection();
        var processes = new Mock<IProcessRepository>();
        processes.Setup(repository => repository.GetProcessCountsAsync(It.IsAny<CancellationToken>()))
            .ReturnsAsync([]);
        services.AddScoped(_ => processes.Object);
        services.AddOrchestratorMetrics(options => options.DefaultCollectors = DefaultCollectors.Processes)
            .AddCollector(FakeCollector.Counting("second"), options => options.Name = "second")
            .AddCollector(FakeCollector.Counting("first"), options => options.Name = "first");
        await using var provider = services.BuildServiceProvider();

        var snapshot = await provider.GetRequiredService<OrchestratorMetricsRegistry>().CollectAsync().Soon();

        Assert.That(snapshot.GetNames(), Is.EqualTo(
            new[] { "wfo_process_count", "wfo_process_seconds_total_count", "second", "first" }));
    }

    [Test]
    public void Collector_that_is_added_twice_is_rejected_at_once()
    {
        var instance = FakeCollector.Counting("x");
        var builder = new ServiceCollection().AddOrchestratorMetrics()
            .AddCollector<SourceCollector>(options => options.FamilyNames = ["source"])
            .AddCollector(instance);

        Assert.That(() => builder.AddCollector<SourceCollector>(),
            Throws.InvalidOperationException.With.Message.Contains("'SourceCollector'"));
        Assert.That(() => builder.AddCollector(instance, options => options.Name = "other"),
            Throws.InvalidOperationException.With.Message.Contains("'FakeCollector'"));
    }

    [TestCase("", "", false)]
    [TestCase("OrchestratorMetrics:Collectors:y:NamePrefix", "acme_", true)]
    [TestCase("OrchestratorMetrics:Collectors:y:AddLabels:source", "y", true)]
    public void Conflict_of_declared_families_is_a_startup_error_unless_the_configuration_resolves_the_conflict(
        string key, string value, bool isValid)
    {
        var services = new ServiceCollection()
            .AddSingleton<IConfiguration>(
                new ConfigurationBuilder().AddInMemoryCollection([new(key, value)]).Build());
        services.AddOrchestratorMetrics()
            .AddCollector(FakeCollector.Counting("source"), options => Declare(options, "x"))
            .AddCollector(FakeCollector.Counting("source"), options => Declare(options, "y"));
        using var provider = services.BuildServiceProvider();

        Assert.That(
            provider.GetRequiredService<IStartupValidator>().Validate,
            isValid
                ? Throws.Nothing
                : Throws.InstanceOf<OptionsValidationException>().With.Message.StartsWith(
                    "Collectors 'x' and 'y' both declare metric family 'source'."));

        static void Declare(CollectorOptions options, string name) =>
            (options.Name, options.FamilyNames, options.LabelNames) = (name, ["source"], []);
    }

    [Test]
    public void Registry_rejects_a_collector_that_conflicts_with_an_added_one()
    {
        var services = new ServiceCollection().AddSingleton(new Source(0));
        services.AddOrchestratorMetrics().AddCollector<SourceCollector>();
        using var provider = services.BuildServiceProvider();
        var registry = provider.GetRequiredService<OrchestratorMetricsRegistry>();

        Assert.That(
            () => registry.Register(new SourceCollector(new Source(1))),
            Throws.InvalidOperationException.With.Message.Contains("'SourceCollector'"));
    }

    [Test]
    public void Null_arguments_are_rejected()
    {
        var builder = new ServiceCollection().AddOrchestratorMetrics();

        Assert.That(() => builder.AddCollector((IMetricsCollector)null!), Throws.ArgumentNullException);
        Assert.That(
            () => builder.AddCollector((Func<IServiceProvider, SourceCollector>)null!), Throws.ArgumentNullException);
    }

    [Test]
    public void Keyed_services_in_the_service_collection_are_ignored()
    {
        var services = new ServiceCollection();
        services.AddKeyedSingleton("key", new Source(1));

        Assert.That(
            () => services.AddOrchestratorMetrics().AddCollector<SourceCollector>(), Throws.Nothing);
    }

    internal sealed record Source(double Number);

    internal sealed class SourceCollector(Source source) : IMetricsCollector
    {
        public Task<IReadOnlyList<MetricFamily>> CollectAsync(CancellationToken cancellationToken) =>
            Task.FromResult(FakeCollector.CreateGauge("source", source.Number));
    }
}
