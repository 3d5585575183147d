using System.Data.Common;

namespace Orchestrator.Metrics;

/// <summary>Runs queries in one transaction.</summary>
internal sealed class RelationalReader(
    DbTransaction transaction, string settings, TimeSpan? timeLeft, CancellationToken cancellationToken)
{
    private string _settings = settings;

    /// <summary>Runs a query and reads all its rows.</summary>
    public async Task<List<T>> RowsAsync<T>(string sql, Func<DbDataReader, T> read)
    {
        var command = transaction.Connection!.CreateCommand();
        await using (command.ConfigureAwait(false))
        {
            command.Transaction = transaction;

            // In the same round trip as the first query.
            command.CommandText = _settings + "\n" + sql;
            _settings = "";
            if (timeLeft is { } left)
                command.CommandTimeout = (int)Math.Ceiling(left.TotalSeconds) + 1;
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
}
