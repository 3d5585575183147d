namespace Orchestrator.Metrics.Tests;

/// <summary>A collector that does what it is told and counts its runs.</summary>
internal sealed class TestCollector(Func<CancellationToken, Task<IReadOnlyList<MetricFamily>>> collect)
    : IMetricsCollector
{
    private int _runs;

    public TestCollector(Func<MetricFamily> family)
        : this(_ => Task.FromResult<IReadOnlyList<MetricFamily>>([family()]))
    {
    }

    public int Runs => Volatile.Read(ref _runs);

    public static TestCollector Gauge(string name, double value) => new(() =>
    {
        var family = MetricFamily.Gauge(name, "For tests.");
        family.Add(value);
        return family;
    });

    public static TestCollector Throwing(Exception exception) => new(_ => throw exception);

    public Task<IReadOnlyList<MetricFamily>> CollectAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _runs);
        return collect(cancellationToken);
    }
}
