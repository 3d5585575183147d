using System.Data.Common;

namespace Orchestrator.Metrics.Relational.Dialects;

internal static class DialectDetection
{
    public static SqlDialect Detect(DbDataSource dataSource)
    {
        using var connection = dataSource.CreateConnection();
        var type = connection.GetType().FullName;
        return type switch
        {
            "Npgsql.NpgsqlConnection" => SqlDialect.PostgreSql,
            "Microsoft.Data.Sqlite.SqliteConnection" => SqlDialect.Sqlite,
            _ => throw new NotSupportedException(
                $"There is no SQL dialect for connections of type {type}, only for Npgsql and Microsoft.Data.Sqlite. " +
                $"Set {nameof(RelationalOptions)}.{nameof(RelationalOptions.Dialect)} to " +
                $"{nameof(SqlDialect)}.{nameof(SqlDialect.PostgreSql)} if the server is PostgreSQL, otherwise to a " +
                $"new {nameof(SqlDialect)} with your queries."),
        };
    }
}
