using Orchestrator.Metrics.PrometheusNet;
using Prometheus;

namespace Orchestrator.Metrics;

/// <summary>Extensions that export the metrics of prometheus-net.</summary>
public static class PrometheusNetExtensions
{
    /// <summary>
    /// Adds a collector named <c>PrometheusNet</c> that exports a registry of prometheus-net: its counters, gauges,
    /// summaries and histograms with exemplars, and the metrics of its adapters for .NET meters and event counters.
    /// They follow the families of previously added collectors.
    /// </summary>
    /// <remarks>
    /// <para>
    /// Metrics are exported as in the OpenMetrics text of prometheus-net, with one difference: a counter whose name
    /// does not end in <c>_total</c>, which is of type unknown there, is a counter in the text formats. Bucket bounds
    /// and quantiles use the OpenMetrics spelling in every format: <c>le="1.0"</c>, not <c>le="1"</c> as in the text
    /// format of prometheus-net.
    /// </para>
    /// <para>
    /// <see cref="OrchestratorMetricsBuilder.PublishToMeter"/> omits the registry unless
    /// <see cref="CollectorOptions.PublishToMeter"/> is set. The meter adapter of prometheus-net listens to every meter
    /// by default, so the families of the other collectors appear a second time, as <c>orchestrator_metrics_...</c>. To
    /// avoid this, exclude the meter <c>Orchestrator.Metrics</c> with <c>InstrumentFilterPredicate</c>.
    /// </para>
    /// </remarks>
    /// <param name="builder">The builder.</param>
    /// <param name="registry">The registry; <see cref="Prometheus.Metrics.DefaultRegistry"/> if null.</param>
    /// <param name="configure">
    /// Sets the options of the collector. For a second registry, set another name:
    /// <c>options => options.Name = "..."</c>.
    /// </param>
    /// <exception cref="InvalidOperationException">
    /// A collector of the same name, or a declared family, is already registered.
    /// </exception>
    public static OrchestratorMetricsBuilder AddPrometheusNet(
        this OrchestratorMetricsBuilder builder, CollectorRegistry? registry = null,
        Action<CollectorOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var exported = registry ?? Prometheus.Metrics.DefaultRegistry;
        var collector = new ExpositionTextCollector((stream, token) =>
            exported.CollectAndExportAsTextAsync(stream, Prometheus.ExpositionFormat.OpenMetricsText, token))
        {
            CorrectText = PrometheusNetText.Correct,
        };
        return builder.AddCollector(collector, options =>
        {
            options.Name = "PrometheusNet";
            options.PublishToMeter = false;
            configure?.Invoke(options);
        });
    }
}
