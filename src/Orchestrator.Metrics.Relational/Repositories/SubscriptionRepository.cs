namespace Orchestrator.Metrics.Relational.Repositories;

/// <summary>Counts subscriptions with <see cref="SqlDialect.SubscriptionCountsQuery"/>.</summary>
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

        // Sorted here because a database sorts whole rows, on disk if there are many.
        return [.. rows.OrderByDescending(row => row.Count)];
    }

    private Func<SubscriptionCount> Bind(QueryResult result)
    {
        var productName = Label("product_name");
        var lifecycleState = Label("lifecycle_state");
        var customerId = Label("customer_id");
        var inSync = Label("insync");
        var count = result.Column("count");
        return () => new SubscriptionCount
        {
            ProductName = result.GetLabel(productName),
            LifecycleState = result.GetLabel(lifecycleState),
            CustomerId = result.GetLabel(customerId),
            InSync = result.GetBooleanLabel(inSync),
            Count = result.GetInt64(count),
        };

        int? Label(string name) => result.LabelColumn(name, context.DroppedLabels);
    }
}
