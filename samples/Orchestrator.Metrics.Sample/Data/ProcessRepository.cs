using System.Data.Common;
using Orchestrator.Metrics;

namespace Sample.Data;

internal sealed class ProcessRepository(DbDataSource database) : IProcessRepository
{
    // As orchestrator-core counts: a process without a subscription does not count, one with two counts twice.
    private const string Query = """
        SELECT r.last_status, r.created_by, r.is_task, p.name, w.name, s.customer_id, w.target,
               count(*), sum(r.last_modified_at - r.started_at)
        FROM processes r
        JOIN workflows w ON w.workflow_id = r.workflow_id
        JOIN processes_subscriptions l ON l.pid = r.pid
        JOIN subscriptions s ON s.subscription_id = l.subscription_id
        JOIN products p ON p.product_id = s.product_id
        GROUP BY r.last_status, r.created_by, r.is_task, p.name, w.name, s.customer_id, w.target
        ORDER BY count(*) DESC, r.last_status, r.created_by, r.is_task, p.name, w.name, s.customer_id, w.target
        """;

    public async Task<IReadOnlyList<ProcessCount>> GetProcessCountsAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Query);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<ProcessCount>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(new ProcessCount
            {
                LastStatus = reader.GetString(0),
                CreatedBy = await reader.IsDBNullAsync(1, cancellationToken) ? null : reader.GetString(1),
                IsTask = reader.GetBoolean(2),
                ProductName = reader.GetString(3),
                WorkflowName = reader.GetString(4),
                CustomerId = reader.GetString(5),
                WorkflowTarget = reader.GetString(6),
                Count = reader.GetInt64(7),
                // The database sums whole microseconds, without rounding errors.
                TotalSeconds = reader.GetInt64(8) / 1e6,
            });
        }

        return rows;
    }
}
