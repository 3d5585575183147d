namespace Orchestrator.Metrics.OpenTelemetry;

internal sealed class MeterCollector(MeterExporter exporter, CollectorContext? context) : IMetricsCollector
{
    public const string Name = "Meters";

    public Task<IReadOnlyList<MetricFamily>> CollectAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(exporter.CollectFamilies(context?.TimeRemaining));
    }
}
