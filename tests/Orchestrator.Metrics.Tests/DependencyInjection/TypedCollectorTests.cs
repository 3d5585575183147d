using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.Metrics.Tests.DependencyInjection;

/// <summary>Collectors added by type whose services are not all registered.</summary>
public class TypedCollectorTests
{
    [Test]
    public void Missing_service_of_a_collector_is_a_startup_error_that_names_both() =>
        Assert.That(Problem(builder => builder.AddCollector<Plain>()), Is.EqualTo(
            "Collector 'Plain' needs IReadOnlyDictionary<String, Queue>, which the host does not register. Register " +
            "the service, or add the collector with a factory."));

    [Test]
    public void Error_names_each_missing_service() =>
        Assert.That(
            Problem(builder => builder.AddCollector<TwoServices>()),
            Does.StartWith("Collector 'TwoServices' needs Queue, Plain,"));

    [Test]
    public void Error_uses_the_collector_name_of_the_options() =>
        Assert.That(
            Problem(builder => builder.AddCollector<Plain>(options => options.Name = "mine")),
            Does.StartWith("Collector 'mine' needs"));

    [Test]
    public void Keyed_service_of_a_collector_is_looked_up_by_its_key()
    {
        Assert.That(
            Problem(builder =>
            {
                builder.Services.AddKeyedSingleton("other", new Queue());
                builder.AddCollector<Keyed>();
            }),
            Does.StartWith("Collector 'Keyed' needs Queue with the key 'main', which"));
        Assert.That(
            Problem(builder =>
            {
                builder.Services.AddKeyedSingleton("main", new Queue());
                builder.AddCollector<Keyed>();
            }),
            Is.Null);
    }

    [Test]
    public void Parameter_with_a_default_value_is_optional() =>
        Assert.That(Problem(builder => builder.AddCollector<Optional>()), Is.Null);

    [Test]
    public void Collector_needs_only_one_constructor_that_can_be_called() =>
        Assert.That(Problem(builder => builder.AddCollector<TwoConstructors>()), Is.Null);

    [Test]
    public void Services_of_the_container_and_of_the_run_are_available() =>
        Assert.That(Problem(builder => builder.AddCollector<FromContainer>()), Is.Null);

    [Test]
    public void Collector_type_registered_by_the_host_is_not_checked()
    {
        Assert.That(
            Problem(builder =>
            {
                builder.Services.AddSingleton(new Plain(new Dictionary<string, Queue>()));
                builder.AddCollector<Plain>();
            }),
            Is.Null);
        Assert.That(
            Problem(builder => builder.AddCollector<Plain>().Services.AddScoped(
                _ => new Plain(new Dictionary<string, Queue>()))),
            Is.Null);
    }

    [Test]
    public void Factory_is_not_checked() =>
        Assert.That(
            Problem(builder => builder.AddCollector(
                services => new Plain(services.GetRequiredService<IReadOnlyDictionary<string, Queue>>()))),
            Is.Null);

    [Test]
    public void Container_without_IServiceProviderIsService_is_not_checked() =>
        Assert.That(Problem(builder => builder.AddCollector<Plain>(), minimal: true), Is.Null);

    private static string? Problem(Action<OrchestratorMetricsBuilder> build, bool minimal = false)
    {
        var services = new ServiceCollection();
        build(services.AddOrchestratorMetrics());
        using var provider = services.BuildServiceProvider();
        return new StartupValidator(minimal ? new MinimalContainer(provider) : provider)
            .Validate(null, new OrchestratorMetricsOptions()).FailureMessage;
    }

    internal sealed class Queue;

    internal abstract class Collector : IMetricsCollector
    {
        public Task<IReadOnlyList<MetricFamily>> CollectAsync(CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<MetricFamily>>([]);
    }

#pragma warning disable CS9113
    internal sealed class Plain(IReadOnlyDictionary<string, Queue> queues) : Collector;

    internal sealed class TwoServices(Queue queue, Plain plain) : Collector;

    internal sealed class Keyed([FromKeyedServices("main")] Queue queue) : Collector;

    internal sealed class Optional(Queue? queue = null) : Collector;

    internal sealed class FromContainer(
        IServiceProvider services, IServiceScopeFactory scopes, IEnumerable<Queue> queues, CollectorContext context)
        : Collector;

    internal sealed class TwoConstructors(Queue queue) : Collector
    {
        public TwoConstructors()
            : this(new Queue())
        {
        }
    }
#pragma warning restore CS9113
}
