using System.Data.Common;
using Sample.Data;

namespace Sample.Engine;

/// <summary>The changes to a subscription when one of its processes ends.</summary>
internal static class SubscriptionChanges
{
    public static async Task ApplyAsync(
        DbConnection connection, string subscriptionId, string target, bool completed, long now,
        CancellationToken cancellationToken)
    {
        switch (target, completed)
        {
            case ("CREATE", true):
                await ActivateAsync(connection, subscriptionId, now, cancellationToken);
                break;
            // A subscription whose creation was aborted is terminated as well.
            case ("CREATE", false) or ("TERMINATE", true):
                await TerminateAsync(connection, subscriptionId, now, cancellationToken);
                break;
            case ("MODIFY" or "RECONCILE", true):
                await connection.ExecuteAsync(
                    "UPDATE subscriptions SET insync = 1 WHERE subscription_id = $id",
                    [("$id", subscriptionId)], cancellationToken);
                break;
        }
    }

    private static async Task ActivateAsync(
        DbConnection connection, string subscriptionId, long now, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync(
            "UPDATE subscriptions SET status = 'active', insync = 1, start_date = $now WHERE subscription_id = $id",
            [("$now", now), ("$id", subscriptionId)], cancellationToken);
        await connection.ExecuteAsync(
            """
            UPDATE licences SET subscription_id = $id
            WHERE licence_id = (SELECT min(licence_id) FROM licences WHERE subscription_id IS NULL)
              AND (SELECT p.tag FROM subscriptions s JOIN products p ON p.product_id = s.product_id
                   WHERE s.subscription_id = $id) IN ('ROUTER', 'NODE')
            """,
            [("$id", subscriptionId)], cancellationToken);
    }

    private static async Task TerminateAsync(
        DbConnection connection, string subscriptionId, long now, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync(
            "UPDATE subscriptions SET status = 'terminated', insync = 1, end_date = $now WHERE subscription_id = $id",
            [("$now", now), ("$id", subscriptionId)], cancellationToken);
        await connection.ExecuteAsync(
            "UPDATE licences SET subscription_id = NULL WHERE subscription_id = $id",
            [("$id", subscriptionId)], cancellationToken);
    }
}
