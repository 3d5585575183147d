using System.Globalization;
using Npgsql;
using Orchestrator.Metrics.Benchmarks.Ratios;

namespace Orchestrator.Metrics.Benchmarks.Scenarios;

/// <summary>The tables of orchestrator-core with generated rows, in a schema for each number of processes.</summary>
internal static class BenchDatabase
{
    // build/bench.sh starts this server. The benchmark fills its database.
    private const string ServerVariable = "ORCHESTRATOR_METRICS_BENCH_POSTGRESQL";

    /// <summary>Returns the tables, filled by the first call. Null, with a note, if there is no server.</summary>
    public static async Task<NpgsqlDataSource?> OpenAsync(int processes)
    {
        if (Environment.GetEnvironmentVariable(ServerVariable) is not { Length: > 0 } server)
        {
            Report.Note($"\nNot measured: a database (./build/bench.sh starts one where PostgreSQL is installed; {ServerVariable} names one).");
            return null;
        }

        var count = processes.ToString(CultureInfo.InvariantCulture);
        var schema = $"processes_{count}";
        var database = NpgsqlDataSource.Create($"{server};Command Timeout=600;Search Path={schema}");
        await using var exists = database.CreateCommand($"SELECT to_regnamespace('{schema}') IS NOT NULL");
        if (await exists.ExecuteScalarAsync() is true)
            return database;
        await ExecuteAsync(database, $"CREATE SCHEMA {schema}");
        foreach (var file in (string[])["schema.sql", "orchestrator.sql"])
        {
            var script = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Scenarios", file));
            await ExecuteAsync(database, script.Replace(":processes", count, StringComparison.Ordinal));
        }

        await ExecuteAsync(database, "VACUUM ANALYZE");
        return database;
    }

    private static async Task ExecuteAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
