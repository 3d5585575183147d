using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.Metrics.Tests.DependencyInjection;

public class TypedCollectorTests
{
    [Test]
    public void Missing_service_of_a_collector_is_a_startup_error_that_names_both() =>
        Assert.That(FindProblem(builder => builder.AddCollector<PlainCollector>()), Is.EqualTo(
            "Collector 'PlainCollector' needs IReadOnlyDictionary<String, Queue>, which the host does not register. " +
            "Register the service, or add the collector with a factory."));

    [Test]
    public void Error_names_each_missing_service() =>
        Assert.That(
            FindProblem(builder => builder.AddCollector<TwoServicesCollector>()),
            Does.StartWith("Collector 'TwoServicesCollector' needs Queue, PlainCollector,"));

    [Test]
    public void Error_uses_the_collector_name_of_the_options() =>
        Assert.That(
            FindProblem(builder => builder.AddCollector<PlainCollector>(options => options.Name = "mine")),
            Does.StartWith("Collector 'mine' needs"));

    [Test]
    public void Keyed_service_of_a_collector_is_looked_up_by_its_key()
    {
        Assert.That(
            FindProblem(builder =>
            {
                builder.Services.AddKeyedSingleton("other", new Queue());
                builder.AddCollector<KeyedCollector>();
            }),
            Does.StartWith("Collector 'KeyedCollector' needs Queue with the key 'main', which"));
        Assert.That(
            FindProblem(builder =>
            {
                builder.Services.AddKeyedSingleton("main", new Queue());
                builder.AddCollector<KeyedCollector>();
            }),
            Is.Null);
    }

    [Test]
    public void Parameter_with_a_default_value_is_optional() =>
        Assert.That(FindProblem(builder => builder.AddCollector<OptionalCollector>()), Is.Null);

    [Test]
    public void Collector_needs_only_one_constructor_that_can_be_called() =>
        Assert.That(FindProblem(builder => builder.AddCollector<TwoConstructorsCollector>()), Is.Null);

    [Test]
    public void Services_of_the_container_and_of_the_run_are_available() =>
        Assert.That(FindProblem(builder => builder.AddCollector<FromContainerCollector>()), Is.Null);

    [Test]
    public void Collector_type_registered_by_the_host_is_not_checked()
    {
        Assert.That(
            FindProblem(builder =>
            {
                builder.Services.AddSingleton(new PlainCollector(new Dictionary<string, Queue>()));
                builder.AddCollector<PlainCollector>();
            }),
            Is.Null);
        Assert.That(
            FindProblem(builder => builder.AddCollector<PlainCollector>().Services.AddScoped(
                _ => new PlainCollector(new Dictionary<string, Queue>()))),
            Is.Null);
    }

    [Test]
    public void Factory_is_not_checked() =>
        Assert.That(
            FindProblem(builder => builder.AddCollector(
                services => new PlainCollector(services.GetRequiredService<IReadOnlyDictionary<string, Queue>>()))),
            Is.Null);

    [Test]
    public void Services_are_not_checked_in_a_container_without_IServiceProviderIsService() =>
        Assert.That(FindProblem(builder => builder.AddCollector<PlainCollector>(), minimal: true), Is.Null);

    private static string? FindProblem(Action<OrchestratorMetricsBuilder> build, bool minimal = false)
    {
        var services = new ServiceCollection();
        build(services.AddOrchestratorMetrics());
        using var provider = services.BuildServiceProvider();
        return new StartupValidator(minimal ? new MinimalContainer(provider) : provider)
            .Validate(null, new OrchestratorMetricsOptions()).FailureMessage;
    }

    internal sealed class Queue;

    internal abstract class EmptyCollector : IMetricsCollector
    {
        public Task<IReadOnlyList<MetricFamily>> CollectAsync(CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<MetricFamily>>([]);
    }

#pragma warning disable CS9113
    internal sealed class PlainCollector(IReadOnlyDictionary<string, Queue> queues) : EmptyCollector;

    internal sealed class TwoServicesCollector(Queue queue, PlainCollector plain) : EmptyCollector;

    internal sealed class KeyedCollector([FromKeyedServices("main")] Queue queue) : EmptyCollector;

    internal sealed class OptionalCollector(Queue? queue = null) : EmptyCollector;

    internal sealed class FromContainerCollector(
        IServiceProvider services, IServiceScopeFactory scopes, IEnumerable<Queue> queues, CollectorContext context)
        : EmptyCollector;

    internal sealed class TwoConstructorsCollector(Queue queue) : EmptyCollector
    {
        public TwoConstructorsCollector()
            : this(new Queue())
        {
        }
    }
#pragma warning restore CS9113
}
