using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orchestrator.Metrics;
using Orchestrator.Metrics.Collectors;
using Orchestrator.Metrics.DependencyInjection;
using Orchestrator.Metrics.Logging;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the registry of metrics to a host.</summary>
public static class OrchestratorMetricsServiceCollectionExtensions
{
    /// <summary>
    /// Adds the <see cref="OrchestratorMetricsRegistry"/> with the default collectors. The host registers the
    /// repositories that these read from. May be called several times.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">Sets options. They win over the host's configuration.</param>
    /// <returns>A builder that adds more collectors.</returns>
    /// <remarks>
    /// The host does not start (<see cref="OptionsValidationException"/>) if a repository is missing, an option is
    /// invalid, or <c>ENABLE_PROMETHEUS_METRICS_ENDPOINT</c> is neither true nor false.
    /// </remarks>
    public static OrchestratorMetricsBuilder AddOrchestratorMetrics(
        this IServiceCollection services, Action<OrchestratorMetricsOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var options = services.AddOptions<OrchestratorMetricsOptions>().ValidateOnStart();
        if (configure is not null)
            options.Configure(configure);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<
            IPostConfigureOptions<OrchestratorMetricsOptions>, EndpointSetting>(
            provider => new EndpointSetting(provider.GetService<IConfiguration>())));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<
            IValidateOptions<OrchestratorMetricsOptions>, StartupValidation>(
            provider => new StartupValidation(
                provider.GetService<IServiceProviderIsService>(),
                provider.GetServices<CollectorRegistration>(),
                provider.GetServices<DefaultCollectorConfiguration>())));
        services.TryAddSingleton(provider => new MissingSchemaLog(Logger(provider)));
        services.TryAddScoped(_ => new CollectorContext());
        services.TryAddSingleton(CreateRegistry);
        return new OrchestratorMetricsBuilder(services);
    }

    private static OrchestratorMetricsRegistry CreateRegistry(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<IOptions<OrchestratorMetricsOptions>>().Value;
        return new OrchestratorMetricsRegistry(
            provider.GetRequiredService<IServiceScopeFactory>(),
            options,
            provider.GetService<TimeProvider>() ?? TimeProvider.System,
            Logger(provider),
            DefaultCollectorRegistration.Selected(
                    options.DefaultCollectors, provider.GetServices<DefaultCollectorConfiguration>())
                .Select(collector => collector.Collector)
                .Concat(provider.GetServices<CollectorRegistration>()),
            provider.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? CancellationToken.None);
    }

    internal static SafeLogger Logger(IServiceProvider provider) =>
        new(provider.GetService<ILogger<OrchestratorMetricsRegistry>>() ?? (ILogger)NullLogger.Instance);
}
