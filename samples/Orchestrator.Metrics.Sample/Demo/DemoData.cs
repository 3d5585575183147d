using System.Data.Common;
using Sample.Data;
using Sample.Engine;

namespace Sample.Demo;

/// <summary>
/// A history of three months that ends at a given time. Apart from the dates, the history is the same in each run.
/// </summary>
internal sealed class DemoData(DbConnection connection, DateTimeOffset end)
{
    /// <summary>
    /// The length of the last part of the history. The simulated engine adds this part, so the open processes, their
    /// ages and the number of running processes look as if the engine had run for a long time.
    /// </summary>
    public static readonly TimeSpan Simulated = TimeSpan.FromMinutes(2.5);

    private const int SubscriptionCount = 150;
    private const int LicencesPerVendor = 20;

    private readonly Random _random = new(20260115);

    public async Task InsertAsync(CancellationToken cancellationToken)
    {
        await InsertProductsAsync(cancellationToken);
        await InsertWorkflowsAsync(cancellationToken);
        var subscriptions = await InsertSubscriptionsAsync(cancellationToken);
        await InsertLicencesAsync(subscriptions, cancellationToken);
        await using var processes = new DemoProcesses(connection, end - Simulated, _random);
        await processes.InsertStuckAndCleanUpsAsync(subscriptions, cancellationToken);
        await MarkOutOfSyncAsync(cancellationToken);
        // Runs before the thousands of ended processes are inserted, because each tick would read them.
        await SimulateAsync(cancellationToken);
        await processes.InsertEndedAsync(subscriptions, cancellationToken);
        await processes.InsertUnfinishedAsync(UnfinishedProcesses.JustStarted, subscriptions, end, cancellationToken);
    }

    private async Task SimulateAsync(CancellationToken cancellationToken)
    {
        var engine = new EngineTick(connection, _random);
        for (var time = end - Simulated; time <= end; time += EngineTick.Interval)
            await engine.RunAsync(time, cancellationToken);
    }

    private async Task InsertProductsAsync(CancellationToken cancellationToken)
    {
        await using var products = new TableWriter(
            connection, "products", "product_id", "name", "description", "product_type", "tag", "status", "created_at");
        foreach (var it in Catalogue.Products)
            await products.AddAsync(
                [it.Id, it.Name, it.Name, it.Type, it.Tag, "active", GetTimeBefore(365)], cancellationToken);
    }

    private async Task InsertWorkflowsAsync(CancellationToken cancellationToken)
    {
        await using var workflows = new TableWriter(
            connection, "workflows", "workflow_id", "name", "target", "description", "is_task", "created_at");
        foreach (var it in Catalogue.Workflows)
            await workflows.AddAsync(
                [it.Id, it.Name, it.Target, it.Name, it.IsTask, GetTimeBefore(365)], cancellationToken);
    }

    private async Task<List<DemoSubscription>> InsertSubscriptionsAsync(CancellationToken cancellationToken)
    {
        await using var table = new TableWriter(
            connection, "subscriptions", "subscription_id", "description", "status", "product_id", "customer_id",
            "insync", "start_date", "end_date");
        var subscriptions = new List<DemoSubscription>();
        for (var i = 0; i < SubscriptionCount; i++)
        {
            var product = _random.Pick(Catalogue.Products);
            var subscription = new DemoSubscription(_random.NextUuid(), product, PickStatus());
            var isTerminated = subscription.Status == "terminated";
            var insync = isTerminated || (subscription.Status == "active" && _random.Next(20) > 0);
            await table.AddAsync(
                [
                    subscription.Id, $"{product.Name} {subscription.Id[..8]}", subscription.Status, product.Id,
                    _random.Pick(Catalogue.Customers), insync, GetTimeBefore(90),
                    isTerminated ? GetTimeBefore(1) : null,
                ],
                cancellationToken);
            subscriptions.Add(subscription);
        }

        return subscriptions;
    }

    private string PickStatus() => _random.Next(100) switch
    {
        < 78 => "active",
        < 92 => "terminated",
        < 95 => "provisioning",
        < 97 => "migrating",
        < 99 => "disabled",
        _ => "initial",
    };

    private async Task InsertLicencesAsync(
        IReadOnlyList<DemoSubscription> subscriptions, CancellationToken cancellationToken)
    {
        await using var licences = new TableWriter(connection, "licences", "vendor", "subscription_id");
        var users = new Queue<DemoSubscription>(subscriptions.Where(
            it => it.Status == "active" && it.Product.Tag is "ROUTER" or "NODE"));
        for (var i = 0; i < LicencesPerVendor; i++)
        {
            foreach (var vendor in Catalogue.LicenceVendors)
            {
                var inUse = _random.Next(3) > 0 && users.Count > 0;
                await licences.AddAsync([vendor, inUse ? users.Dequeue().Id : null], cancellationToken);
            }
        }
    }

    /// <summary>Marks active subscriptions as out of sync if an unfinished process, not a task, changes them.</summary>
    private Task MarkOutOfSyncAsync(CancellationToken cancellationToken) => connection.ExecuteAsync(
        $"""
        UPDATE subscriptions SET insync = 0
        WHERE status = 'active' AND subscription_id IN (
            SELECT l.subscription_id FROM processes_subscriptions l JOIN processes p ON p.pid = l.pid
            WHERE p.is_task = 0 AND p.last_status NOT IN ('{string.Join("', '", Catalogue.FinalStatuses)}'))
        """,
        [], cancellationToken);

    private long GetTimeBefore(int days) => end.AddDays(-days).ToUnixMicroseconds();
}

internal sealed record DemoSubscription(string Id, Product Product, string Status);
