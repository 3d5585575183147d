using System.Data;
using System.Data.Common;
using Microsoft.Extensions.Logging;
using Orchestrator.Metrics.Logging;
using Orchestrator.Metrics.Relational.Dialects;

namespace Orchestrator.Metrics.Relational;

/// <summary>
/// Reads from the database. Each read is one short transaction, so no transaction is open between scrapes. Replaces
/// stale pooled connections, and reports processes without a run time. Thread-safe.
/// </summary>
internal sealed partial class RelationalDatabase(
    DbDataSource dataSource, RelationalOptions options, ILogger<RelationalDatabase> logger)
{
    // Larger than the usual pool. With providers that open new connections synchronously, this also limits the retries.
    private const int MaxStaleConnections = 200;

    // Keeps no exception, because the next attempt may succeed.
    private readonly Lazy<SqlDialect> _dialect = new(
        () => options.Dialect ?? DialectDetection.Detect(dataSource), LazyThreadSafetyMode.PublicationOnly);

    private bool _hasMissingRunTimes;

    public SqlDialect Dialect => _dialect.Value;

    public RelationalOptions Options => options;

    /// <summary>
    /// Whether the table <c>processes</c> has been read. From then on, a missing table is a failure instead of zero
    /// processes.
    /// </summary>
    public bool HasSeenProcesses { get; set; }

    public async Task<T> ReadAsync<T>(
        CollectorContext context, Func<ReadTransaction, Task<T>> read, CancellationToken cancellationToken,
        bool parallel = false)
    {
        try
        {
            // Only runs of collectors have a time limit. Elsewhere, the snapshot would live as long as the scope. In a
            // refresh, it would only occupy a second connection.
            var import = options.SharedSnapshot && !context.IsRefresh && context.TimeRemaining is { } limit
                ? await context.GetOrAddShared(this, () => new SharedSnapshot(this, limit))
                    .GetImportStatementAsync(cancellationToken).ConfigureAwait(false)
                : "";
            var remaining = context.TimeRemaining;
            var settings = import + Dialect.TransactionSettings(remaining, parallel && options.ParallelQuery);
            var transaction = await BeginAsync(settings, remaining, cancellationToken).ConfigureAwait(false);
            await using (transaction.ConfigureAwait(false))
                return await read(transaction).ConfigureAwait(false);
        }
        catch (DbException exception) when (Dialect.IsMissingTable(exception))
        {
            throw new SchemaNotFoundException(
                "A table that the metrics read does not exist. Run the database migrations, or correct the query.",
                exception);
        }
    }

    public async Task<T> ReadCoreSchemaAsync<T>(
        CollectorContext context, Func<ReadTransaction, Task<T>> read, CancellationToken cancellationToken,
        bool parallel = false)
    {
        try
        {
            return await ReadAsync(context, read, cancellationToken, parallel).ConfigureAwait(false);
        }
        catch (DbException exception) when (OrchestratorCoreSchema.LacksWorkflowId(exception))
        {
            throw OrchestratorCoreSchema.CreateException("column processes.workflow_id is missing", exception);
        }
    }

    public async Task<ReadTransaction> BeginAsync(
        string settings, TimeSpan? timeRemaining, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            // ADO.NET does not report whether a connection is pooled. A login waits for the network, so a connection
            // that opens synchronously is pooled.
            var opening = dataSource.OpenConnectionAsync(cancellationToken);
            var isPooled = opening.IsCompleted;
            var connection = await opening.ConfigureAwait(false);
            try
            {
                var transaction = new ReadTransaction(
                    connection,
                    await connection.BeginTransactionAsync(Dialect.IsolationLevel, cancellationToken)
                        .ConfigureAwait(false),
                    timeRemaining);
                await transaction.ExecuteAsync(settings, cancellationToken).ConfigureAwait(false);
                return transaction;
            }
            catch (DbException exception) when (
                isPooled && attempt < MaxStaleConnections && connection.State != ConnectionState.Open
                && exception.InnerException is not TimeoutException)
            {
                // An idle connection was lost, for example because the server restarted, so every connection in the
                // pool may be stale. A new connection fails if the server is down, possibly behind a pooler such as
                // PgBouncer. It is not retried.
                await connection.DisposeAsync().ConfigureAwait(false);
            }
            catch (Exception)
            {
                await connection.DisposeAsync().ConfigureAwait(false);
                throw;
            }
        }
    }

    /// <summary>
    /// Logs a warning if processes have no run time. Repeats the warning only after a call with 0 processes.
    /// </summary>
    public void ReportMissingRunTimes(long processes)
    {
        var warn = processes > 0 && !_hasMissingRunTimes;
        _hasMissingRunTimes = processes > 0;
        if (warn)
            LogMissingRunTimes(new SafeLogger(logger), processes);
    }

    [LoggerMessage(EventId = 30, Level = LogLevel.Warning,
        Message = "{Count} processes have no finite run time: a start or end time is infinite, out of range or not a " +
            "time. They are counted, but the sum of run times excludes them. Correct these times in the database.")]
    private static partial void LogMissingRunTimes(ILogger logger, long count);
}
