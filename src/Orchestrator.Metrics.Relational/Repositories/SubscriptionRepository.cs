using System.Globalization;

namespace Orchestrator.Metrics;

/// <summary>Subscriptions from the database of an orchestrator-core.</summary>
internal sealed class SubscriptionRepository(RelationalDatabase database, CollectorContext run)
    : ISubscriptionRepository
{
    public async Task<IReadOnlyList<SubscriptionCount>> GetSubscriptionCountsAsync(CancellationToken cancellationToken)
    {
        var text = new SharedText();
        var rows = await database.ReadAsync(
            run,
            reader => reader.RowsAsync(database.Dialect.SubscriptionCounts, row => new SubscriptionCount
            {
                ProductName = text.Get(row, 0),
                LifecycleState = text.Get(row, 1),
                CustomerId = text.Get(row, 2),
                InSync = Convert.ToBoolean(row.GetValue(3), CultureInfo.InvariantCulture),
                Count = row.GetCount(4),
            }),
            cancellationToken).ConfigureAwait(false);
        return Largest.First(rows, row => row.Count);
    }
}
