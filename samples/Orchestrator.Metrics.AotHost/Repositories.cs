using Orchestrator.Metrics;

namespace AotHost;

internal sealed class Subscriptions : ISubscriptionRepository
{
    public Task<IReadOnlyList<SubscriptionCount>> GetSubscriptionCountsAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<SubscriptionCount>>(
        [
            CreateCount("Router", "active", 53),
            CreateCount("IP trunk", "active", 52),
            CreateCount("Site", "active", 36),
            CreateCount("Router", "terminated", 22),
        ]);

    private static SubscriptionCount CreateCount(string product, string state, long count) => new()
    {
        ProductName = product,
        LifecycleState = state,
        CustomerId = "00000000-0000-0000-0000-000000000000",
        InSync = true,
        Count = count,
    };
}

internal sealed class Processes : IProcessRepository
{
    public Task<IReadOnlyList<ProcessCount>> GetProcessCountsAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<ProcessCount>>(
        [
            CreateCount("IP trunk", "validate_iptrunk", "00000000-0000-0000-0000-000000000000", 5755, 3_110_000),
            CreateCount("Router", "validate_router", "00000000-0000-0000-0000-000000000000", 4066, 6_720_000),
            CreateCount("Edge Port", "validate_edge_port", "12345678-1234-abcd-deff-123456789012", 133, 6514.921),
        ]);

    private static ProcessCount CreateCount(
        string product, string workflow, string customer, long count, double seconds) => new()
        {
            LastStatus = "completed",
            CreatedBy = "SYSTEM",
            IsTask = true,
            ProductName = product,
            WorkflowName = workflow,
            CustomerId = customer,
            WorkflowTarget = "SYSTEM",
            Count = count,
            TotalSeconds = seconds,
        };
}

internal sealed class Engine : IWorkflowEngineRepository
{
    public Task<WorkflowEngineState> GetEngineStateAsync(CancellationToken cancellationToken) =>
        Task.FromResult(new WorkflowEngineState { GlobalLock = false, RunningProcesses = 5 });
}
