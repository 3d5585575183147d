using System.Data.Common;
using Orchestrator.Metrics;

namespace Sample.Data;

internal sealed class SubscriptionRepository(DbDataSource database) : ISubscriptionRepository
{
    // The labels decide among equal counts, so that the same data is always written in the same order.
    private const string Query = """
        SELECT p.name, s.status, s.customer_id, s.insync, count(*)
        FROM subscriptions s
        JOIN products p ON p.product_id = s.product_id
        GROUP BY p.name, s.status, s.customer_id, s.insync
        ORDER BY count(*) DESC, p.name, s.status, s.customer_id, s.insync
        """;

    public async Task<IReadOnlyList<SubscriptionCount>> GetSubscriptionCountsAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Query);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<SubscriptionCount>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(new SubscriptionCount
            {
                ProductName = reader.GetString(0),
                LifecycleState = reader.GetString(1),
                CustomerId = reader.GetString(2),
                InSync = reader.GetBoolean(3),
                Count = reader.GetInt64(4),
            });
        }

        return rows;
    }
}
