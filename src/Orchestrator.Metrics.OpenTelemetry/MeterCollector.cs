namespace Orchestrator.Metrics.OpenTelemetry;

/// <summary>Exports the meters of a host as a collector of its registry.</summary>
internal sealed class MeterCollector(MeterExporter exporter, CollectorContext? context) : IMetricsCollector
{
    public const string Name = "Meters";

    public Task<IReadOnlyList<MetricFamily>> CollectAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(exporter.CollectFamilies(context?.TimeRemaining));
    }
}
