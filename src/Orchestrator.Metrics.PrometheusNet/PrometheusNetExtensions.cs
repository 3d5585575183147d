using Prometheus;

namespace Orchestrator.Metrics;

/// <summary>Adds the metrics of prometheus-net.</summary>
public static class PrometheusNetExtensions
{
    /// <summary>
    /// Adds a collector, named <c>PrometheusNet</c>, that exports a registry of prometheus-net: its counters, gauges,
    /// summaries and histograms with their exemplars, and its adapters for .NET meters and event counters. They come
    /// behind the families of the collectors before it.
    /// </summary>
    /// <remarks>
    /// <para>
    /// Everything is as prometheus-net writes it in OpenMetrics; a counter whose name does not end in <c>_total</c>,
    /// which is of type unknown there, is a counter in the text formats. Bounds of buckets and quantiles are those of
    /// OpenMetrics in every format: <c>le="1.0"</c>, also where prometheus-net's own text has <c>le="1"</c>.
    /// </para>
    /// <para>
    /// Its adapter listens to every meter unless told otherwise. Beside
    /// <see cref="OrchestratorMetricsBuilder.PublishToMeter"/> every family is then exported a second time, as
    /// <c>orchestrator_metrics_...</c>; to avoid that, keep the adapter off the meter <c>Orchestrator.Metrics</c> with
    /// <c>InstrumentFilterPredicate</c>.
    /// </para>
    /// </remarks>
    /// <param name="builder">The builder.</param>
    /// <param name="registry">The registry; <see cref="Prometheus.Metrics.DefaultRegistry"/> if null.</param>
    /// <param name="configure">
    /// Sets options of the collector. A second registry needs a name of its own:
    /// <c>options => options.Name = "..."</c>.
    /// </param>
    /// <exception cref="InvalidOperationException">
    /// A collector of the same name, or a declared family, is there already.
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
            OfPrometheusNet = true,
        };
        return builder.AddCollector(collector, options =>
        {
            options.Name = "PrometheusNet";
            configure?.Invoke(options);
        });
    }
}
