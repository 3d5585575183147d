namespace Orchestrator.Metrics;

/// <summary>
/// Reads the process states of a host, for the families of
/// <see cref="OrchestratorMetricsBuilder.AddOperationalMetrics"/>.
/// </summary>
public interface IOperationalRepository
{
    /// <summary>Returns all processes and the recently ended processes, grouped by their label values.</summary>
    /// <param name="window">
    /// The period that counts as recent: now - <paramref name="window"/> &lt; last change &lt;= now. See
    /// <see cref="OperationalMetricsOptions.Window"/>.
    /// </param>
    /// <param name="upperBounds">
    /// The inclusive upper bounds of the buckets, in seconds, in ascending order. All are finite; the bucket above the
    /// last bound is implied.
    /// </param>
    /// <param name="cancellationToken">Signalled on timeout, or when no caller is waiting any more.</param>
    /// <returns>
    /// One row per combination of label values, in any order, from one point in time if possible. Never null.
    /// </returns>
    /// <exception cref="SchemaNotFoundException">The tables do not exist yet.</exception>
    Task<OperationalState> GetOperationalStateAsync(
        TimeSpan window, IReadOnlyList<double> upperBounds, CancellationToken cancellationToken);
}

/// <summary>The processes of a host, grouped by their label values.</summary>
public sealed record OperationalState
{
    /// <summary>All processes, each counted once.</summary>
    public required IReadOnlyList<ProcessGroup> Processes { get; init; }

    /// <summary>The processes that ended in the window.</summary>
    public required IReadOnlyList<EndedProcessGroup> RecentlyEnded { get; init; }
}

/// <summary>The processes with one combination of label values.</summary>
public sealed record ProcessGroup
{
    /// <summary>The status, such as <c>running</c>. Label <c>last_status</c>.</summary>
    public required string LastStatus { get; init; }

    /// <summary>Whether the processes are tasks. Label <c>is_task</c>: <c>True</c> or <c>False</c>.</summary>
    public required bool IsTask { get; init; }

    /// <summary>The name of the workflow. Label <c>workflow_name</c>.</summary>
    public required string WorkflowName { get; init; }

    /// <summary>The target of the workflow, such as <c>CREATE</c>. Label <c>workflow_target</c>.</summary>
    public required string WorkflowTarget { get; init; }

    /// <summary>The number of processes, with and without subscriptions.</summary>
    public required long Count { get; init; }

    /// <summary>
    /// The earliest start of the processes that are neither completed nor aborted, in seconds since the Unix epoch.
    /// Null if there are no such processes, or none has a known start.
    /// </summary>
    public double? OldestStart { get; init; }

    /// <summary>
    /// The least recent change of the processes that are neither completed nor aborted, in seconds since the Unix
    /// epoch. Null if there are no such processes, or none has a known change.
    /// </summary>
    public double? OldestChange { get; init; }
}

/// <summary>The recently ended processes with one combination of label values.</summary>
public sealed record EndedProcessGroup
{
    /// <summary>The status, such as <c>completed</c>. Label <c>last_status</c>.</summary>
    public required string LastStatus { get; init; }

    /// <summary>Whether the processes are tasks. Label <c>is_task</c>: <c>True</c> or <c>False</c>.</summary>
    public required bool IsTask { get; init; }

    /// <summary>The name of the workflow. Label <c>workflow_name</c>.</summary>
    public required string WorkflowName { get; init; }

    /// <summary>The target of the workflow, such as <c>CREATE</c>. Label <c>workflow_target</c>.</summary>
    public required string WorkflowTarget { get; init; }

    /// <summary>
    /// The number of processes in each bucket by duration, not cumulative: one number for each upper bound, then one
    /// for the processes above the last bound.
    /// </summary>
    public required IReadOnlyList<long> BucketCounts { get; init; }

    /// <summary>
    /// The sum of the times from start to last change, in seconds. A process whose last change is before its start
    /// adds 0.
    /// </summary>
    public required double TotalSeconds { get; init; }
}
