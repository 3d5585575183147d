namespace Orchestrator.Metrics.DependencyInjection;

/// <summary>Collects by calling a delegate with the services of the run.</summary>
internal sealed class DelegateCollector(
    IServiceProvider services, Func<IServiceProvider, CancellationToken, Task<IReadOnlyList<MetricFamily>>> collect)
    : IMetricsCollector
{
    public Task<IReadOnlyList<MetricFamily>> CollectAsync(CancellationToken cancellationToken) =>
        collect(services, cancellationToken);
}
