using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Orchestrator.Metrics.AspNetCore.HealthChecks;

namespace Orchestrator.Metrics;

/// <summary>Exports the health checks of a host as metrics.</summary>
public static class HealthCheckMetricsExtensions
{
    /// <summary>
    /// Adds a collector named <c>HealthChecks</c> with the last result of each health check (label <c>name</c>):
    /// <c>aspnetcore_healthcheck_status</c> (0 unhealthy, 0.5 degraded, 1 healthy), as prometheus-net exports it,
    /// <c>aspnetcore_healthcheck_duration_seconds</c> and <c>aspnetcore_healthcheck_age_seconds</c>.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Sets the options of the collector. The family names are already declared.</param>
    /// <exception cref="InvalidOperationException">
    /// Health check metrics, or another collector named <c>HealthChecks</c>, have already been added.
    /// </exception>
    /// <remarks>
    /// Scrapes do not run health checks. The host runs each check at its own period, or at that of
    /// <see cref="HealthCheckPublisherOptions"/>, 30 seconds by default, and publishes the results. Before the first
    /// publication, the families have no samples. An age well above the period indicates a check that hangs.
    /// </remarks>
    public static OrchestratorMetricsBuilder AddHealthCheckMetrics(
        this OrchestratorMetricsBuilder builder, Action<CollectorOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddCollector(
            services => services.GetRequiredService<HealthReportCollector>(),
            options =>
            {
                options.Name = "HealthChecks";
                options.FamilyNames = HealthReportCollector.FamilyNames;
                options.LabelNames = ["name"];
                configure?.Invoke(options);
            });
        builder.Services.AddSingleton(provider => new HealthReportCollector(
            provider.GetService<TimeProvider>() ?? TimeProvider.System));
        builder.Services.AddSingleton<IHealthCheckPublisher>(
            provider => provider.GetRequiredService<HealthReportCollector>());
        builder.Services.AddHealthChecks();
        return builder;
    }
}
