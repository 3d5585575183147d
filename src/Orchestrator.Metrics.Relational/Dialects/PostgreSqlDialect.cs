using System.Globalization;

namespace Orchestrator.Metrics;

/// <summary>
/// The queries for PostgreSQL. Groups are made by ids and joined to names afterwards, which is the same because names
/// are unique. The difference of two timestamps and its sum are exact to the microsecond; the reader rounds once.
/// </summary>
internal static class PostgreSqlDialect
{
    private const string UndefinedTable = "42P01";
    private const string UndefinedSchema = "3F000";

    // At the deadline the scrape cancels its queries itself. This is for a scraper that cannot any more.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    public static readonly SqlDialect Instance = new()
    {
        Name = "PostgreSQL",

        SubscriptionCounts = CommonQueries.SubscriptionCounts,

        // A creator that is null and one named 'None' make one series. PostgreSQL before 17 cannot subtract infinite
        // timestamps, and an aggregate does not evaluate what its filter leaves out.
        ProcessCounts = """
            SELECT g.last_status, g.creator, g.is_task, p.name, w.name, g.customer_id, w.target, g.n,
                   coalesce(extract(epoch FROM g.total), 0), g.n - g.finite
            FROM (SELECT r.workflow_id, s.product_id, s.customer_id, r.last_status,
                         coalesce(r.created_by, 'None') AS creator, r.is_task, count(*) AS n,
                         sum(r.last_modified_at - r.started_at)
                             FILTER (WHERE isfinite(r.last_modified_at) AND isfinite(r.started_at)) AS total,
                         count(*) FILTER (WHERE isfinite(r.last_modified_at) AND isfinite(r.started_at)) AS finite
                  FROM processes r
                  JOIN processes_subscriptions l ON l.pid = r.pid
                  JOIN subscriptions s ON s.subscription_id = l.subscription_id
                  GROUP BY 1, 2, 3, 4, 5, 6) g
            JOIN workflows w ON w.workflow_id = g.workflow_id
            JOIN products p ON p.product_id = g.product_id
            """,

        RunningProcesses = CommonQueries.RunningProcesses,
        EngineSettings = CommonQueries.EngineSettings,
        IsMissingTable = exception => exception.SqlState is UndefinedTable or UndefinedSchema,
        ExportSnapshot = "SELECT pg_export_snapshot()",
        ImportSnapshot = name => $"SET TRANSACTION SNAPSHOT '{name}';",
        TransactionSettings = Settings,
    };

    // The planner takes the number of groups for the number of joined rows, and so compiles and sorts on disk what
    // hashing does in memory. SET LOCAL lasts as long as the transaction.
    private static string Settings(TimeSpan? timeLeft, bool parallel)
    {
        var timeout = timeLeft is { } left
            ? ((long)(left + Grace).TotalMilliseconds).ToString(CultureInfo.InvariantCulture)
            : "0";
        var workers = parallel
            ? "SET LOCAL parallel_setup_cost = 0; SET LOCAL parallel_tuple_cost = 0;"
            : "SET LOCAL max_parallel_workers_per_gather = 0;";
        return $"""
            SET TRANSACTION READ ONLY;
            SET LOCAL statement_timeout = {timeout};
            SET LOCAL jit = off;
            SET LOCAL work_mem = '64MB';
            SET LOCAL enable_sort = off;
            {workers}
            """;
    }
}
