using System.Data.Common;
using Sample.Data;
using Sample.Demo;

namespace Sample.Engine;

/// <summary>Starts processes, most of them with random workflows on random subscriptions.</summary>
internal sealed class ProcessStarter(DbConnection connection, Random random)
{
    private const int ActiveSubscriptionsToKeep = 115;

    // The time is in microseconds since the Unix epoch.
    public async Task StartRandomAsync(IReadOnlySet<string?> busy, long now, CancellationToken cancellationToken)
    {
        var active = await GetActiveSubscriptionsAsync(cancellationToken);
        var target = PickTarget(active.Count);
        if (target == "CREATE")
        {
            await StartOnNewSubscriptionAsync(now, cancellationToken);
            return;
        }

        var candidates = active
            .Where(it => !busy.Contains(it.Id) && (target == "VALIDATE" || it.InSync == (target != "RECONCILE")))
            .ToList();
        if (candidates.Count == 0)
            return;
        var subscription = candidates[random.Next(candidates.Count)];
        var workflow = Catalogue.FindWorkflow(target, subscription.ProductId);
        await StartAsync(workflow, subscription.Id, now, cancellationToken);
    }

    private string PickTarget(int activeSubscriptions) => random.Next(100) switch
    {
        < 50 => "VALIDATE",
        < 75 => "MODIFY",
        < 85 => "RECONCILE",
        // Keeps the number of active subscriptions stable if the sample runs for days.
        _ => activeSubscriptions < ActiveSubscriptionsToKeep ? "CREATE" : "TERMINATE",
    };

    private async Task<List<ActiveSubscription>> GetActiveSubscriptionsAsync(CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand(
            "SELECT subscription_id, product_id, insync FROM subscriptions WHERE status = 'active' ORDER BY rowid");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var subscriptions = new List<ActiveSubscription>();
        while (await reader.ReadAsync(cancellationToken))
            subscriptions.Add(new(reader.GetString(0), reader.GetString(1), reader.GetBoolean(2)));
        return subscriptions;
    }

    private async Task StartOnNewSubscriptionAsync(long now, CancellationToken cancellationToken)
    {
        var product = random.Pick(Catalogue.Products);
        var id = random.NextUuid();
        await connection.ExecuteAsync(
            """
            INSERT INTO subscriptions (subscription_id, description, status, product_id, customer_id, insync)
            VALUES ($id, $description, 'provisioning', $product, $customer, 0)
            """,
            [
                ("$id", id), ("$description", $"{product.Name} {id[..8]}"), ("$product", product.Id),
                ("$customer", random.Pick(Catalogue.Customers)),
            ],
            cancellationToken);
        await StartAsync(Catalogue.FindWorkflow("CREATE", product.Id), id, now, cancellationToken);
    }

    public async Task StartAsync(
        Workflow workflow, string? subscriptionId, long now, CancellationToken cancellationToken)
    {
        var pid = random.NextUuid();
        await connection.ExecuteAsync(
            """
            INSERT INTO processes
                (pid, last_status, last_step, started_at, last_modified_at, created_by, is_task, workflow_id)
            VALUES ($pid, 'created', $step, $now, $now, $creator, $task, $workflow)
            """,
            [
                ("$pid", pid), ("$step", Catalogue.Steps[0]), ("$now", now),
                ("$creator", workflow.IsTask ? Catalogue.SystemUser : random.Pick(Catalogue.Users)),
                ("$task", workflow.IsTask), ("$workflow", workflow.Id),
            ],
            cancellationToken);
        if (subscriptionId is null)
            return;
        await connection.ExecuteAsync(
            """
            INSERT INTO processes_subscriptions (id, pid, subscription_id, created_at, workflow_target)
            VALUES ($id, $pid, $subscription, $now, $target)
            """,
            [
                ("$id", random.NextUuid()), ("$pid", pid), ("$subscription", subscriptionId), ("$now", now),
                ("$target", workflow.Target),
            ],
            cancellationToken);
        if (!workflow.IsTask)
            await connection.ExecuteAsync(
                "UPDATE subscriptions SET insync = 0 WHERE subscription_id = $id",
                [("$id", subscriptionId)], cancellationToken);
    }

    private sealed record ActiveSubscription(string Id, string ProductId, bool InSync);
}
