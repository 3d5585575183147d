namespace Orchestrator.Metrics.Relational.Repositories;

internal sealed class OperationalRepository(RelationalDatabase database, CollectorContext context)
    : IOperationalRepository
{
    public Task<OperationalState> GetOperationalStateAsync(
        TimeSpan window, IReadOnlyList<double> upperBounds, CancellationToken cancellationToken)
    {
        var groupsQuery = database.Dialect.ProcessGroupsQuery
            ?? throw CreateException(nameof(SqlDialect.ProcessGroupsQuery));
        var endedQuery = database.Dialect.EndedProcessesQuery
            ?? throw CreateException(nameof(SqlDialect.EndedProcessesQuery));
        return database.ReadCoreSchemaAsync(
            context,
            async transaction => new OperationalState
            {
                Processes = await transaction.QueryAsync(
                    groupsQuery(context.DroppedLabels), BindGroup, cancellationToken, context.MaxSamples)
                    .ConfigureAwait(false),
                RecentlyEnded = AddUp(
                    await transaction.QueryAsync(
                        endedQuery(window, upperBounds, context.DroppedLabels), BindBucket, cancellationToken,
                        context.MaxSamples).ConfigureAwait(false),
                    upperBounds.Count + 1),
            },
            cancellationToken);
    }

    private Func<ProcessGroup> BindGroup(QueryResult result)
    {
        var labels = BindLabels(result);
        var count = result.GetColumn("count");
        var oldestStart = result.GetColumn("oldest_start");
        var oldestChange = result.GetColumn("oldest_change");
        return () =>
        {
            var (lastStatus, isTask, workflowName, workflowTarget) = labels();
            return new ProcessGroup
            {
                LastStatus = lastStatus,
                IsTask = isTask,
                WorkflowName = workflowName,
                WorkflowTarget = workflowTarget,
                Count = result.GetInt64(count),
                OldestStart = result.IsNull(oldestStart) ? null : result.GetDouble(oldestStart),
                OldestChange = result.IsNull(oldestChange) ? null : result.GetDouble(oldestChange),
            };
        };
    }

    private Func<BucketRow> BindBucket(QueryResult result)
    {
        var labels = BindLabels(result);
        var bucket = result.GetColumn("bucket");
        var count = result.GetColumn("count");
        var totalSeconds = result.GetColumn("total_seconds");
        return () => new BucketRow(
            labels(), result.GetInt64(bucket), result.GetInt64(count), result.GetDecimal(totalSeconds));
    }

    private Func<Labels> BindLabels(QueryResult result)
    {
        var lastStatus = GetLabelColumn("last_status");
        var isTask = GetLabelColumn("is_task");
        var workflowName = GetLabelColumn("workflow_name");
        var workflowTarget = GetLabelColumn("workflow_target");
        return () => new Labels(
            result.GetLabel(lastStatus), result.GetBooleanLabel(isTask), result.GetLabel(workflowName),
            result.GetLabel(workflowTarget));

        int? GetLabelColumn(string name) => result.GetLabelColumn(name, context.DroppedLabels);
    }

    // The sums are added as decimals, so the total is rounded only once.
    private static EndedProcessGroup[] AddUp(IEnumerable<BucketRow> rows, int buckets) =>
    [
        .. rows.GroupBy(row => row.Labels).Select(group =>
        {
            var counts = new long[buckets];
            foreach (var row in group)
            {
                if (row.Bucket < 0 || row.Bucket >= buckets)
                    throw new InvalidOperationException(
                        $"Column 'bucket' is {row.Bucket}. Return the number of upper bounds that the durations " +
                        $"exceed, 0 to {buckets - 1}.");
                counts[row.Bucket] += row.Count;
            }

            return new EndedProcessGroup
            {
                LastStatus = group.Key.LastStatus,
                IsTask = group.Key.IsTask,
                WorkflowName = group.Key.WorkflowName,
                WorkflowTarget = group.Key.WorkflowTarget,
                BucketCounts = counts,
                TotalSeconds = DatabaseValue.ToDouble(group.Sum(row => row.TotalSeconds)),
            };
        }),
    ];

    private NotSupportedException CreateException(string query) => new(
        $"The SQL dialect '{database.Dialect.Name}' has no {query}, which operational metrics need. Set it, or " +
        $"remove {nameof(OrchestratorMetricsBuilder.AddOperationalMetrics)}.");

    private readonly record struct Labels(string LastStatus, bool IsTask, string WorkflowName, string WorkflowTarget);

    private readonly record struct BucketRow(Labels Labels, long Bucket, long Count, decimal TotalSeconds);
}
