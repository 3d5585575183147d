namespace Orchestrator.Metrics.Collectors;

/// <summary>
/// Counts processes and sums their run times. Source of the families: <c>orchestrator/core/metrics/processes.py</c> of
/// orchestrator-core.
/// </summary>
internal sealed class ProcessCollector(
    IProcessRepository repository, MissingSchemaHandler missingSchema, string name) : IMetricsCollector
{
    public static readonly string[] FamilyNames = ["wfo_process_count", "wfo_process_seconds_total_count"];

    public static readonly string[] LabelNames =
        ["last_status", "created_by", "is_task", "product_name", "workflow_name", "customer_id", "workflow_target"];

    public async Task<IReadOnlyList<MetricFamily>> CollectAsync(CancellationToken cancellationToken)
    {
        var counts = MetricFamily.Gauge(
            "wfo_process_count",
            "Number of processes per status, creator, task, product, workflow, customer, and target.",
            LabelNames,
            unit: "count");
        var seconds = MetricFamily.Gauge(
            "wfo_process_seconds_total_count",
            "Total time spent on processes in seconds.",
            LabelNames,
            unit: "count");
        var rows = await missingSchema.GetRowsOrEmptyAsync(
            name, repository.GetProcessCountsAsync, cancellationToken).ConfigureAwait(false);
        foreach (var row in rows)
        {
            ReadOnlySpan<string> labels =
            [
                row.LastStatus, row.CreatedBy ?? PythonText.None, PythonText.FormatBoolean(row.IsTask), row.ProductName,
                row.WorkflowName, row.CustomerId, row.WorkflowTarget,
            ];
            counts.Add(row.Count, labels);
            seconds.Add(row.TotalSeconds, labels);
        }

        return [counts, seconds];
    }
}
