using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;

namespace Orchestrator.Metrics;

/// <summary>Extensions that export .NET meters.</summary>
public static class MetersExtensions
{
    /// <summary>
    /// Adds a collector named <c>Meters</c> that exports .NET meters (<see cref="System.Diagnostics.Metrics"/>), which
    /// the OpenTelemetry SDK aggregates: counters, gauges, and histograms with exemplars. Further calls add meters to
    /// the collector.
    /// </summary>
    /// <remarks>
    /// <para>
    /// The call merges with <c>services.AddOpenTelemetry().WithMetrics(...)</c> of the host, whose views, exemplar
    /// filter and resource apply. Configure names and labels with <see cref="MeterCollectorOptions"/>.
    /// </para>
    /// <para>
    /// The meter <c>Orchestrator.Metrics</c> of <see cref="OrchestratorMetricsBuilder.PublishToMeter"/> is omitted,
    /// because its families are already on the endpoint. <c>PublishToMeter</c> omits these meters unless
    /// <see cref="CollectorOptions.PublishToMeter"/> is set.
    /// </para>
    /// </remarks>
    /// <param name="builder">The builder.</param>
    /// <param name="names">
    /// The names of meters. Case-insensitive; <c>*</c> and <c>?</c> are wildcards. Empty to export the meters that the
    /// host adds to the SDK.
    /// </param>
    /// <exception cref="ArgumentException">A name is null, empty or white space.</exception>
    public static OrchestratorMetricsBuilder AddMeters(
        this OrchestratorMetricsBuilder builder, params string[] names) => Add(builder, configure: null, names);

    /// <param name="builder">The builder.</param>
    /// <param name="configure">Sets the options of the collector. Allowed in the first call only.</param>
    /// <param name="names">
    /// The names of meters. Case-insensitive; <c>*</c> and <c>?</c> are wildcards. Empty to export the meters that the
    /// host adds to the SDK.
    /// </param>
    /// <exception cref="ArgumentException">A name is null, empty or white space, or an option is invalid.</exception>
    /// <exception cref="InvalidOperationException">The collector has already been added.</exception>
    /// <inheritdoc cref="AddMeters(OrchestratorMetricsBuilder, string[])"/>
    public static OrchestratorMetricsBuilder AddMeters(
        this OrchestratorMetricsBuilder builder, Action<CollectorOptions> configure, params string[] names)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return Add(builder, configure, names);
    }

    private static OrchestratorMetricsBuilder Add(
        OrchestratorMetricsBuilder builder, Action<CollectorOptions>? configure, string[] names)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(names);
        foreach (var name in names)
            ArgumentException.ThrowIfNullOrWhiteSpace(name, nameof(names));
        builder.Services.AddOpenTelemetry().WithMetrics(
            metrics => metrics.AddMeter(names).AddOrchestratorMetricsExporter(configure));
        return builder;
    }
}
