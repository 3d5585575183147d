namespace Orchestrator.Metrics;

/// <summary>
/// Counts the processes of a host and sums their run times, for <c>wfo_process_count</c> and
/// <c>wfo_process_seconds_total_count</c>.
/// </summary>
public interface IProcessRepository
{
    /// <summary>Returns process counts and summed run times per combination of label values.</summary>
    /// <param name="cancellationToken">Signalled on timeout, or when no caller is waiting any more.</param>
    /// <returns>
    /// One row per combination, in the order of the exposition. orchestrator-core sorts rows by descending count. Never
    /// null.
    /// </returns>
    /// <exception cref="SchemaNotFoundException">The tables do not exist yet.</exception>
    Task<IReadOnlyList<ProcessCount>> GetProcessCountsAsync(CancellationToken cancellationToken);
}

/// <summary>The number and run time of the processes with one combination of label values.</summary>
public sealed record ProcessCount
{
    /// <summary>The status, such as <c>completed</c>. Label <c>last_status</c>.</summary>
    public required string LastStatus { get; init; }

    /// <summary>
    /// The user who started the processes. Label <c>created_by</c>; null is written as <c>None</c>, as in
    /// orchestrator-core.
    /// </summary>
    public required string? CreatedBy { get; init; }

    /// <summary>Whether the processes are tasks. Label <c>is_task</c>: <c>True</c> or <c>False</c>.</summary>
    public required bool IsTask { get; init; }

    /// <summary>The name of the product. Label <c>product_name</c>.</summary>
    public required string ProductName { get; init; }

    /// <summary>The name of the workflow. Label <c>workflow_name</c>.</summary>
    public required string WorkflowName { get; init; }

    /// <summary>The ID of the customer. Label <c>customer_id</c>.</summary>
    public required string CustomerId { get; init; }

    /// <summary>The target of the workflow, such as <c>CREATE</c>. Label <c>workflow_target</c>.</summary>
    public required string WorkflowTarget { get; init; }

    /// <summary>
    /// The number of processes. orchestrator-core counts a process once per subscription: not at all if it has none,
    /// twice if it has two.
    /// </summary>
    public required long Count { get; init; }

    /// <summary>The sum of the run times, in seconds.</summary>
    public required double TotalSeconds { get; init; }
}
