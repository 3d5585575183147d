namespace Orchestrator.Metrics;

/// <summary>Counts the subscriptions of a host, for <c>wfo_subscriptions_count</c>.</summary>
public interface ISubscriptionRepository
{
    /// <summary>
    /// Returns the number of subscriptions per combination of product, lifecycle state, customer and sync state.
    /// </summary>
    /// <param name="cancellationToken">Signalled on timeout, or when no caller is waiting any more.</param>
    /// <returns>
    /// One row per combination, in the order of the exposition. orchestrator-core sorts rows by descending count. Never
    /// null.
    /// </returns>
    /// <exception cref="SchemaNotFoundException">The tables do not exist yet.</exception>
    Task<IReadOnlyList<SubscriptionCount>> GetSubscriptionCountsAsync(CancellationToken cancellationToken);
}

/// <summary>The number of subscriptions with one combination of label values.</summary>
public sealed record SubscriptionCount
{
    /// <summary>The name of the product. Label <c>product_name</c>.</summary>
    public required string ProductName { get; init; }

    /// <summary>The lifecycle state, such as <c>active</c>. Label <c>lifecycle_state</c>.</summary>
    public required string LifecycleState { get; init; }

    /// <summary>The ID of the customer. Label <c>customer_id</c>.</summary>
    public required string CustomerId { get; init; }

    /// <summary>Whether the subscriptions are in sync. Label <c>insync</c>: <c>True</c> or <c>False</c>.</summary>
    public required bool InSync { get; init; }

    /// <summary>The number of subscriptions.</summary>
    public required long Count { get; init; }
}
