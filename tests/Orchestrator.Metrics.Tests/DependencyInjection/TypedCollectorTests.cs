using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.Metrics.Tests.DependencyInjection;

/// <summary>A collector that is added by its type, and whose services are not all registered.</summary>
public class TypedCollectorTests
{
    [Test]
    public void A_missing_service_of_a_collector_is_an_error_at_start_up_that_names_both() =>
        Assert.That(Problem(builder => builder.AddCollector<Plain>()), Is.EqualTo(
            "Collector 'Plain' needs IReadOnlyDictionary<String, Queue>, which the host does not register. Register " +
            "the service, or add the collector with a factory."));

    [Test]
    public void The_name_of_the_options_is_the_name_in_the_error() =>
        Assert.That(
            Problem(builder => builder.AddCollector<Plain>(options => options.Name = "mine")),
            Does.StartWith("Collector 'mine' needs"));

    [Test]
    public void A_keyed_service_of_a_collector_is_looked_up_by_its_key()
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
    public void A_parameter_with_a_default_value_is_not_needed() =>
        Assert.That(Problem(builder => builder.AddCollector<Optional>()), Is.Null);

    [Test]
    public void One_constructor_that_can_be_called_is_enough() =>
        Assert.That(Problem(builder => builder.AddCollector<TwoConstructors>()), Is.Null);

    [Test]
    public void Services_of_the_container_and_of_the_run_are_not_missing() =>
        Assert.That(Problem(builder => builder.AddCollector<FromContainer>()), Is.Null);

    [Test]
    public void A_type_that_the_host_registers_otherwise_is_left_alone()
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
    public void A_factory_is_left_alone() =>
        Assert.That(
            Problem(builder => builder.AddCollector(
                services => new Plain(services.GetRequiredService<IReadOnlyDictionary<string, Queue>>()))),
            Is.Null);

    [Test]
    public void A_container_that_cannot_tell_is_trusted() =>
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
