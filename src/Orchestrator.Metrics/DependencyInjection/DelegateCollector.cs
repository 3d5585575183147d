namespace Orchestrator.Metrics.DependencyInjection;

internal sealed class DelegateCollector(
    IServiceProvider services, Func<IServiceProvider, CancellationToken, Task<IReadOnlyList<MetricFamily>>> collect)
    : IMetricsCollector
{
    public Task<IReadOnlyList<MetricFamily>> CollectAsync(CancellationToken cancellationToken) =>
        collect(services, cancellationToken);
}
