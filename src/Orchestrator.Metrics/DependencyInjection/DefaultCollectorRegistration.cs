using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Metrics.Collectors;

namespace Orchestrator.Metrics.DependencyInjection;

/// <summary>A default collector and the repository that it needs.</summary>
internal sealed record DefaultCollectorRegistration(
    DefaultCollectors Flag, Type Repository, CollectorRegistration Collector)
{
    /// <summary>The default collectors in the order of their families.</summary>
    public static IEnumerable<DefaultCollectorRegistration> Selected(
        DefaultCollectors selected, IEnumerable<DefaultCollectorConfiguration> configurations) =>
        All([.. configurations]).Where(collector => (collector.Flag & selected) != 0);

    /// <summary>What is wrong if the host has no such repository, and both ways out.</summary>
    public string MissingRepository =>
        $"The default collector {Collector.Name} needs {Repository.Name}, and the host has registered none. " +
        $"Register one, services.AddScoped<{Repository.Name}, ...>(), or leave the collector out, " +
        $"services.AddOrchestratorMetrics(options => options.{nameof(OrchestratorMetricsOptions.DefaultCollectors)} " +
        $"&= ~{nameof(DefaultCollectors)}.{Flag}).";

    private static IEnumerable<DefaultCollectorRegistration> All(DefaultCollectorConfiguration[] configurations)
    {
        yield return Of<ISubscriptionRepository>(
            DefaultCollectors.Subscriptions,
            configurations,
            SubscriptionCollector.Name,
            SubscriptionCollector.FamilyNames,
            (repository, missingSchema) => new SubscriptionCollector(repository, missingSchema));
        yield return Of<IProcessRepository>(
            DefaultCollectors.Processes,
            configurations,
            ProcessCollector.Name,
            ProcessCollector.FamilyNames,
            (repository, missingSchema) => new ProcessCollector(repository, missingSchema));
        yield return Of<IWorkflowEngineRepository>(
            DefaultCollectors.WorkflowEngine,
            configurations,
            WorkflowEngineCollector.Name,
            WorkflowEngineCollector.FamilyNames,
            (repository, missingSchema) => new WorkflowEngineCollector(repository, missingSchema));
    }

    private static DefaultCollectorRegistration Of<TRepository>(
        DefaultCollectors flag, DefaultCollectorConfiguration[] configurations, string name, string[] familyNames,
        Func<TRepository, MissingSchemaLog, IMetricsCollector> create)
        where TRepository : class =>
        new(flag, typeof(TRepository), new CollectorRegistration(
            type: null,
            services => create(
                services.GetRequiredService<TRepository>(), services.GetRequiredService<MissingSchemaLog>()),
            options =>
            {
                options.Name = name;
                foreach (var configuration in configurations)
                {
                    if ((configuration.Collectors & flag) != 0)
                        configuration.Configure(options);
                }

                options.FamilyNames = familyNames;
            }));
}

/// <summary>What a host set for default collectors.</summary>
internal sealed record DefaultCollectorConfiguration(DefaultCollectors Collectors, Action<CollectorOptions> Configure);
