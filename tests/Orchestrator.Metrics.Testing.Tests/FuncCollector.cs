namespace Orchestrator.Metrics.Tests;

/// <summary>A collector that does what a test says.</summary>
internal sealed class FuncCollector(Func<CancellationToken, Task<IReadOnlyList<MetricFamily>>> collect)
    : IMetricsCollector
{
    public static FuncCollector Returning(params MetricFamily[]? families) =>
        new(_ => Task.FromResult<IReadOnlyList<MetricFamily>>(families!));

    public Task<IReadOnlyList<MetricFamily>> CollectAsync(CancellationToken cancellationToken) =>
        collect(cancellationToken);
}
