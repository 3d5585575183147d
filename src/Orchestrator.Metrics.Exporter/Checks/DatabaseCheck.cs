using System.Data.Common;
using System.Globalization;
using Npgsql;

namespace Orchestrator.Metrics.Exporter.Checks;

internal sealed class DatabaseCheck(DbDataSource database, FailureText failures, CheckReport report)
{
    private const string DescriptionQuery =
        """
        SELECT current_user::text, current_database()::text, pg_backend_pid(), pg_is_in_recovery(),
               coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false)
        """;

    // The minimum version for SqlDialect.PostgreSql.
    private static readonly Version OldestVersion = new(13, 0);

    /// <returns>Whether there are tables, and all of them can be read.</returns>
    public async Task<bool> RunAsync(IReadOnlyList<string> tables)
    {
        var item = "database";
        try
        {
            await using var connection = (NpgsqlConnection)await database.OpenConnectionAsync();
            var description = await DescribeAsync(connection);
            if (connection.PostgreSqlVersion < OldestVersion)
                report.AddFailure(item, $"{description}. Upgrade PostgreSQL to {OldestVersion.Major} or later.");
            else
                report.AddSuccess(item, description + ".");
            item = "tables";
            return tables.Count > 0 && await CheckTablesAsync(connection, tables);
        }
        catch (Exception exception)
        {
            report.AddFailure(item, failures.Describe(exception));
            return false;
        }
    }

    private static async Task<string> DescribeAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand(DescriptionQuery, connection);
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();

        // With a pooler, the process IDs differ, and pg_stat_ssl describes the connection from the pooler.
        var isPooled = reader.GetInt32(2) != connection.ProcessID;
        var path = isPooled ? "through a pooler such as PgBouncer"
            : reader.GetBoolean(4) ? "encrypted" : "not encrypted";
        var replica = reader.GetBoolean(3) ? ", a read-only replica" : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"PostgreSQL {connection.PostgreSqlVersion} at {connection.Host}:{connection.Port}, database " +
            $"'{reader.GetString(1)}', user '{reader.GetString(0)}', {path}{replica}");
    }

    private async Task<bool> CheckTablesAsync(NpgsqlConnection connection, IReadOnlyList<string> tables)
    {
        // A permission for any column counts. The runs of the collectors show whether the permission suffices.
        await using var command = new NpgsqlCommand(
            $"""
            SELECT name, regclass IS NOT NULL, coalesce(has_any_column_privilege(regclass, 'SELECT'), false),
                   format('GRANT SELECT ON %s TO %I;', regclass, current_user)
            FROM (SELECT name, to_regclass(name) AS regclass
                  FROM (VALUES {string.Join(", ", tables.Select(table => $"('{table}')"))}) AS t (name)) AS t
            ORDER BY name
            """,
            connection);
        await using var reader = await command.ExecuteReaderAsync();
        var isOk = true;
        while (await reader.ReadAsync())
        {
            var item = "table " + reader.GetString(0);
            var (exists, isReadable) = (reader.GetBoolean(1), reader.GetBoolean(2));
            isOk &= exists && isReadable;
            if (!exists)
                report.AddFailure(
                    item,
                    "It does not exist for this user. Correct the name of the database in " +
                    $"{failures.DatabaseSetting}, or run the migrations of orchestrator-core, or grant USAGE on its " +
                    "schema.");
            else if (!isReadable)
                report.AddFailure(
                    item, $"The user may not read it. Run as the owner of the table: {reader.GetString(3)}");
            else
                report.AddSuccess(item, "The user may read it.");
        }

        return isOk;
    }
}
