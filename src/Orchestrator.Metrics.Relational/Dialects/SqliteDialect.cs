using System.Data;

namespace Orchestrator.Metrics;

/// <summary>
/// The queries for SQLite. Run times are added up as integers, in microseconds, and come as decimal digits, so that
/// they are rounded once, by the reader.
/// </summary>
internal static class SqliteDialect
{
    private const string NoSuchTable = "no such table";

    // SQLite reads dates to the millisecond only, so the seconds come from it and the fraction from the text.
    private static readonly Func<string, string> Microseconds = column =>
        $"""
        CASE typeof({column})
            WHEN 'integer' THEN {column}
            ELSE CAST(strftime('%s', {column}) AS INTEGER) * 1000000
                 + CASE WHEN instr({column}, '.') > 0
                        THEN CAST(substr(rtrim(rtrim(substr({column}, instr({column}, '.') + 1, 6), 'Z+-:'), 'Z') || '000000', 1, 6) AS INTEGER)
                        ELSE 0 END
        END
        """;

    public static readonly SqlDialect Instance = new()
    {
        Name = "SQLite",

        SubscriptionCounts = """
            SELECT p.name, g.status, g.customer_id, g.insync, g.n
            FROM (SELECT product_id, status, customer_id, insync, count(*) AS n
                  FROM subscriptions
                  GROUP BY product_id, status, customer_id, insync) g
            JOIN products p ON p.product_id = g.product_id
            ORDER BY g.n DESC
            """,

        ProcessCounts = $"""
            SELECT g.last_status, g.creator, g.is_task, p.name, w.name, g.customer_id, w.target, g.n,
                   CASE WHEN g.total < 0 THEN '-' ELSE '' END
                       || printf('%d.%06d', abs(g.total) / 1000000, abs(g.total) % 1000000), g.n - g.finite
            FROM (SELECT workflow_id, product_id, customer_id, last_status, creator, is_task, count(*) AS n,
                         coalesce(sum(run_time), 0) AS total, count(run_time) AS finite
                  FROM (SELECT r.workflow_id, s.product_id, s.customer_id, r.last_status,
                               coalesce(r.created_by, 'None') AS creator, r.is_task,
                               {Microseconds("r.last_modified_at")} - {Microseconds("r.started_at")} AS run_time
                        FROM processes r
                        JOIN processes_subscriptions l ON l.pid = r.pid
                        JOIN subscriptions s ON s.subscription_id = l.subscription_id)
                  GROUP BY 1, 2, 3, 4, 5, 6) g
            JOIN workflows w ON w.workflow_id = g.workflow_id
            JOIN products p ON p.product_id = g.product_id
            ORDER BY g.n DESC
            """,

        RunningProcesses = "SELECT count(*) FROM processes WHERE last_status = 'running'",
        EngineSettings = "SELECT global_lock FROM engine_settings LIMIT 3",

        // What Microsoft.Data.Sqlite makes of it is BEGIN DEFERRED, which takes no lock before it reads and none that
        // keeps writers out. A transaction of SQLite sees one state of the database at every level.
        IsolationLevel = IsolationLevel.ReadUncommitted,
        IsMissingTable = exception => exception.Message.Contains(NoSuchTable, StringComparison.Ordinal),
    };
}
