using System.Data.Common;

namespace Orchestrator.Metrics.Relational;

/// <summary>
/// A connection and its transaction, which is rolled back on disposal because there is nothing to commit.
/// </summary>
internal sealed class ReadTransaction(
    DbConnection connection, DbTransaction transaction, TimeSpan? timeRemaining) : IAsyncDisposable
{
    public async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(sql))
            return;
        var command = CreateCommand(sql);
        await using (command.ConfigureAwait(false))
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    // The function bind resolves the columns once, and returns the function that reads the current row.
    public async Task ReadAsync(string sql, Func<QueryResult, Action> bind, CancellationToken cancellationToken)
    {
        var command = CreateCommand(sql);
        await using (command.ConfigureAwait(false))
        {
            var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                try
                {
                    var readRow = bind(new QueryResult(reader));
                    while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                        readRow();
                }
                catch (Exception exception) when (exception is not (DbException or OperationCanceledException))
                {
                    // Without this, the reader would receive the remaining rows when it is disposed.
                    command.Cancel();
                    throw;
                }
            }
        }
    }

    public async Task<List<T>> QueryAsync<T>(
        string sql, Func<QueryResult, Func<T>> bind, CancellationToken cancellationToken, int maxRows = int.MaxValue)
    {
        var rows = new List<T>();
        await ReadAsync(
            sql,
            result =>
            {
                var readRow = bind(result);
                return () =>
                {
                    if (rows.Count == maxRows)
                        throw CreateLimitException($"{maxRows} rows");
                    rows.Add(readRow());
                };
            },
            cancellationToken).ConfigureAwait(false);
        return rows;
    }

    public Task<List<T>> QueryColumnAsync<T>(
        string sql, string name, Func<QueryResult, int, T> read, CancellationToken cancellationToken) =>
        QueryAsync<T>(
            sql,
            result =>
            {
                var column = result.GetColumn(name);
                return () => read(result, column);
            },
            cancellationToken);

    public static InvalidOperationException CreateLimitException(string limit) => new(
        $"The query returned more than {limit}, the limit set by " +
        $"{nameof(OrchestratorMetricsOptions.MaxSamplesPerCollector)}. Group by fewer labels, or raise the limit.");

    public async ValueTask DisposeAsync()
    {
        try
        {
            await transaction.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }

    private DbCommand CreateCommand(string sql)
    {
        var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;

        // A fallback: the collector times out earlier, and cancels with the token. 0 means no limit.
        command.CommandTimeout = timeRemaining is { } remaining ? (int)Math.Ceiling(remaining.TotalSeconds) + 5 : 0;
        return command;
    }
}
