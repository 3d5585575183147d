using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orchestrator.Metrics;
using Orchestrator.Metrics.OpenTelemetry;

namespace OpenTelemetry.Metrics;

/// <summary>Attaches Orchestrator.Metrics to the OpenTelemetry SDK.</summary>
public static class OrchestratorMetricsMeterProviderBuilderExtensions
{
    /// <summary>
    /// Exports the metrics of the SDK with a collector named <c>Meters</c>, on the endpoint of Orchestrator.Metrics.
    /// For hosts that configure the SDK themselves; other hosts call
    /// <see cref="MetersExtensions.AddMeters(OrchestratorMetricsBuilder, string[])"/>. Further calls have no effect.
    /// </summary>
    /// <param name="builder">The builder that <c>services.AddOpenTelemetry().WithMetrics(...)</c> provides.</param>
    /// <param name="configure">Sets the options of the collector. Allowed in the first call only.</param>
    /// <exception cref="InvalidOperationException">
    /// <paramref name="configure"/> is not null, and the collector has already been added.
    /// </exception>
    public static MeterProviderBuilder AddOrchestratorMetricsExporter(
        this MeterProviderBuilder builder, Action<CollectorOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.ConfigureServices(services =>
        {
            if (services.All(service => service.ServiceType != typeof(MeterExporter)))
                AddExporter(services, configure);
            else if (configure is not null)
                throw new InvalidOperationException(
                    $"The collector '{MeterCollector.Name}' has already been added. Set its options in the first " +
                    "call of AddMeters or AddOrchestratorMetricsExporter.");
        });
    }

    private static void AddExporter(IServiceCollection services, Action<CollectorOptions>? configure)
    {
        services.AddOptions<MeterCollectorOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<
            IPostConfigureOptions<MeterCollectorOptions>, MeterCollectorOptionsBinding>(
            provider => new MeterCollectorOptionsBinding(provider.GetService<IConfiguration>())));
        services.AddSingleton(provider => new MeterExporter(
            provider.GetRequiredService<IOptions<MeterCollectorOptions>>().Value,
            bool.TryParse(provider.GetService<IConfiguration>()?["OTEL_SDK_DISABLED"], out var disabled) && disabled,
            provider.GetService<ILogger<MeterExporter>>() ?? (ILogger)NullLogger.Instance));
        services.ConfigureOpenTelemetryMeterProvider((provider, metrics) => metrics.AddReader(
            new BaseExportingMetricReader(provider.GetRequiredService<MeterExporter>())));
        services.AddOrchestratorMetrics().AddCollector(CreateCollector, options =>
        {
            options.Name = MeterCollector.Name;
            options.PublishToMeter = false;
            configure?.Invoke(options);
        });
    }

    private static MeterCollector CreateCollector(IServiceProvider provider)
    {
        // Builds the provider if the host has not built it, as in a container without hosted services.
        _ = provider.GetRequiredService<MeterProvider>();
        return new MeterCollector(
            provider.GetRequiredService<MeterExporter>(), provider.GetService<CollectorContext>());
    }
}
