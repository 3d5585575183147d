using System.Globalization;
using Npgsql;

namespace Orchestrator.Metrics.Benchmarks.Scenarios;

/// <summary>Fills the database of the benchmarks, whose server build/bench.sh starts.</summary>
internal static class BenchmarkDatabase
{
    public const string Variable = "ORCHESTRATOR_METRICS_BENCH_POSTGRESQL";

    /// <summary>Replaces the schema 'public' and its data.</summary>
    public static async Task FillAsync(NpgsqlDataSource database, int processes, int customers)
    {
        await ExecuteAsync(database, "DROP SCHEMA public CASCADE; CREATE SCHEMA public");
        foreach (var file in (string[])["schema.sql", "orchestrator.sql"])
        {
            var script = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Scenarios", file));
            await ExecuteAsync(database, script
                .Replace(":processes", processes.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
                .Replace(":customers", customers.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));
        }

        // Autovacuum is off, and a checkpoint would otherwise take processor time during the measurement.
        await ExecuteAsync(database, "VACUUM ANALYZE");
        await ExecuteAsync(database, "CHECKPOINT");
    }

    public static async Task ExecuteAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
