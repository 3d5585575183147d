using System.Globalization;
using Npgsql;
using Orchestrator.Metrics.Benchmarks.Ratios;

namespace Orchestrator.Metrics.Benchmarks.Scenarios;

/// <summary>The two queries of operational metrics, compared with the query of process counts.</summary>
internal static class OperationalQueries
{
    // Some processes are unfinished, and the last one ends now.
    private const string OpenAndRecent = """
        UPDATE processes SET
            last_status = CASE WHEN random() < 0.003 THEN 'running' ELSE last_status END,
            started_at = started_at + age, last_modified_at = last_modified_at + age
        FROM (SELECT now() - max(last_modified_at) AS age FROM processes) newest
        """;

    public static async Task RunAsync(Report report, int processes, double target, int rounds)
    {
        if (Environment.GetEnvironmentVariable(BenchmarkDatabase.Variable) is not { Length: > 0 } server)
        {
            Report.Note("\nNot measured: operational queries, which need a database like the scenario 'database'.");
            return;
        }

        await using var database = NpgsqlDataSource.Create(server + ";Command Timeout=600");
        await BenchmarkDatabase.FillAsync(database, processes, customers: 20);
        await BenchmarkDatabase.ExecuteAsync(database, OpenAndRecent);
        await BenchmarkDatabase.ExecuteAsync(database, "VACUUM (FULL, ANALYZE) processes");
        var dialect = SqlDialect.PostgreSql;
        var options = new OperationalMetricsOptions();
        var counts = OnServer("query of process counts", database, dialect.ProcessCountsQuery([]));
        var groups = OnServer("query of process groups", database, dialect.ProcessGroupsQuery!([]));
        var ended = OnServer(
            "query of ended processes", database, dialect.EndedProcessesQuery!(options.Window, [.. options.Buckets], []));

        var run = await InterleavedRun.RunAsync(1, rounds, counts, groups, ended);
        Report.Section($"{processes:N0} processes in PostgreSQL, processor time of the server ({counts.Name} = 1)");
        Report.Table(run, counts);
        Report.Note($"Medians: {string.Join(", ", run.Contenders.Select(
            contender => FormattableString.Invariant($"{run.MedianTime(contender).TotalMilliseconds:0.0} ms")))}");
        report.AtMost(
            target, (run.MedianTime(groups) + run.MedianTime(ended)) / run.MedianTime(counts),
            $"{processes:N0} processes: both operational queries, times that of process counts");
    }

    /// <summary>
    /// Returns the processor time of the server for a query and its rows, in one process. Other load on the machine
    /// affects processor time less than elapsed time.
    /// </summary>
    private static Contender OnServer(string name, NpgsqlDataSource database, string sql) => new(name, async () =>
    {
        await using var connection = await database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var settings = new NpgsqlCommand(
            SqlDialect.PostgreSql.TransactionSettings(null, false), connection, transaction))
            await settings.ExecuteNonQueryAsync();
        var start = await ProcessorTimeAsync(connection.ProcessID);
        await using (var query = new NpgsqlCommand(sql, connection, transaction))
        await using (var reader = await query.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
            }
        }

        return new Lap(await ProcessorTimeAsync(connection.ProcessID) - start, Allocated: null);
    });

    // The first number is the time on a processor in nanoseconds. The server is on this machine.
    private static async Task<TimeSpan> ProcessorTimeAsync(int process)
    {
        var numbers = (await File.ReadAllTextAsync($"/proc/{process}/schedstat")).Split(' ');
        return TimeSpan.FromTicks(long.Parse(numbers[0], CultureInfo.InvariantCulture) / TimeSpan.NanosecondsPerTick);
    }
}
