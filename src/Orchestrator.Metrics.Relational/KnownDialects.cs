using System.Data.Common;

namespace Orchestrator.Metrics;

/// <summary>The dialect that goes with a provider of ADO.NET.</summary>
internal static class KnownDialects
{
    public static SqlDialect Of(DbDataSource dataSource)
    {
        using var connection = dataSource.CreateConnection();
        var type = connection.GetType();
        return type.FullName switch
        {
            "Npgsql.NpgsqlConnection" => SqlDialect.PostgreSql,
            "Microsoft.Data.Sqlite.SqliteConnection" => SqlDialect.Sqlite,
            _ => throw new NotSupportedException(
                $"Orchestrator.Metrics.Relational does not know the database behind {type.FullName}. It knows Npgsql " +
                "and Microsoft.Data.Sqlite; for another one say what SQL it speaks: " +
                $"AddRelationalRepositories(options => options.{nameof(RelationalOptions.Dialect)} = " +
                $"new {nameof(SqlDialect)} {{ ... }}), or {nameof(SqlDialect)}.{nameof(SqlDialect.PostgreSql)} if it " +
                "is PostgreSQL after all."),
        };
    }
}
