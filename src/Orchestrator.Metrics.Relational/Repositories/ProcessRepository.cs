namespace Orchestrator.Metrics.Relational.Repositories;

internal sealed class ProcessRepository(RelationalDatabase database, CollectorContext context) : IProcessRepository
{
    public async Task<IReadOnlyList<ProcessCount>> GetProcessCountsAsync(CancellationToken cancellationToken)
    {
        var withoutRunTime = 0L;
        var rows = await database.ReadCoreSchemaAsync(
            context,
            transaction => transaction.QueryAsync(
                database.Dialect.ProcessCountsQuery(context.DroppedLabels), Bind, cancellationToken,
                context.MaxSamples),
            cancellationToken,
            parallel: true).ConfigureAwait(false);
        database.ReportMissingRunTimes(withoutRunTime);

        // Sorted here because a database would sort whole rows, on disk if there are many.
        return [.. rows.OrderByDescending(row => row.Count)];

        Func<ProcessCount> Bind(QueryResult result)
        {
            var lastStatus = GetLabelColumn("last_status");
            var createdBy = GetLabelColumn("created_by");
            var isTask = GetLabelColumn("is_task");
            var productName = GetLabelColumn("product_name");
            var workflowName = GetLabelColumn("workflow_name");
            var customerId = GetLabelColumn("customer_id");
            var workflowTarget = GetLabelColumn("workflow_target");
            var count = result.GetColumn("count");
            var totalSeconds = result.GetColumn("total_seconds");
            var missing = result.FindColumn("without_run_time");
            return () =>
            {
                if (missing is { } column)
                    withoutRunTime += result.GetInt64(column);
                return new ProcessCount
                {
                    LastStatus = result.GetLabel(lastStatus),
                    CreatedBy = result.GetLabel(createdBy),
                    IsTask = result.GetBooleanLabel(isTask),
                    ProductName = result.GetLabel(productName),
                    WorkflowName = result.GetLabel(workflowName),
                    CustomerId = result.GetLabel(customerId),
                    WorkflowTarget = result.GetLabel(workflowTarget),
                    Count = result.GetInt64(count),
                    TotalSeconds = result.GetDouble(totalSeconds),
                };
            };

            int? GetLabelColumn(string name) => result.GetLabelColumn(name, context.DroppedLabels);
        }
    }
}
