namespace Orchestrator.Metrics.Benchmarks.Ratios;

/// <summary>A typical user's collector: a family from rows.</summary>
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

    /// <summary>Creates a registry. Peers that do not check for duplicate series are compared without the check.</summary>
    public static OrchestratorMetricsRegistry Registry(IReadOnlyList<SeriesRow> rows, bool checkDuplicates = false)
    {
        var registry = new OrchestratorMetricsRegistry(new() { CheckDuplicateSamples = checkDuplicates });
        registry.Register(new RowsCollector(rows));
        return registry;
    }
}
