namespace Orchestrator.Metrics.Collectors;

/// <summary>
/// Counts subscriptions. Source of the families: <c>orchestrator/core/metrics/subscriptions.py</c> of
/// orchestrator-core.
/// </summary>
internal sealed class SubscriptionCollector(
    ISubscriptionRepository repository, MissingSchemaHandler missingSchema, string name) : IMetricsCollector
{
    public static readonly string[] FamilyNames = ["wfo_subscriptions_count"];

    public static readonly string[] LabelNames = ["product_name", "lifecycle_state", "customer_id", "insync"];

    public async Task<IReadOnlyList<MetricFamily>> CollectAsync(CancellationToken cancellationToken)
    {
        var family = MetricFamily.Gauge(
            "wfo_subscriptions_count",
            "Number of subscriptions per product, lifecycle state, customer, and in sync state.",
            LabelNames,
            unit: "count");
        var rows = await missingSchema.GetRowsOrEmptyAsync(
            name, repository.GetSubscriptionCountsAsync, cancellationToken).ConfigureAwait(false);
        foreach (var row in rows)
        {
            family.Add(
                row.Count, row.ProductName, row.LifecycleState, row.CustomerId, PythonText.FormatBoolean(row.InSync));
        }

        return [family];
    }
}
