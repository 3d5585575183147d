namespace Orchestrator.Metrics.Relational.Repositories;

/// <summary>Counts subscriptions with <see cref="SqlDialect.SubscriptionCountsQuery"/>.</summary>
internal sealed class SubscriptionRepository(RelationalDatabase database, CollectorContext context)
    : ISubscriptionRepository
{
    public async Task<IReadOnlyList<SubscriptionCount>> GetSubscriptionCountsAsync(CancellationToken cancellationToken)
    {
        var rows = await database.ReadAsync(
            context,
            transaction => transaction.QueryAsync(
                database.Dialect.SubscriptionCountsQuery([]), Bind, cancellationToken, context.MaxSamples),
            cancellationToken).ConfigureAwait(false);

        // Sorted here because a database sorts whole rows, on disk if there are many.
        return [.. rows.OrderByDescending(row => row.Count)];
    }

    private static Func<SubscriptionCount> Bind(QueryResult result)
    {
        var productName = result.Column("product_name");
        var lifecycleState = result.Column("lifecycle_state");
        var customerId = result.Column("customer_id");
        var inSync = result.Column("insync");
        var count = result.Column("count");
        return () => new SubscriptionCount
        {
            ProductName = result.GetString(productName),
            LifecycleState = result.GetString(lifecycleState),
            CustomerId = result.GetString(customerId),
            InSync = result.GetBoolean(inSync),
            Count = result.GetInt64(count),
        };
    }
}
