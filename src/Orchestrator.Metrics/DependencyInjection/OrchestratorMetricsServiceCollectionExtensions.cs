using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orchestrator.Metrics;
using Orchestrator.Metrics.Collectors;
using Orchestrator.Metrics.DependencyInjection;
using Orchestrator.Metrics.Hosting;
using Orchestrator.Metrics.Logging;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the metrics registry to the services of a host.</summary>
public static class OrchestratorMetricsServiceCollectionExtensions
{
    /// <summary>
    /// Adds the <see cref="OrchestratorMetricsRegistry"/>, with the default collectors if the host registers their
    /// repositories (see <see cref="OrchestratorMetricsOptions.DefaultCollectors"/>). May be called several times.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">
    /// Sets options. The configuration section <c>OrchestratorMetrics</c> overrides them.
    /// </param>
    /// <returns>A builder that adds collectors.</returns>
    /// <remarks>
    /// The host does not start (<see cref="OptionsValidationException"/>) if a repository or a service that a collector
    /// needs is not registered, if two collectors conflict, if an option is invalid, if the section
    /// <c>OrchestratorMetrics</c> contains an unknown key, or if the folder of a text file does not exist.
    /// </remarks>
    public static OrchestratorMetricsBuilder AddOrchestratorMetrics(
        this IServiceCollection services, Action<OrchestratorMetricsOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var options = services.AddOptions<OrchestratorMetricsOptions>().ValidateOnStart();
        if (configure is not null)
            options.Configure(configure);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<
            IPostConfigureOptions<OrchestratorMetricsOptions>, OptionsBinding>(
            provider => new OptionsBinding(provider.GetService<IConfiguration>())));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<
            IValidateOptions<OrchestratorMetricsOptions>, StartupValidator>(
            provider => new StartupValidator(provider)));
        services.TryAddSingleton(_ => new MappedMetricsEndpoints());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, EndpointStartupCheck>(
            provider => new EndpointStartupCheck(
                provider.GetRequiredService<MappedMetricsEndpoints>(), provider.GetService<IConfiguration>(),
                new MetricsLog(GetLogger(provider)))));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, RefreshStartup>(
            provider => new RefreshStartup(provider)));
        services.TryAddSingleton(provider => new MissingSchemaHandler(new MetricsLog(GetLogger(provider))));
        services.TryAddScoped(_ => new CollectorContext());
        services.TryAddSingleton(CreateRegistry);
        return new OrchestratorMetricsBuilder(services);
    }

    private static OrchestratorMetricsRegistry CreateRegistry(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<IOptions<OrchestratorMetricsOptions>>().Value;
        var catalog = new CollectorCatalog(provider, options);
        var log = new MetricsLog(GetLogger(provider));
        if (catalog.DefaultCollectorsAreOff)
            log.DefaultCollectorsAreOff();
        var resultStore = provider.GetService<ICollectorResultStore>();
        if (resultStore is not null && !Array.Exists(catalog.Collectors, collector => collector.SharesResults))
            log.NoResultsAreShared();
        return new OrchestratorMetricsRegistry(
            provider.GetRequiredService<IServiceScopeFactory>(),
            options,
            provider.GetService<TimeProvider>() ?? TimeProvider.System,
            log,
            catalog.Collectors,
            provider.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? CancellationToken.None,
            resultStore);
    }

    internal static SafeLogger GetLogger(IServiceProvider provider) =>
        new(provider.GetService<ILogger<OrchestratorMetricsRegistry>>() ?? (ILogger)NullLogger.Instance);
}
