namespace Orchestrator.Metrics;

/// <summary>The host's processes, counted.</summary>
public interface IProcessRepository
{
    /// <summary>Counts the processes, and sums their run times, per combination of the labels.</summary>
    /// <param name="cancellationToken">Cancelled when nobody waits for the rows any more.</param>
    /// <returns>
    /// One row per combination; they are written in this order. orchestrator-core has the largest count first.
    /// </returns>
    /// <exception cref="SchemaNotFoundException">
    /// The data has no place yet, for example before the first migration.
    /// </exception>
    Task<IReadOnlyList<ProcessCount>> GetProcessCountsAsync(CancellationToken cancellationToken);
}

/// <summary>How many processes there are of one combination, and how long they have run.</summary>
public sealed record ProcessCount
{
    /// <summary>The status, such as <c>completed</c>, label <c>last_status</c>.</summary>
    public required string LastStatus { get; init; }

    /// <summary>
    /// Who started them, label <c>created_by</c>. Null is written as <c>None</c>, as orchestrator-core does.
    /// </summary>
    public required string? CreatedBy { get; init; }

    /// <summary>Whether they are tasks, label <c>is_task</c>: <c>True</c> or <c>False</c>.</summary>
    public required bool IsTask { get; init; }

    /// <summary>The name of the product, label <c>product_name</c>.</summary>
    public required string ProductName { get; init; }

    /// <summary>The name of the workflow, label <c>workflow_name</c>.</summary>
    public required string WorkflowName { get; init; }

    /// <summary>The customer, label <c>customer_id</c>.</summary>
    public required string CustomerId { get; init; }

    /// <summary>The target of the workflow, such as <c>CREATE</c>, label <c>workflow_target</c>.</summary>
    public required string WorkflowTarget { get; init; }

    /// <summary>The number of processes.</summary>
    public required long Count { get; init; }

    /// <summary>The sum of their run times, in seconds.</summary>
    public required double TotalSeconds { get; init; }
}
