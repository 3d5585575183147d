namespace Orchestrator.Metrics.Relational.Repositories;

/// <summary>Counts processes with <see cref="SqlDialect.ProcessCountsQuery"/>.</summary>
internal sealed class ProcessRepository(RelationalDatabase database, CollectorContext context) : IProcessRepository
{
    public async Task<IReadOnlyList<ProcessCount>> GetProcessCountsAsync(CancellationToken cancellationToken)
    {
        var withoutRunTime = 0L;
        var rows = await database.ReadAsync(
            context,
            transaction => transaction.QueryAsync(
                database.Dialect.ProcessCountsQuery([]), Bind, cancellationToken, context.MaxSamples),
            cancellationToken,
            parallel: true).ConfigureAwait(false);
        database.ReportMissingRunTimes(withoutRunTime);

        // Sorted here because a database sorts whole rows, on disk if there are many.
        return [.. rows.OrderByDescending(row => row.Count)];

        Func<ProcessCount> Bind(QueryResult result)
        {
            var lastStatus = result.Column("last_status");
            var createdBy = result.Column("created_by");
            var isTask = result.Column("is_task");
            var productName = result.Column("product_name");
            var workflowName = result.Column("workflow_name");
            var customerId = result.Column("customer_id");
            var workflowTarget = result.Column("workflow_target");
            var count = result.Column("count");
            var totalSeconds = result.Column("total_seconds");
            var missing = result.FindColumn("without_run_time");
            return () =>
            {
                if (missing is { } column)
                    withoutRunTime += result.GetInt64(column);
                return new ProcessCount
                {
                    LastStatus = result.GetString(lastStatus),
                    CreatedBy = result.GetString(createdBy),
                    IsTask = result.GetBoolean(isTask),
                    ProductName = result.GetString(productName),
                    WorkflowName = result.GetString(workflowName),
                    CustomerId = result.GetString(customerId),
                    WorkflowTarget = result.GetString(workflowTarget),
                    Count = result.GetInt64(count),
                    TotalSeconds = result.GetDouble(totalSeconds),
                };
            };
        }
    }
}
