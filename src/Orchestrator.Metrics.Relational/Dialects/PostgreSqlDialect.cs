using System.Globalization;

namespace Orchestrator.Metrics.Relational.Dialects;

/// <summary>The SQL of PostgreSQL. Run times and their sums are exact to the microsecond.</summary>
internal static class PostgreSqlDialect
{
    private const string UndefinedTable = "42P01";
    private const string UndefinedSchema = "3F000";

    // A sum of intervals is fast, but overflows at 5.9 million years, and PostgreSQL before 17 cannot subtract infinite
    // timestamps. So run times between ordinary timestamps are summed as intervals, and all other finite run times as
    // numeric, which is slower but does not overflow. An aggregate does not evaluate the rows that its filter excludes.
    private const string IsOrdinary =
        "r.started_at > '2000-01-01Z' AND r.last_modified_at < '2100-01-01Z' AND r.last_modified_at >= r.started_at";

    private const string IsFinite = "isfinite(r.last_modified_at) AND isfinite(r.started_at)";

    // A collector that times out cancels its queries. If the application cannot cancel them, the timeouts of the server
    // end queries and open transactions this much later.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    public static readonly SqlDialect Instance = new()
    {
        Name = "PostgreSQL",
        SubscriptionCountsQuery = OrchestratorCoreSchema.BuildSubscriptionCountsQuery,
        ProcessCountsQuery = BuildProcessCountsQuery,
        RunningProcessesQuery = OrchestratorCoreSchema.RunningProcessesQuery,
        EngineSettingsQuery = OrchestratorCoreSchema.EngineSettingsQuery,
        ProcessGroupsQuery = BuildProcessGroupsQuery,
        EndedProcessesQuery = BuildEndedProcessesQuery,
        IsMissingTable = exception => exception.SqlState is UndefinedTable or UndefinedSchema,
        ExportSnapshotQuery = "SELECT pg_export_snapshot() AS snapshot",
        ImportSnapshot = name => $"SET TRANSACTION SNAPSHOT '{name}';",
        TransactionSettings = BuildTransactionSettings,
    };

    private static string BuildProcessCountsQuery(IReadOnlyCollection<string> droppedLabels)
    {
        var grouping = OrchestratorCoreSchema.GroupProcesses(droppedLabels);
        return $"""
            SELECT {grouping.Labels}g.count,
                   coalesce(extract(epoch FROM g.ordinary), 0) + coalesce(g.other, 0) AS total_seconds,
                   g.without_run_time
            FROM (SELECT {grouping.KeyValues}count(*) AS count,
                         sum(r.last_modified_at - r.started_at) FILTER (WHERE {IsOrdinary}) AS ordinary,
                         sum(extract(epoch FROM r.last_modified_at) - extract(epoch FROM r.started_at))
                             FILTER (WHERE ({IsOrdinary}) IS NOT TRUE AND {IsFinite}) AS other,
                         count(*) FILTER (WHERE ({IsFinite}) IS NOT TRUE) AS without_run_time
                  FROM processes r
                  JOIN processes_subscriptions l ON l.pid = r.pid
                  JOIN subscriptions s ON s.subscription_id = l.subscription_id
                  {grouping.GroupBy}) g
            {grouping.Joins}
            WHERE g.count > 0
            """;
    }

    // Conditions on groups cost less than conditions on rows, and NULLIF costs less than FILTER (WHERE isfinite(...)).
    private static string BuildProcessGroupsQuery(IReadOnlyCollection<string> droppedLabels)
    {
        var grouping = OrchestratorCoreSchema.GroupByState(droppedLabels);
        return $"""
            SELECT {grouping.Labels}g.count,
                   CASE WHEN g.last_status {OrchestratorCoreSchema.Unfinished} AND isfinite(g.oldest_start)
                        THEN extract(epoch FROM g.oldest_start) END AS oldest_start,
                   CASE WHEN g.last_status {OrchestratorCoreSchema.Unfinished} AND isfinite(g.oldest_change)
                        THEN extract(epoch FROM g.oldest_change) END AS oldest_change
            FROM (SELECT {grouping.KeyValues}count(*) AS count,
                         min(nullif(r.started_at, '-infinity')) AS oldest_start,
                         min(nullif(r.last_modified_at, '-infinity')) AS oldest_change
                  FROM processes r
                  {grouping.GroupBy}) g
            {grouping.Joins}
            """;
    }

    private static string BuildEndedProcessesQuery(
        TimeSpan window, IReadOnlyList<double> upperBounds, IReadOnlyCollection<string> droppedLabels)
    {
        // A subquery is evaluated once, but now() is evaluated for each row. Upper bounds are inclusive, but
        // width_bucket takes inclusive lower bounds, so each bound becomes the lower bound of the next bucket.
        var lowerBounds = upperBounds.Select(
            bound => $"'{Format(OrchestratorCoreSchema.ToMicroseconds(bound) + 1)}'");
        var grouping = OrchestratorCoreSchema.GroupByStateAndBucket(
            droppedLabels, $"width_bucket(r.duration, ARRAY[{string.Join(", ", lowerBounds)}]::interval[])");
        return $"""
            SELECT {grouping.Labels}g.count, extract(epoch FROM g.total) AS total_seconds
            FROM (SELECT {grouping.KeyValues}count(*) AS count, sum(r.duration) AS total
                  FROM (SELECT r.*, greatest(r.last_modified_at - r.started_at, interval '0') AS duration
                        FROM processes r
                        WHERE r.last_modified_at > (SELECT now() - interval '{Format((long)window.TotalMicroseconds)}')
                              AND r.last_modified_at <= (SELECT now()) AND isfinite(r.started_at)
                              AND {OrchestratorCoreSchema.HasEnded}) r
                  {grouping.GroupBy}) g
            {grouping.Joins}
            """;

        static string Format(long microseconds) =>
            (microseconds / 1_000_000m).ToString("0.000000", CultureInfo.InvariantCulture) + " s";
    }

    // The planner expects as many groups as joined rows, which is far too many. PostgreSQL would therefore compile the
    // query, and sort on disk instead of hashing in memory. SET LOCAL applies until the end of the transaction.
    private static string BuildTransactionSettings(TimeSpan? timeRemaining, bool parallel)
    {
        var workers = parallel
            ? "SET LOCAL parallel_setup_cost = 0; SET LOCAL parallel_tuple_cost = 0;"
            : "SET LOCAL max_parallel_workers_per_gather = 0;";
        return $"""
            SET TRANSACTION READ ONLY;
            {(timeRemaining is { } remaining ? BuildTimeouts(remaining + Grace) : "")}
            SET LOCAL jit = off;
            SET LOCAL work_mem = '64MB';
            SET LOCAL enable_sort = off;
            {workers}
            """;
    }

    // Only tcp_user_timeout ends a query that blocks because its client does not read the result. Servers that do not
    // run on Linux do not support it, and would log a message. transaction_timeout requires PostgreSQL 17.
    private static string BuildTimeouts(TimeSpan timeout)
    {
        var milliseconds = ((long)timeout.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
        return $"""
            SET LOCAL statement_timeout = {milliseconds};
            SET LOCAL idle_in_transaction_session_timeout = {milliseconds};
            SELECT set_config(name, '{milliseconds}', true) FROM pg_settings
            WHERE name = 'transaction_timeout' OR (name = 'tcp_user_timeout' AND version() LIKE '%linux%');
            """;
    }
}
