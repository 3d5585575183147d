using System.Data.Common;

namespace Sample.Demo;

/// <summary>Inserts rows into a table, one at a time, with a reused parameterized command.</summary>
internal sealed class TableWriter : IAsyncDisposable
{
    private readonly DbCommand _insert;

    public TableWriter(DbConnection connection, string table, params string[] columns)
    {
        _insert = connection.CreateCommand();
        _insert.CommandText =
            $"INSERT INTO {table} ({string.Join(", ", columns)}) VALUES (${string.Join(", $", columns)})";
        foreach (var column in columns)
        {
            var parameter = _insert.CreateParameter();
            parameter.ParameterName = "$" + column;
            _insert.Parameters.Add(parameter);
        }
    }

    public async Task AddAsync(object?[] values, CancellationToken cancellationToken)
    {
        for (var i = 0; i < values.Length; i++)
            _insert.Parameters[i].Value = values[i] ?? DBNull.Value;
        await _insert.ExecuteNonQueryAsync(cancellationToken);
    }

    public ValueTask DisposeAsync() => _insert.DisposeAsync();
}
