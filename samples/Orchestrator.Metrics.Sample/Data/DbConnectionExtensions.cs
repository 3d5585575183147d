using System.Data.Common;

namespace Sample.Data;

internal static class DbConnectionExtensions
{
    public static DbCommand CreateCommand(
        this DbConnection connection, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = name;
            parameter.Value = value ?? DBNull.Value;
            command.Parameters.Add(parameter);
        }

        return command;
    }

    public static async Task ExecuteAsync(
        this DbConnection connection, string sql, (string Name, object? Value)[] parameters,
        CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand(sql, parameters);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
