using Orchestrator.Metrics.Relational;

namespace Orchestrator.Metrics;

/// <summary>
/// Reads a database for a collector or repository of the host, in the same way as the repositories of this package.
/// Inject this scoped service; for a named database, with <c>[FromKeyedServices("name")]</c>. Thread-safe.
/// </summary>
/// <remarks>
/// <para>
/// Each call runs in one short transaction, which is rolled back. On PostgreSQL, the transaction is read-only and reads
/// one snapshot of the database (that of the scrape with <see cref="RelationalOptions.SharedSnapshot"/>, except in a
/// background refresh). The server ends it when the collector times out, even if the application freezes or the
/// connection is lost. Stale pooled connections are replaced.
/// </para>
/// <para>Calls outside a collector run have no time limit.</para>
/// </remarks>
public sealed class OrchestratorDatabase
{
    private readonly RelationalDatabase _database;
    private readonly CollectorContext _context;

    internal OrchestratorDatabase(RelationalDatabase database, CollectorContext context) =>
        (_database, _context) = (database, context);

    /// <summary>Executes a query and reads its rows.</summary>
    /// <typeparam name="T">The type of a row.</typeparam>
    /// <param name="sql">
    /// The query. It takes no parameters: never insert values from outside the application.
    /// </param>
    /// <param name="read">Reads the current row. Must not keep the <see cref="SqlRow"/>.</param>
    /// <param name="cancellationToken">Cancels the query, also on the server.</param>
    /// <returns>The rows, in the order of the query.</returns>
    /// <exception cref="ArgumentException">The query is empty.</exception>
    /// <exception cref="SchemaNotFoundException">A table does not exist.</exception>
    /// <exception cref="InvalidOperationException">
    /// The query returned more rows than <see cref="CollectorContext.MaxSamples"/>, or a column does not exist or
    /// cannot be read as requested.
    /// </exception>
    /// <exception cref="System.Data.Common.DbException">The connection or the query failed.</exception>
    public async Task<IReadOnlyList<T>> ReadAsync<T>(
        string sql, Func<SqlRow, T> read, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(sql);
        ArgumentNullException.ThrowIfNull(read);
        return await _database.ReadAsync(
            _context,
            transaction => transaction.QueryAsync<T>(
                sql,
                result =>
                {
                    var row = new SqlRow(result);
                    return () => read(row);
                },
                cancellationToken,
                _context.MaxSamples),
            cancellationToken).ConfigureAwait(false);
    }
}
