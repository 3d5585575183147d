using System.Data;

namespace Orchestrator.Metrics;

/// <summary>
/// The queries for SQLite. Run times are added up as integers, in microseconds, and come as decimal digits, so that
/// they are rounded once, by the reader.
/// </summary>
internal static class SqliteDialect
{
    private const string NoSuchTable = "no such table";

    private const string Digits = "'0123456789'";

    /// <summary>
    /// A time in microseconds. SQLite rounds dates to the millisecond, which may be the next second, so it gets the
    /// text without the fraction, whose digits are read as they are.
    /// </summary>
    private static string Microseconds(string column)
    {
        var point = $"instr({column}, '.')";
        var afterPoint = $"substr({column}, {point} + 1)";
        var offset = $"ltrim({afterPoint}, {Digits})";
        var fraction = $"substr({afterPoint}, 1, length({afterPoint}) - length({offset}))";
        return $"""
            CASE WHEN typeof({column}) = 'integer' THEN {column}
                 WHEN {point} = 0 THEN CAST(strftime('%s', {column}) AS INTEGER) * 1000000
                 ELSE CAST(strftime('%s', substr({column}, 1, {point} - 1) || {offset}) AS INTEGER) * 1000000
                      + CAST(substr({fraction} || '000000', 1, 6) AS INTEGER)
            END
            """;
    }

    public static readonly SqlDialect Instance = new()
    {
        Name = "SQLite",

        SubscriptionCounts = CommonQueries.SubscriptionCounts,

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
            """,

        RunningProcesses = CommonQueries.RunningProcesses,
        EngineSettings = CommonQueries.EngineSettings,

        // What Microsoft.Data.Sqlite makes of it is BEGIN DEFERRED, which takes no lock before it reads and none that
        // keeps writers out. A transaction of SQLite sees one state of the database at every level, but for this one on
        // a connection with a shared cache, where the provider turns a setting on that is turned off again here.
        IsolationLevel = IsolationLevel.ReadUncommitted,
        TransactionSettings = (_, _) => "PRAGMA read_uncommitted = 0",
        IsMissingTable = exception => exception.Message.Contains(NoSuchTable, StringComparison.Ordinal),
    };
}
