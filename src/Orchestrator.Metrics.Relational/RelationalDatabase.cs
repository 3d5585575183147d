using System.Data;
using System.Data.Common;
using Microsoft.Extensions.Logging;

namespace Orchestrator.Metrics;

/// <summary>
/// Reads from the database: each query in a short read-only transaction of its own, so that between scrapes nothing
/// is open. Thread-safe.
/// </summary>
internal sealed partial class RelationalDatabase(
    DbDataSource dataSource, RelationalOptions options, ILogger<RelationalDatabase> logger)
{
    // More than a pool usually has. It only ends what would never end where every new connection is cut at once.
    private const int Attempts = 200;

    private bool _withoutTime;
    private readonly Lazy<SqlDialect> _dialect = new(() => options.Dialect ?? KnownDialects.Of(dataSource));

    public SqlDialect Dialect => _dialect.Value;

    /// <summary>Runs work in one transaction, which is rolled back at the end: there is nothing to commit.</summary>
    /// <param name="run">The run that the work belongs to.</param>
    /// <param name="work">The queries.</param>
    /// <param name="cancellationToken">Ends them.</param>
    /// <param name="parallel">
    /// Whether workers of the server are worth their start, where the options allow them.
    /// </param>
    /// <exception cref="SchemaNotFoundException">A table does not exist.</exception>
    public async Task<T> ReadAsync<T>(
        CollectorContext run, Func<RelationalReader, Task<T>> work, CancellationToken cancellationToken,
        bool parallel = false)
    {
        try
        {
            var snapshot = options.SharedSnapshot ? run.GetOrAddShared(this, () => new SharedSnapshot(this)) : null;
            var import = snapshot is null ? "" : await snapshot.ImportAsync(cancellationToken).ConfigureAwait(false);
            var settings = import + Dialect.TransactionSettings(run.TimeRemaining, parallel && options.ParallelQuery);
            var transaction = await BeginAsync(settings, run.TimeRemaining, cancellationToken).ConfigureAwait(false);
            await using (transaction.ConfigureAwait(false))
            {
                var reader = new RelationalReader(transaction.Transaction, run.TimeRemaining, cancellationToken);
                return await work(reader).ConfigureAwait(false);
            }
        }
        catch (DbException exception) when (Dialect.IsMissingTable(exception))
        {
            throw new SchemaNotFoundException("A table that the metrics read from does not exist.", exception);
        }
    }

    /// <summary>Begins a transaction.</summary>
    /// <param name="firstStatements">What is run in it at once.</param>
    /// <param name="timeLeft">How much time there is, or null.</param>
    /// <param name="cancellationToken">Ends waiting for a connection.</param>
    public async Task<OpenTransaction> BeginAsync(
        string firstStatements, TimeSpan? timeLeft, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var connection = await dataSource.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                var transaction = await connection
                    .BeginTransactionAsync(Dialect.IsolationLevel, cancellationToken).ConfigureAwait(false);
                await new RelationalReader(transaction, timeLeft, cancellationToken).ExecuteAsync(firstStatements)
                    .ConfigureAwait(false);
                return new OpenTransaction(connection, transaction);
            }
            catch (DbException exception) when (
                connection.State != ConnectionState.Open && exception.InnerException is not TimeoutException
                && attempt < Attempts)
            {
                // A connection from the pool that had been cut, for example by a restart of the server, which shows at
                // the first statement. The whole pool may be of that kind. A server that is down fails to open a new
                // one, which ends this at once.
                await connection.DisposeAsync().ConfigureAwait(false);
            }
            catch (Exception)
            {
                await connection.DisposeAsync().ConfigureAwait(false);
                throw;
            }
        }
    }

    /// <summary>Warns of processes whose run times are not finite, once until there are none.</summary>
    public void ReportWithoutTime(long processes)
    {
        var warn = processes > 0 && !_withoutTime;
        _withoutTime = processes > 0;
        if (warn)
            LogWithoutTime(processes);
    }

    [LoggerMessage(EventId = 30, Level = LogLevel.Warning,
        Message = "{Count} rows of processes have no finite run time (a time is infinite, or cannot be read). They " +
            "are counted; their run times are left out of the sum.")]
    private partial void LogWithoutTime(long count);
}
