using System.Data;
using System.Data.Common;

namespace Orchestrator.Metrics;

/// <summary>
/// The SQL that reads the counts from one kind of database. Write one for a database that is neither PostgreSQL nor
/// SQLite, or for a schema of your own, and set it as <see cref="RelationalOptions.Dialect"/>. Immutable.
/// </summary>
public sealed record SqlDialect
{
    /// <summary>PostgreSQL 13 and later, with the schema of orchestrator-core.</summary>
    public static SqlDialect PostgreSql => PostgreSqlDialect.Instance;

    /// <summary>
    /// SQLite, with the schema of orchestrator-core. Times are ISO 8601 text, as SQLAlchemy writes them, or integers:
    /// microseconds since the Unix epoch.
    /// </summary>
    public static SqlDialect Sqlite => SqliteDialect.Instance;

    /// <summary>What the dialect is called in errors.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// One row per combination, in any order: product name, lifecycle state, customer id (texts), in sync
    /// (boolean or 0/1), count. Counts may have any numeric type.
    /// </summary>
    public required string SubscriptionCounts { get; init; }

    /// <summary>
    /// One row per combination, in any order: last status, creator (texts), is task (boolean or 0/1),
    /// product name, workflow name, customer id, workflow target (texts), count, summed run time in seconds (a double,
    /// a decimal, or its digits as text), and how many of the counted have no finite run time and are not in the sum.
    /// </summary>
    public required string ProcessCounts { get; init; }

    /// <summary>One row with one number: how many processes run now.</summary>
    public required string RunningProcesses { get; init; }

    /// <summary>One row with one boolean or 0/1: whether the engine is locked.</summary>
    public required string EngineSettings { get; init; }

    /// <summary>Whether an error of the database says that a table does not exist.</summary>
    public required Func<DbException, bool> IsMissingTable { get; init; }

    /// <summary>
    /// The isolation level of the transactions. With <see cref="IsolationLevel.RepeatableRead"/>, the default, all
    /// numbers of one collector are from one state of the database.
    /// </summary>
    public IsolationLevel IsolationLevel { get; init; } = IsolationLevel.RepeatableRead;

    /// <summary>
    /// A query for one text that names the state which a transaction sees, for <see cref="ImportSnapshot"/>. Null if
    /// the database cannot share one; then <see cref="RelationalOptions.SharedSnapshot"/> is an error.
    /// </summary>
    public string? ExportSnapshot { get; init; }

    /// <summary>
    /// The first statement of a transaction that is to see a state that was exported under this name.
    /// </summary>
    public Func<string, string>? ImportSnapshot { get; init; }

    /// <summary>
    /// Statements to run at the start of each transaction, for example to make it read-only; empty if there are none.
    /// Gets how much time is left, or null if that is not limited, and whether parallel workers may be used.
    /// </summary>
    public Func<TimeSpan?, bool, string> TransactionSettings { get; init; } = (_, _) => "";
}
