namespace Orchestrator.Metrics.Benchmarks.Ratios;

/// <summary>A typical collector of an application: one family from rows.</summary>
internal sealed class RowsCollector(IReadOnlyList<SeriesRow> rows) : IMetricsCollector
{
    private int _runs;

    public int Runs => Volatile.Read(ref _runs);

    public Task<IReadOnlyList<MetricFamily>> CollectAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _runs);
        var processes = MetricFamily.Gauge(SeriesRow.FamilyName, SeriesRow.Help, SeriesRow.LabelNames);
        foreach (var row in rows)
            processes.Add(
                row.Value, row.CreatedBy, row.CustomerId, row.IsTask, row.LastStatus, row.ProductName,
                row.WorkflowName, row.WorkflowTarget);
        return Task.FromResult<IReadOnlyList<MetricFamily>>([processes]);
    }

    // By default, the registry does not check for duplicate series, like the other libraries.
    public static OrchestratorMetricsRegistry CreateRegistry(
        IReadOnlyList<SeriesRow> rows, bool checkDuplicates = false)
    {
        var registry = new OrchestratorMetricsRegistry(new() { CheckDuplicateSamples = checkDuplicates });
        registry.Register(new RowsCollector(rows));
        return registry;
    }
}
