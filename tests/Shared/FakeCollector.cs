namespace Orchestrator.Metrics.Tests;

/// <summary>A collector that calls a delegate and counts its runs.</summary>
internal sealed class FakeCollector(Func<CancellationToken, Task<IReadOnlyList<MetricFamily>>> collect)
    : IMetricsCollector
{
    private int _runs;

    public int Runs => Volatile.Read(ref _runs);

    public static FakeCollector Returning(params MetricFamily[]? families) =>
        new(_ => Task.FromResult<IReadOnlyList<MetricFamily>>(families!));

    public static FakeCollector Returning(string gauge, double value) =>
        new(_ => Task.FromResult(CreateGauge(gauge, value)));

    public static FakeCollector Counting(string family)
    {
        var runs = 0;
        return new(_ => Task.FromResult(CreateGauge(family, Interlocked.Increment(ref runs))));
    }

    /// <summary>Creates a collector that throws instead of returning a task.</summary>
    public static FakeCollector Throwing(Exception exception) => new(_ => throw exception);

    public static FakeCollector Failing(Exception exception) =>
        new(_ => Task.FromException<IReadOnlyList<MetricFamily>>(exception));

    public static IReadOnlyList<MetricFamily> CreateGauge(string name, double value = 1)
    {
        var family = MetricFamily.Gauge(name, "");
        family.Add(value);
        return [family];
    }

    public Task<IReadOnlyList<MetricFamily>> CollectAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _runs);
        return collect(cancellationToken);
    }
}
