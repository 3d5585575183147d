using System.Data;
using System.Globalization;

namespace Orchestrator.Metrics.Relational.Dialects;

/// <summary>
/// The SQL of SQLite. Run times are summed as integers and returned as decimal digits, so they are exact to the
/// microsecond until they are read.
/// </summary>
internal static class SqliteDialect
{
    private const string NoSuchTable = "no such table";

    private const string Now = "strftime('%Y-%m-%d %H:%M:%f', 'now')";

    private const string Digits = "'0123456789'";

    // A difference that overflows an integer is a real number.
    private const string IsInteger = "typeof(run_time) = 'integer'";

    private static readonly string RunTime =
        $"{ToMicroseconds("r.last_modified_at")} - {ToMicroseconds("r.started_at")}";

    public static readonly SqlDialect Instance = new()
    {
        Name = "SQLite",
        SubscriptionCountsQuery = OrchestratorCoreSchema.BuildSubscriptionCountsQuery,
        ProcessCountsQuery = BuildProcessCountsQuery,
        RunningProcessesQuery = OrchestratorCoreSchema.RunningProcessesQuery,
        EngineSettingsQuery = OrchestratorCoreSchema.EngineSettingsQuery,
        ProcessGroupsQuery = BuildProcessGroupsQuery,
        EndedProcessesQuery = BuildEndedProcessesQuery,

        // Microsoft.Data.Sqlite translates this level to BEGIN DEFERRED, which takes no lock before the first read and
        // never blocks writers. An SQLite transaction reads one snapshot at every level, with one exception: at this
        // level, on a connection with a shared cache, the provider turns on read_uncommitted. The setting turns it off.
        IsolationLevel = IsolationLevel.ReadUncommitted,
        TransactionSettings = (_, _) => "PRAGMA read_uncommitted = 0",
        IsMissingTable = exception => exception.Message.Contains(NoSuchTable, StringComparison.Ordinal),
    };

    // A sum of microseconds would overflow at 292,000 years, and SQLite then reports an error, so seconds are summed
    // separately. LIMIT -1 prevents SQLite from inlining the run time and computing it for each use.
    private static string BuildProcessCountsQuery(IReadOnlyCollection<string> droppedLabels)
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

    // The exponent converts microseconds to seconds without rounding.
    private static string BuildProcessGroupsQuery(IReadOnlyCollection<string> droppedLabels)
    {
        var grouping = OrchestratorCoreSchema.GroupByState(droppedLabels);
        return $"""
            SELECT {grouping.Labels}g.count, g.oldest_start || 'e-6' AS oldest_start,
                   g.oldest_change || 'e-6' AS oldest_change
            FROM (SELECT {grouping.KeyValues}count(*) AS count,
                         min(CASE WHEN r.last_status {OrchestratorCoreSchema.Unfinished}
                                  THEN {ToMicroseconds("r.started_at")} END) AS oldest_start,
                         min(CASE WHEN r.last_status {OrchestratorCoreSchema.Unfinished}
                                  THEN {ToMicroseconds("r.last_modified_at")} END) AS oldest_change
                  FROM processes r
                  {grouping.GroupBy}) g
            {grouping.Joins}
            """;
    }

    // For LIMIT -1 and the separate sums, see BuildProcessCountsQuery. The bucket is the number of bounds exceeded.
    private static string BuildEndedProcessesQuery(
        TimeSpan window, IReadOnlyList<double> upperBounds, IReadOnlyCollection<string> droppedLabels)
    {
        var grouping = OrchestratorCoreSchema.GroupByStateAndBucket(
            droppedLabels,
            string.Join(" + ", upperBounds.Select(bound => string.Create(
                CultureInfo.InvariantCulture, $"(r.duration > {OrchestratorCoreSchema.ToMicroseconds(bound)})"))));
        var microseconds = ((long)window.TotalMicroseconds).ToString(CultureInfo.InvariantCulture);
        return $"""
            SELECT {grouping.Labels}g.count,
                   printf('%d.%06d', g.seconds + g.microseconds / 1000000, g.microseconds % 1000000) AS total_seconds
            FROM (SELECT {grouping.KeyValues}count(*) AS count, sum(r.duration / 1000000) AS seconds,
                         sum(r.duration % 1000000) AS microseconds
                  FROM (SELECT *, max(changed - started, 0) AS duration
                        FROM (SELECT r.*, {ToMicroseconds("r.last_modified_at")} AS changed,
                                     {ToMicroseconds("r.started_at")} AS started
                              FROM processes r WHERE {OrchestratorCoreSchema.HasEnded} LIMIT -1),
                             (SELECT {ToMicroseconds(Now)} AS now LIMIT -1)
                        WHERE changed > now - {microseconds} AND changed <= now
                        LIMIT -1) r
                  WHERE typeof(r.duration) = 'integer'
                  {grouping.GroupBy}) g
            {grouping.Joins}
            """;
    }

    /// <summary>
    /// Returns the SQL that converts a time to microseconds. SQLite rounds a time to milliseconds, possibly up to the
    /// next second. The SQL therefore converts the string without its fraction, and adds the digits of the fraction.
    /// </summary>
    private static string ToMicroseconds(string column)
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
