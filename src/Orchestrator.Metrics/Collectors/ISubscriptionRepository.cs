namespace Orchestrator.Metrics;

/// <summary>The host's subscriptions, counted.</summary>
public interface ISubscriptionRepository
{
    /// <summary>
    /// Counts the subscriptions per combination of product, lifecycle state, customer and sync state.
    /// </summary>
    /// <param name="cancellationToken">Cancelled when nobody waits for the rows any more.</param>
    /// <returns>
    /// One row per combination; they are written in this order. orchestrator-core has the largest first.
    /// </returns>
    /// <exception cref="SchemaNotFoundException">
    /// The data has no place yet, for example before the first migration.
    /// </exception>
    Task<IReadOnlyList<SubscriptionCount>> GetSubscriptionCountsAsync(CancellationToken cancellationToken);
}

/// <summary>How many subscriptions there are of one combination.</summary>
public sealed record SubscriptionCount
{
    /// <summary>The name of the product, label <c>product_name</c>.</summary>
    public required string ProductName { get; init; }

    /// <summary>The lifecycle state, such as <c>active</c>, label <c>lifecycle_state</c>.</summary>
    public required string LifecycleState { get; init; }

    /// <summary>The customer, label <c>customer_id</c>.</summary>
    public required string CustomerId { get; init; }

    /// <summary>Whether the subscriptions are in sync, label <c>insync</c>: <c>True</c> or <c>False</c>.</summary>
    public required bool InSync { get; init; }

    /// <summary>The number of subscriptions.</summary>
    public required long Count { get; init; }
}
