using Microsoft.Extensions.Diagnostics.HealthChecks;
using Orchestrator.Metrics;
using Orchestrator.Metrics.AspNetCore.HealthChecks;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds a health check of the collectors to the health checks of a host.</summary>
public static class OrchestratorMetricsHealthChecksExtensions
{
    /// <summary>
    /// Adds a health check of the collectors. It reports the result of the last scrape of each collector and never runs
    /// a collector. Collectors that no scrape has included yet are healthy.
    /// </summary>
    /// <param name="builder">The builder of <c>services.AddHealthChecks()</c>.</param>
    /// <param name="name">The name of the health check.</param>
    /// <param name="failureStatus">
    /// The status if a collector failed, even if the scrape served a stale result, or if its data is older than
    /// <paramref name="maxAge"/>. Null, the default, is <see cref="HealthStatus.Degraded"/>.
    /// </param>
    /// <param name="tags">The tags by which endpoints select health checks; null for none.</param>
    /// <param name="maxAge">
    /// The maximum age of a collector's data. Data also becomes too old if scrapes have stopped. Longer than zero.
    /// Null, the default, means no limit.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxAge"/> is zero or negative.</exception>
    /// <remarks>
    /// The check needs the registry of <c>services.AddOrchestratorMetrics()</c>. Its result names the collectors, not
    /// the causes, which are in the log.
    /// </remarks>
    public static IHealthChecksBuilder AddOrchestratorMetrics(
        this IHealthChecksBuilder builder, string name = "orchestrator_metrics", HealthStatus? failureStatus = null,
        IEnumerable<string>? tags = null, TimeSpan? maxAge = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (maxAge is { } age)
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(age, TimeSpan.Zero, nameof(maxAge));
        return builder.Add(new HealthCheckRegistration(
            name,
            services => new CollectorHealthCheck(services.GetRequiredService<OrchestratorMetricsRegistry>(), maxAge),
            failureStatus ?? HealthStatus.Degraded,
            tags));
    }
}
