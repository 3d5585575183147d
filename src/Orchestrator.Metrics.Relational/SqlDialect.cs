using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Orchestrator.Metrics.Relational.Dialects;

namespace Orchestrator.Metrics;

/// <summary>
/// The SQL that reads the default and operational metrics from one kind of database. Create one for a database other
/// than PostgreSQL and SQLite, or for your own schema, and set it as <see cref="RelationalOptions.Dialect"/>.
/// Immutable.
/// </summary>
/// <remarks>
/// <para>
/// The columns of each query are read by name, regardless of case, in any order; other columns are ignored. A query
/// without a required column fails, and the error names the column. Numbers may have any numeric type, and a Boolean
/// may be a number: 0 is false. No column may contain NULL, unless its description allows it.
/// </para>
/// <para>
/// A function that returns a query takes the names of the labels to omit. The query may omit the columns of these
/// labels. It returns one row per combination of labels, in any order. Rows with the same remaining labels are merged:
/// counts and seconds are summed, and the earliest times are kept. To use the same SQL for all scrapes, ignore the
/// parameter: <c>ProcessCountsQuery = _ => "SELECT …"</c>.
/// </para>
/// </remarks>
public sealed class SqlDialect
{
    /// <summary>Creates a dialect.</summary>
    public SqlDialect()
    {
    }

    /// <summary>
    /// Creates a copy, for a dialect with few differences:
    /// <c>new SqlDialect(SqlDialect.PostgreSql) { EngineSettingsQuery = "SELECT …" }</c>.
    /// </summary>
    /// <param name="original">The dialect to copy.</param>
    [SetsRequiredMembers]
    public SqlDialect(SqlDialect original)
    {
        ArgumentNullException.ThrowIfNull(original);
        Name = original.Name;
        SubscriptionCountsQuery = original.SubscriptionCountsQuery;
        ProcessCountsQuery = original.ProcessCountsQuery;
        RunningProcessesQuery = original.RunningProcessesQuery;
        EngineSettingsQuery = original.EngineSettingsQuery;
        ProcessGroupsQuery = original.ProcessGroupsQuery;
        EndedProcessesQuery = original.EndedProcessesQuery;
        ExportSnapshotQuery = original.ExportSnapshotQuery;
        ImportSnapshot = original.ImportSnapshot;
        TransactionSettings = original.TransactionSettings;
        IsolationLevel = original.IsolationLevel;
        IsMissingTable = original.IsMissingTable;
    }

    /// <summary>The dialect of PostgreSQL 13 and later, with the schema of orchestrator-core.</summary>
    public static SqlDialect PostgreSql => PostgreSqlDialect.Instance;

    /// <summary>
    /// The dialect of SQLite, with the schema of orchestrator-core. Times are ISO 8601 strings, as SQLAlchemy writes
    /// them, or integers: microseconds since the Unix epoch.
    /// </summary>
    public static SqlDialect Sqlite => SqliteDialect.Instance;

    /// <summary>The name of the database, for error messages.</summary>
    public required string Name { get; init; }

    /// <summary>Returns the query that counts subscriptions.</summary>
    /// <remarks>
    /// Columns: <c>product_name</c>, <c>lifecycle_state</c>, <c>customer_id</c> (strings), <c>insync</c> (Boolean),
    /// <c>count</c> (integer: the number of subscriptions).
    /// </remarks>
    public required Func<IReadOnlyCollection<string>, string> SubscriptionCountsQuery { get; init; }

    /// <summary>Returns the query that counts processes and sums their run times.</summary>
    /// <remarks>
    /// Columns: <c>last_status</c>, <c>created_by</c> (strings), <c>is_task</c> (Boolean), <c>product_name</c>,
    /// <c>workflow_name</c>, <c>customer_id</c>, <c>workflow_target</c> (strings), <c>count</c> (integer: the number of
    /// processes), <c>total_seconds</c> (number, or a string of decimal digits: the sum of their run times), and
    /// optionally <c>without_run_time</c> (integer: the number of these processes that the sum excludes, because their
    /// run time is infinite or unknown; a warning reports them).
    /// </remarks>
    public required Func<IReadOnlyCollection<string>, string> ProcessCountsQuery { get; init; }

    /// <summary>
    /// The query that counts running processes. It returns one row with the column <c>count</c> (integer).
    /// </summary>
    public required string RunningProcessesQuery { get; init; }

    /// <summary>
    /// The query that reads whether the engine is locked. It returns one row with the column <c>global_lock</c>
    /// (Boolean).
    /// </summary>
    public required string EngineSettingsQuery { get; init; }

    /// <summary>
    /// Returns the query of <see cref="OrchestratorMetricsBuilder.AddOperationalMetrics"/> that counts processes, with
    /// and without subscriptions, and finds the oldest. Null, the default, means that the dialect does not support
    /// operational metrics.
    /// </summary>
    /// <remarks>
    /// Columns: <c>last_status</c> (string), <c>is_task</c> (Boolean), <c>workflow_name</c>, <c>workflow_target</c>
    /// (strings), <c>count</c> (integer: the number of processes), <c>oldest_start</c> and <c>oldest_change</c>
    /// (number, or a string of decimal digits: the earliest start and the least recent change of the processes that are
    /// neither completed nor aborted, in seconds since the Unix epoch; NULL if there is none).
    /// </remarks>
    public Func<IReadOnlyCollection<string>, string>? ProcessGroupsQuery { get; init; }

    /// <summary>
    /// Returns the query of <see cref="OrchestratorMetricsBuilder.AddOperationalMetrics"/> that counts recently ended
    /// processes by duration, one row per combination of labels and bucket. Null, the default, means that the dialect
    /// does not support operational metrics.
    /// </summary>
    /// <remarks>
    /// Columns: <c>last_status</c> (string), <c>is_task</c> (Boolean), <c>workflow_name</c>, <c>workflow_target</c>
    /// (strings), <c>bucket</c> (integer: the number of upper bounds that the durations exceed), <c>count</c> (integer:
    /// the number of processes), <c>total_seconds</c> (number, or a string of decimal digits: the sum of their
    /// durations).
    /// Parameters: the length of the window in which the processes ended, up to the current time of the database; the
    /// upper bounds of the buckets, in seconds, ascending and finite; and the labels to omit.
    /// </remarks>
    public Func<TimeSpan, IReadOnlyList<double>, IReadOnlyCollection<string>, string>? EndedProcessesQuery { get; init; }

    /// <summary>Returns whether a database error means that a table does not exist.</summary>
    public required Func<DbException, bool> IsMissingTable { get; init; }

    /// <summary>
    /// The isolation level of the transactions. <see cref="IsolationLevel.RepeatableRead"/> by default, so a collector
    /// reads all its numbers from one snapshot.
    /// </summary>
    public IsolationLevel IsolationLevel { get; init; } = IsolationLevel.RepeatableRead;

    /// <summary>
    /// The query that exports the snapshot of its transaction. It returns one row with the column <c>snapshot</c>
    /// (string): the name that <see cref="ImportSnapshot"/> takes. Null, the default, means that the database cannot
    /// export snapshots; <see cref="RelationalOptions.SharedSnapshot"/> must then be false.
    /// </summary>
    public string? ExportSnapshotQuery { get; init; }

    /// <summary>
    /// Returns the statement that makes a transaction read from an exported snapshot. It is the first statement of the
    /// transaction. Parameter: the name of the snapshot. Null by default.
    /// </summary>
    public Func<string, string>? ImportSnapshot { get; init; }

    /// <summary>
    /// Returns the first statements of each transaction, for example to make it read-only and to limit its time.
    /// Returns an empty string by default. Parameters: the time until the collector times out, null for no limit; and
    /// whether the server may use parallel workers.
    /// </summary>
    public Func<TimeSpan?, bool, string> TransactionSettings { get; init; } = (_, _) => "";
}
