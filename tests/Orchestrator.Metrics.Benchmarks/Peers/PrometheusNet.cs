using Orchestrator.Metrics.Benchmarks.Ratios;

namespace Orchestrator.Metrics.Benchmarks.Peers;

/// <summary>
/// prometheus-net with a new registry for each scrape: its metrics live as long as their registry, and a series
/// without a row must not be exported.
/// </summary>
internal static class PrometheusNet
{
    public static Task WriteAsync(Stream stream, IReadOnlyList<SeriesRow> rows)
    {
        var registry = global::Prometheus.Metrics.NewCustomRegistry();
        var gauge = global::Prometheus.Metrics.WithCustomRegistry(registry)
            .CreateGauge(SeriesRow.FamilyName, SeriesRow.Help, SeriesRow.LabelNames);
        foreach (var row in rows)
            gauge
                .WithLabels(
                    row.CreatedBy, row.CustomerId, row.IsTask, row.LastStatus, row.ProductName, row.WorkflowName,
                    row.WorkflowTarget)
                .Set(row.Value);
        return registry.CollectAndExportAsTextAsync(stream);
    }
}
