using System.Data;

namespace Orchestrator.Metrics.Relational.Dialects;

/// <summary>
/// The SQL of SQLite. Run times are summed as integers and returned as decimal digits, so they are exact to the
/// microsecond until they are read.
/// </summary>
internal static class SqliteDialect
{
    private const string NoSuchTable = "no such table";

    private const string Digits = "'0123456789'";

    // A difference that no integer can hold becomes a real number.
    private const string IsInteger = "typeof(run_time) = 'integer'";

    private static readonly string RunTime = $"{Microseconds("r.last_modified_at")} - {Microseconds("r.started_at")}";

    public static readonly SqlDialect Instance = new()
    {
        Name = "SQLite",
        SubscriptionCountsQuery = OrchestratorCoreSchema.SubscriptionCountsQuery,
        ProcessCountsQuery = ProcessCountsQuery,
        RunningProcessesQuery = OrchestratorCoreSchema.RunningProcessesQuery,
        EngineSettingsQuery = OrchestratorCoreSchema.EngineSettingsQuery,

        // Microsoft.Data.Sqlite translates it to BEGIN DEFERRED, which takes no lock before the first read and never
        // blocks writers. A transaction of SQLite reads one snapshot at every level. The exception is this level on a
        // connection with a shared cache: there the provider turns on read_uncommitted, which is turned off again here.
        IsolationLevel = IsolationLevel.ReadUncommitted,
        TransactionSettings = (_, _) => "PRAGMA read_uncommitted = 0",
        IsMissingTable = exception => exception.Message.Contains(NoSuchTable, StringComparison.Ordinal),
    };

    // A sum of microseconds would overflow at 292,000 years, which is an error in SQLite, so seconds are summed
    // separately. LIMIT -1 prevents SQLite from inlining the run time and computing it for each use.
    private static string ProcessCountsQuery(IReadOnlyCollection<string> droppedLabels)
    {
        var grouping = OrchestratorCoreSchema.GroupProcesses(droppedLabels);
        return $"""
            SELECT {grouping.Labels}g.count,
                   CASE WHEN g.seconds < 0 AND g.microseconds > 0
                        THEN printf('-%d.%06d', -g.seconds - 1, 1000000 - g.microseconds)
                        ELSE printf('%d.%06d', g.seconds, g.microseconds)
                   END AS total_seconds,
                   g.without_run_time
            FROM (SELECT *, seconds_sum + (microseconds_sum - microseconds) / 1000000 AS seconds
                  FROM (SELECT *, (microseconds_sum % 1000000 + 1000000) % 1000000 AS microseconds
                        FROM (SELECT {grouping.Keys}count(*) AS count,
                                     coalesce(sum(run_time / 1000000) FILTER (WHERE {IsInteger}), 0) AS seconds_sum,
                                     coalesce(sum(run_time % 1000000) FILTER (WHERE {IsInteger}), 0)
                                         AS microseconds_sum,
                                     count(*) FILTER (WHERE NOT {IsInteger}) AS without_run_time
                              FROM (SELECT {grouping.KeyValues}{RunTime} AS run_time
                                    FROM processes r
                                    JOIN processes_subscriptions l ON l.pid = r.pid
                                    JOIN subscriptions s ON s.subscription_id = l.subscription_id
                                    LIMIT -1)
                              {grouping.GroupBy}))) g
            {grouping.Joins}
            WHERE g.count > 0
            """;
    }

    /// <summary>
    /// The SQL for a time in microseconds. SQLite rounds a time to the millisecond, possibly up to the next second, so
    /// it converts the string without its fraction, and the digits of the fraction are added.
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
}
