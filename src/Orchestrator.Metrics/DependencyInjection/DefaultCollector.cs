using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Metrics.Collectors;

namespace Orchestrator.Metrics.DependencyInjection;

/// <summary>A default collector and the repository that it reads from.</summary>
internal sealed record DefaultCollector(DefaultCollectors Flag, Type Repository, CollectorRegistration Registration)
{
    /// <summary>Returns all default collectors in the order of their families.</summary>
    public static IEnumerable<DefaultCollector> All(IEnumerable<DefaultCollectorConfiguration> configurations)
    {
        yield return Create<ISubscriptionRepository>(
            DefaultCollectors.Subscriptions,
            configurations,
            SubscriptionCollector.Name,
            SubscriptionCollector.FamilyNames,
            (repository, missingSchema) => new SubscriptionCollector(repository, missingSchema));
        yield return Create<IProcessRepository>(
            DefaultCollectors.Processes,
            configurations,
            ProcessCollector.Name,
            ProcessCollector.FamilyNames,
            (repository, missingSchema) => new ProcessCollector(repository, missingSchema));
        yield return Create<IWorkflowEngineRepository>(
            DefaultCollectors.WorkflowEngine,
            configurations,
            WorkflowEngineCollector.Name,
            WorkflowEngineCollector.FamilyNames,
            (repository, missingSchema) => new WorkflowEngineCollector(repository, missingSchema));
    }

    // The labels of all of them, so that one list of labels to drop can be set for several collectors.
    private static readonly string[] LabelNames =
        [.. SubscriptionCollector.LabelNames.Union(ProcessCollector.LabelNames)];

    private static DefaultCollector Create<TRepository>(
        DefaultCollectors flag, IEnumerable<DefaultCollectorConfiguration> configurations, string name,
        string[] familyNames, Func<TRepository, MissingSchemaHandler, IMetricsCollector> create)
        where TRepository : class =>
        new(flag, typeof(TRepository), new CollectorRegistration(
            type: null,
            services => create(
                services.GetRequiredService<TRepository>(), services.GetRequiredService<MissingSchemaHandler>()),
            options =>
            {
                options.Name = name;
                foreach (var configuration in configurations)
                {
                    if ((configuration.Collectors & flag) != 0)
                        configuration.Configure(options);
                }

                options.FamilyNames = familyNames;
                options.LabelNames = LabelNames;
            }));
}

/// <summary>Options that a host sets for default collectors.</summary>
internal sealed record DefaultCollectorConfiguration(DefaultCollectors Collectors, Action<CollectorOptions> Configure);
