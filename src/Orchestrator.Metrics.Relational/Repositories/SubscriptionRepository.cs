namespace Orchestrator.Metrics.Relational.Repositories;

internal sealed class SubscriptionRepository(RelationalDatabase database, CollectorContext context)
    : ISubscriptionRepository
{
    public async Task<IReadOnlyList<SubscriptionCount>> GetSubscriptionCountsAsync(CancellationToken cancellationToken)
    {
        var rows = await database.ReadCoreSchemaAsync(
            context,
            transaction => transaction.QueryAsync(
                database.Dialect.SubscriptionCountsQuery(context.DroppedLabels), Bind, cancellationToken,
                context.MaxSamples),
            cancellationToken).ConfigureAwait(false);

        // Sorted here because a database would sort whole rows, on disk if there are many.
        return [.. rows.OrderByDescending(row => row.Count)];
    }

    private Func<SubscriptionCount> Bind(QueryResult result)
    {
        var productName = GetLabelColumn("product_name");
        var lifecycleState = GetLabelColumn("lifecycle_state");
        var customerId = GetLabelColumn("customer_id");
        var inSync = GetLabelColumn("insync");
        var count = result.GetColumn("count");
        return () => new SubscriptionCount
        {
            ProductName = result.GetLabel(productName),
            LifecycleState = result.GetLabel(lifecycleState),
            CustomerId = result.GetLabel(customerId),
            InSync = result.GetBooleanLabel(inSync),
            Count = result.GetInt64(count),
        };

        int? GetLabelColumn(string name) => result.GetLabelColumn(name, context.DroppedLabels);
    }
}
