using System.Data.Common;

namespace Orchestrator.Metrics;

/// <summary>Runs statements in one transaction.</summary>
internal sealed class RelationalReader(
    DbTransaction transaction, TimeSpan? timeLeft, CancellationToken cancellationToken)
{
    /// <summary>Runs statements without a result; none at all if there are none.</summary>
    public async Task ExecuteAsync(string sql)
    {
        if (string.IsNullOrWhiteSpace(sql))
            return;
        var command = Command(sql);
        await using (command.ConfigureAwait(false))
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Runs a query and reads all its rows.</summary>
    public async Task<List<T>> RowsAsync<T>(string sql, Func<DbDataReader, T> read)
    {
        var command = Command(sql);
        await using (command.ConfigureAwait(false))
        {
            var rows = new List<T>();
            var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                    rows.Add(read(reader));
            }

            return rows;
        }
    }

    private DbCommand Command(string sql)
    {
        var command = transaction.Connection!.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;

        // Later than the scrape's own deadline, which cancels with the token.
        if (timeLeft is { } left)
            command.CommandTimeout = (int)Math.Ceiling(left.TotalSeconds) + 5;
        return command;
    }
}
