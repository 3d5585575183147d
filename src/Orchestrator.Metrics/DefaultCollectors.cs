namespace Orchestrator.Metrics;

/// <summary>
/// The default collectors, which read from the repositories of the host. Members can be combined.
/// </summary>
[Flags]
public enum DefaultCollectors
{
    /// <summary>No default collector.</summary>
    None = 0,

    /// <summary><c>wfo_subscriptions_count</c>, from <see cref="ISubscriptionRepository"/>.</summary>
    Subscriptions = 1,

    /// <summary>
    /// <c>wfo_process_count</c> and <c>wfo_process_seconds_total_count</c>, from <see cref="IProcessRepository"/>.
    /// </summary>
    Processes = 2,

    /// <summary>
    /// <c>wfo_engine_status</c> and <c>wfo_active_process_count</c>, from <see cref="IWorkflowEngineRepository"/>.
    /// </summary>
    WorkflowEngine = 4,

    /// <summary>All default collectors.</summary>
    All = Subscriptions | Processes | WorkflowEngine,
}
