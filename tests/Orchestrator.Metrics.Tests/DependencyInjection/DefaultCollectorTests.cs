using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Moq;

namespace Orchestrator.Metrics.Tests.DependencyInjection;

public class DefaultCollectorTests
{
    private ListLogger _log = null!;

    [SetUp]
    public void CreateLog() => _log = new ListLogger();

    [TearDown]
    public void DisposeLog() => _log.Dispose();

    [Test]
    public void Default_collectors_without_repositories_are_off_and_one_line_is_logged()
    {
        var registry = CreateRegistry(CreateServices());

        Assert.That(registry.Unregister("SubscriptionCollector"), Is.False);
        Assert.That(_log.Entries.Select(entry => (entry.Level, entry.Message)), Is.EqualTo(new[]
        {
            (LogLevel.Information,
                "The default collectors are off, because the host registers no ISubscriptionRepository, " +
                "IProcessRepository or IWorkflowEngineRepository. Set DefaultCollectors to None to suppress this message."),
        }));
    }

    [Test]
    public void Default_collectors_run_with_all_repositories()
    {
        var registry = CreateRegistry(CreateCompleteServices());

        Assert.That(registry.Unregister("SubscriptionCollector"), Is.True);
        Assert.That(registry.Unregister("ProcessCollector"), Is.True);
        Assert.That(registry.Unregister("WorkflowEngineCollector"), Is.True);
        Assert.That(_log.Entries, Is.Empty);
    }

    [Test]
    public void Store_causes_a_warning_if_no_collector_shares_results([Values] bool cached)
    {
        var services = CreateCompleteServices().AddSingleton(Mock.Of<ICollectorResultStore>());
        if (cached)
            services.AddOrchestratorMetrics().ConfigureDefaultCollectors(
                DefaultCollectors.Processes, options => options.CacheFor = TimeSpan.FromMinutes(1));

        CreateRegistry(services);

        Assert.That(
            _log.Entries.Select(entry => (entry.Level, entry.Message)),
            cached ? Is.Empty : Is.EqualTo(new[]
            {
                (LogLevel.Warning,
                    "No collector shares its results with other replicas. Set CacheFor or RefreshEvery for the " +
                    "collectors that should share them; for your own collectors, also set CollectorOptions.Shared."),
            }));
    }

    [Test]
    public void Container_without_IServiceProviderIsService_resolves_the_repositories()
    {
        var none = CreateCatalog(CreateServices());
        var some = CreateCatalog(CreateServices().AddScoped(_ => Mock.Of<IProcessRepository>()));
        var all = CreateCatalog(CreateCompleteServices());

        Assert.Multiple(() =>
        {
            Assert.That((none.DefaultCollectorsAreOff, none.Collectors.Length, none.Problems.Count),
                Is.EqualTo((true, 0, 0)));
            Assert.That(some.Problems.Single(), Does.Contain("ISubscriptionRepository and IWorkflowEngineRepository"));
            Assert.That((all.DefaultCollectorsAreOff, all.Collectors.Length, all.Problems.Count),
                Is.EqualTo((false, 3, 0)));
        });
    }

    [Test]
    public void Repository_that_cannot_be_created_yet_counts_as_registered()
    {
        var catalog = CreateCatalog(
            CreateServices().AddScoped<IProcessRepository>(_ => throw new InvalidOperationException("down")));

        Assert.That(catalog.Problems.Single(), Does.Not.Contain("IProcessRepository"));
    }

    [Test]
    public void Selecting_no_default_collectors_logs_nothing()
    {
        var registry = CreateRegistry(
            CreateServices(options => options.DefaultCollectors = DefaultCollectors.None)
                .AddScoped(_ => Mock.Of<IProcessRepository>()));

        Assert.That(registry.Unregister("ProcessCollector"), Is.False);
        Assert.That(_log.Entries, Is.Empty);
    }

    [Test]
    public void DefaultCollectors_reads_as_all_until_it_is_set() =>
        Assert.That(new OrchestratorMetricsOptions().DefaultCollectors, Is.EqualTo(DefaultCollectors.All));

    private IServiceCollection CreateServices(Action<OrchestratorMetricsOptions>? configure = null) =>
        new ServiceCollection().AddSingleton<ILogger<OrchestratorMetricsRegistry>>(_log)
            .AddOrchestratorMetrics(configure).Services;

    private IServiceCollection CreateCompleteServices() => CreateServices()
        .AddScoped(_ => Mock.Of<ISubscriptionRepository>())
        .AddScoped(_ => Mock.Of<IProcessRepository>())
        .AddScoped(_ => Mock.Of<IWorkflowEngineRepository>());

    private static OrchestratorMetricsRegistry CreateRegistry(IServiceCollection services) =>
        services.BuildServiceProvider(validateScopes: true).GetRequiredService<OrchestratorMetricsRegistry>();

    private static CollectorCatalog CreateCatalog(IServiceCollection services) =>
        new(new MinimalContainer(services.BuildServiceProvider(validateScopes: true)), new());
}

/// <summary>A container that cannot report whether a service is registered.</summary>
internal sealed class MinimalContainer(IServiceProvider services) : IServiceProvider
{
    public object? GetService(Type serviceType) =>
        serviceType == typeof(IServiceProviderIsService) ? null : services.GetService(serviceType);
}
