using System.Data.Common;
using Sample.Data;

namespace Sample.Demo;

/// <summary>
/// The processes of the history: one that creates each subscription, one that terminates each terminated subscription,
/// tasks and changes in between, and some open processes.
/// </summary>
internal sealed class DemoProcesses(DbConnection connection, DateTimeOffset end, Random random)
{
    private const int ProcessCount = 2000;
    private const int HistoryDays = 90;
    private const long Second = 1_000_000;

    private static readonly string[] StatusesAtTheEnd =
    [
        "running", "running", "running", "running", "running", "running",
        "created", "created", "resumed", "waiting", "waiting", "awaiting_callback",
    ];

    private readonly long _end = end.ToUnixMicroseconds();

    public async Task InsertAsync(IReadOnlyList<DemoSubscription> subscriptions, CancellationToken cancellationToken)
    {
        await using var processes = new TableWriter(
            connection, "processes", "pid", "last_status", "last_step", "started_at", "last_modified_at",
            "created_by", "is_task", "workflow_id");
        await using var links = new TableWriter(
            connection, "processes_subscriptions", "id", "pid", "subscription_id", "created_at", "workflow_target");
        foreach (var process in History(subscriptions).Concat(StillAtWork(subscriptions)))
        {
            var workflow = process.Workflow;
            await processes.AddAsync(
                [
                    process.Id, process.Status, process.Step, process.StartedAt, process.LastModifiedAt,
                    workflow.IsTask ? Catalogue.SystemUser : random.Pick(Catalogue.Users), workflow.IsTask, workflow.Id,
                ],
                cancellationToken);
            foreach (var subscription in process.Subscriptions)
                await links.AddAsync(
                    [random.NextUuid(), process.Id, subscription.Id, process.StartedAt, workflow.Target],
                    cancellationToken);
        }
    }

    private IEnumerable<Process> History(IReadOnlyList<DemoSubscription> subscriptions)
    {
        var count = StatusesAtTheEnd.Length;
        foreach (var it in subscriptions)
        {
            yield return Ended(Catalogue.FindWorkflow("CREATE", it.Product.Id), "completed", it);
            count++;
            if (it.Status != "terminated")
                continue;
            yield return Ended(Catalogue.FindWorkflow("TERMINATE", it.Product.Id), "completed", it);
            count++;
        }

        for (; count < ProcessCount; count++)
        {
            var subscription = random.Pick(subscriptions);
            yield return random.Next(100) switch
            {
                // Tasks of the engine have no subscription, so the metrics do not include them.
                < 2 => Ended(Catalogue.CleanUpTasks, "completed"),
                // A process with two subscriptions counts for both.
                < 3 => Ended(Catalogue.ModifyNote, "completed", subscription, random.Pick(subscriptions)),
                _ => Ended(PickWorkflow(subscription), PickStatus(), subscription),
            };
        }
    }

    private IEnumerable<Process> StillAtWork(IReadOnlyList<DemoSubscription> subscriptions)
    {
        var active = subscriptions.Where(it => it.Status == "active").ToList();
        for (var i = 0; i < StatusesAtTheEnd.Length; i++)
        {
            var startedAt = _end - random.NextInt64(Second, 20 * Second);
            var step = StatusesAtTheEnd[i] == "created" ? Catalogue.Steps[0] : Catalogue.Steps[random.Next(1, 4)];
            yield return new Process(
                random.NextUuid(), PickWorkflow(active[i]), StatusesAtTheEnd[i], step, startedAt,
                startedAt + random.NextInt64(_end - startedAt), [active[i]]);
        }
    }

    private Process Ended(Workflow workflow, string status, params DemoSubscription[] subscriptions)
    {
        var startedAt = _end - random.NextInt64(3600 * Second, HistoryDays * 24 * 3600 * Second);
        var longest = (workflow.IsTask ? 90 : 3600) * Second;
        // The cube makes most run times short and a few long.
        var share = random.NextDouble();
        var runTime = 2 * Second + (long)(share * share * share * longest);
        var step = status == "completed" ? Catalogue.Steps[^1] : Catalogue.Steps[random.Next(1, 4)];
        return new Process(random.NextUuid(), workflow, status, step, startedAt, startedAt + runTime, subscriptions);
    }

    private Workflow PickWorkflow(DemoSubscription subscription) => random.Next(100) switch
    {
        < 60 => Catalogue.FindWorkflow("VALIDATE", subscription.Product.Id),
        < 85 => Catalogue.FindWorkflow("MODIFY", subscription.Product.Id),
        < 95 => Catalogue.ModifyNote,
        _ => Catalogue.FindWorkflow("RECONCILE", subscription.Product.Id),
    };

    private string PickStatus() => random.Next(1000) switch
    {
        < 935 => "completed",
        < 965 => "failed",
        < 985 => "aborted",
        < 991 => "suspended",
        < 996 => "api_unavailable",
        _ => "inconsistent_data",
    };

    private sealed record Process(
        string Id, Workflow Workflow, string Status, string Step, long StartedAt, long LastModifiedAt,
        DemoSubscription[] Subscriptions);
}
