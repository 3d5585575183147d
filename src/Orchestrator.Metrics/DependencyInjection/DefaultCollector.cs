using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Metrics.Collectors;

namespace Orchestrator.Metrics.DependencyInjection;

internal sealed record DefaultCollector(DefaultCollectors Flag, Type Repository, CollectorRegistration Registration)
{
    /// <summary>Returns all default collectors in the order of their families.</summary>
    public static IEnumerable<DefaultCollector> GetAll(
        IEnumerable<DefaultCollectorConfiguration> configurations, string? key = null)
    {
        yield return Create<ISubscriptionRepository>(
            DefaultCollectors.Subscriptions,
            configurations,
            key,
            nameof(SubscriptionCollector),
            SubscriptionCollector.FamilyNames,
            (repository, missingSchema, name) => new SubscriptionCollector(repository, missingSchema, name));
        yield return Create<IProcessRepository>(
            DefaultCollectors.Processes,
            configurations,
            key,
            nameof(ProcessCollector),
            ProcessCollector.FamilyNames,
            (repository, missingSchema, name) => new ProcessCollector(repository, missingSchema, name));
        yield return Create<IWorkflowEngineRepository>(
            DefaultCollectors.WorkflowEngine,
            configurations,
            key,
            nameof(WorkflowEngineCollector),
            WorkflowEngineCollector.FamilyNames,
            (repository, missingSchema, name) => new WorkflowEngineCollector(repository, missingSchema, name));
    }

    public static string GetName(string type, string? key) => key is null ? type : $"{type}_{key}";

    public static TRepository GetRepository<TRepository>(IServiceProvider services, string? key)
        where TRepository : notnull =>
        key is null ? services.GetRequiredService<TRepository>() : services.GetRequiredKeyedService<TRepository>(key);

    // The labels of all default collectors, so that one list of dropped labels is valid for several collectors.
    private static readonly string[] LabelNames =
        [.. SubscriptionCollector.LabelNames.Union(ProcessCollector.LabelNames)];

    private static DefaultCollector Create<TRepository>(
        DefaultCollectors flag, IEnumerable<DefaultCollectorConfiguration> configurations, string? key, string type,
        string[] familyNames, Func<TRepository, MissingSchemaHandler, string, IMetricsCollector> create)
        where TRepository : class
    {
        // The options may change the name.
        CollectorRegistration registration = null!;
        registration = new(
            type: null,
            services => create(
                GetRepository<TRepository>(services, key),
                services.GetRequiredService<MissingSchemaHandler>(),
                registration.Name),
            options =>
            {
                options.Name = GetName(type, key);
                options.Shared = true;
                foreach (var configuration in configurations)
                {
                    if ((configuration.Collectors & flag) != 0)
                        configuration.Configure(options);
                }

                options.FamilyNames = familyNames;
                options.LabelNames = LabelNames;
            });
        return new(flag, typeof(TRepository), registration);
    }
}

internal sealed record DefaultCollectorConfiguration(DefaultCollectors Collectors, Action<CollectorOptions> Configure);

internal sealed record RequiredRepository(string Collector, Type Repository, string? Key, string Alternative)
{
    public string? Validate(IServiceProviderIsService isService)
    {
        if (Key is null)
            return isService.IsService(Repository) ? null : DescribeMissing("", $"AddScoped<{Repository.Name}, ...>()");
        return isService is not IServiceProviderIsKeyedService keyed || keyed.IsKeyedService(Repository, Key)
            ? null
            : DescribeMissing($" with the key '{Key}'", $"AddKeyedScoped<{Repository.Name}, ...>(\"{Key}\")");
    }

    private string DescribeMissing(string withKey, string registration) =>
        $"Collector '{Collector}' needs {Repository.Name}{withKey}, which the host does not register. Call " +
        $"services.{registration}, {Alternative}.";
}
