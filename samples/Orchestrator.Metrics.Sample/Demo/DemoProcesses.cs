using System.Data.Common;
using Sample.Data;
using Sample.Engine;

namespace Sample.Demo;

/// <summary>
/// Inserts the processes of the history: the creation of each subscription, the termination of each terminated
/// subscription, changes and validations of random subscriptions, clean-ups, and unfinished processes. The times of
/// changes and validations are independent of the creation and termination of their subscriptions.
/// </summary>
internal sealed class DemoProcesses(DbConnection connection, DateTimeOffset end, Random random) : IAsyncDisposable
{
    private const int EndedCount = 2000;
    private const double HistoryDays = 90;

    private readonly TableWriter _processes = new(
        connection, "processes", "pid", "last_status", "last_step", "started_at", "last_modified_at", "created_by",
        "is_task", "workflow_id", "note");

    private readonly TableWriter _links = new(
        connection, "processes_subscriptions", "id", "pid", "subscription_id", "created_at", "workflow_target");

    private readonly HashSet<DemoSubscription> _busy = [];

    // The next clean-up is due half a minute after the end of the simulated history.
    private readonly DateTimeOffset _lastCleanUp =
        end + DemoData.Simulated + TimeSpan.FromSeconds(30) - TaskCleanUp.Interval;

    /// <summary>Inserts the processes that the simulated engine depends on.</summary>
    public async Task InsertStuckAndCleanUpsAsync(
        IReadOnlyList<DemoSubscription> subscriptions, CancellationToken cancellationToken)
    {
        foreach (var process in CreateCleanUps())
            await InsertAsync(process, cancellationToken);
        await InsertUnfinishedAsync(UnfinishedProcesses.Stuck, subscriptions, end, cancellationToken);
    }

    public async Task InsertEndedAsync(
        IReadOnlyList<DemoSubscription> subscriptions, CancellationToken cancellationToken)
    {
        foreach (var process in CreateEnded(subscriptions))
            await InsertAsync(process, cancellationToken);
    }

    public async Task InsertUnfinishedAsync(
        IEnumerable<UnfinishedProcess> processes, IReadOnlyList<DemoSubscription> subscriptions,
        DateTimeOffset now, CancellationToken cancellationToken)
    {
        foreach (var it in processes)
        {
            var status = it.Target == "CREATE" ? "provisioning" : "active";
            var subscription = subscriptions.First(
                subscription => subscription.Status == status && !_busy.Contains(subscription)
                    && (it.ProductTag is null || subscription.Product.Tag == it.ProductTag));
            _busy.Add(subscription);
            var step = it.Status == "created" ? Catalogue.Steps[0] : Catalogue.Steps[random.Next(1, 4)];
            await InsertAsync(
                new Process(
                    Catalogue.FindWorkflow(it.Target, subscription.Product.Id), it.Status, step, now - it.SinceStart,
                    now - it.SinceChange, [subscription], it.Note),
                cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _processes.DisposeAsync();
        await _links.DisposeAsync();
    }

    private IEnumerable<Process> CreateEnded(IReadOnlyList<DemoSubscription> subscriptions)
    {
        var count = 0;
        foreach (var it in subscriptions)
        {
            yield return CreateEnded(Catalogue.FindWorkflow("CREATE", it.Product.Id), "completed", it);
            count++;
            if (it.Status != "terminated")
                continue;
            yield return CreateEnded(Catalogue.FindWorkflow("TERMINATE", it.Product.Id), "completed", it);
            count++;
        }

        for (; count < EndedCount; count++)
        {
            var subscription = random.Pick(subscriptions);
            yield return random.Next(100) switch
            {
                // The default families count a process with two subscriptions twice.
                < 1 => CreateEnded(Catalogue.ModifyNote, "completed", subscription, random.Pick(subscriptions)),
                _ => CreateEnded(
                    PickWorkflow(subscription), random.Next(100) < 98 ? "completed" : "aborted", subscription),
            };
        }
    }

    private Process CreateEnded(Workflow workflow, string status, params DemoSubscription[] subscriptions)
    {
        var endedAt = end - PickAge(workflow);
        var step = status == "completed" ? Catalogue.Steps[^1] : Catalogue.Steps[random.Next(1, 4)];
        return new Process(workflow, status, step, endedAt - PickRunTime(workflow), endedAt, subscriptions, null);
    }

    /// <summary>Returns a random time between the end of a process and the start of the simulation.</summary>
    private TimeSpan PickAge(Workflow workflow)
    {
        var (newest, oldest) = workflow switch
        {
            // The last clean-up deleted older tasks.
            { IsTask: true } => (0, (end - _lastCleanUp + TaskCleanUp.Retention).TotalDays),
            { Target: "CREATE" } => (30, HistoryDays),
            { Target: "TERMINATE" } => (1, 30),
            _ => (0, HistoryDays),
        };
        // Because of the cube, most processes are recent.
        return TimeSpan.FromDays(newest + (oldest - newest) * Math.Pow(random.NextDouble(), 3));
    }

    /// <summary>
    /// Returns a random run time: one second to one minute for tasks, three seconds to five hours for other workflows.
    /// The medians are 3 and 26 seconds.
    /// </summary>
    private TimeSpan PickRunTime(Workflow workflow)
    {
        var share = random.NextDouble();
        return workflow.IsTask
            ? TimeSpan.FromSeconds(Math.Pow(60, share * share))
            : TimeSpan.FromSeconds(3 * Math.Pow(6000, share * share));
    }

    // Clean-ups have no subscription, so the default families omit them.
    private IEnumerable<Process> CreateCleanUps()
    {
        for (var age = TimeSpan.Zero; age < TaskCleanUp.Retention; age += TaskCleanUp.Interval)
        {
            var startedAt = _lastCleanUp - age;
            yield return new Process(
                Catalogue.CleanUpTasks, "completed", Catalogue.Steps[^1], startedAt,
                startedAt + PickRunTime(Catalogue.CleanUpTasks), [], null);
        }
    }

    private Workflow PickWorkflow(DemoSubscription subscription) => random.Next(100) switch
    {
        < 60 => Catalogue.FindWorkflow("VALIDATE", subscription.Product.Id),
        < 85 => Catalogue.FindWorkflow("MODIFY", subscription.Product.Id),
        < 95 => Catalogue.ModifyNote,
        _ => Catalogue.FindWorkflow("RECONCILE", subscription.Product.Id),
    };

    private async Task InsertAsync(Process process, CancellationToken cancellationToken)
    {
        var id = random.NextUuid();
        var workflow = process.Workflow;
        var startedAt = process.StartedAt.ToUnixMicroseconds();
        await _processes.AddAsync(
            [
                id, process.Status, process.Step, startedAt, process.LastModifiedAt.ToUnixMicroseconds(),
                workflow.IsTask ? Catalogue.SystemUser : random.Pick(Catalogue.Users), workflow.IsTask, workflow.Id,
                process.Note,
            ],
            cancellationToken);
        foreach (var subscription in process.Subscriptions)
            await _links.AddAsync(
                [random.NextUuid(), id, subscription.Id, startedAt, workflow.Target], cancellationToken);
    }

    private sealed record Process(
        Workflow Workflow, string Status, string Step, DateTimeOffset StartedAt, DateTimeOffset LastModifiedAt,
        DemoSubscription[] Subscriptions, string? Note);
}
