using System.Globalization;
using Npgsql;
using Orchestrator.Metrics.Benchmarks.Ratios;

namespace Orchestrator.Metrics.Benchmarks.Scenarios;

/// <summary>The two queries of operational metrics, compared with the query of process counts.</summary>
internal static class OperationalQueries
{
    // Makes some processes unfinished, and shifts all times, so the last change is now.
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
            Console.WriteLine($"\nNot measured: the scenario 'operational'. Install PostgreSQL and run ./build/bench.sh, or set {BenchmarkDatabase.Variable}.");
            return;
        }

        await using var database = NpgsqlDataSource.Create(server + ";Command Timeout=600");
        await BenchmarkDatabase.FillAsync(database, processes, customers: 20);
        await BenchmarkDatabase.ExecuteAsync(database, OpenAndRecent);
        await BenchmarkDatabase.ExecuteAsync(database, "VACUUM (FULL, ANALYZE) processes");
        var dialect = SqlDialect.PostgreSql;
        var options = new OperationalMetricsOptions();
        var counts = CreateContender("query of process counts", database, dialect.ProcessCountsQuery([]));
        var groups = CreateContender("query of process groups", database, dialect.ProcessGroupsQuery!([]));
        var ended = CreateContender(
            "query of ended processes", database, dialect.EndedProcessesQuery!(options.Window, [.. options.Buckets], []));

        var run = await InterleavedRun.RunAsync(1, rounds, counts, groups, ended);
        Report.PrintSection($"{processes:N0} processes in PostgreSQL, processor time of the server ({counts.Name} = 1)");
        Report.PrintTable(run, counts);
        Console.WriteLine($"Medians: {string.Join(", ", run.Contenders.Select(
            contender => FormattableString.Invariant($"{run.ComputeMedianTime(contender).TotalMilliseconds:0.0} ms")))}");
        report.ExpectAtMost(
            target, (run.ComputeMedianTime(groups) + run.ComputeMedianTime(ended)) / run.ComputeMedianTime(counts),
            $"{processes:N0} processes: both operational queries, times that of process counts");
    }

    /// <summary>Measures processor time, which other load on the machine affects less than elapsed time.</summary>
    private static Contender CreateContender(
        string name, NpgsqlDataSource database, string sql) => new(name, async () =>
    {
        await using var connection = await database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var settings = new NpgsqlCommand(
            SqlDialect.PostgreSql.TransactionSettings(null, false), connection, transaction))
            await settings.ExecuteNonQueryAsync();
        var start = await ReadProcessorTimeAsync(connection.ProcessID);
        await using (var query = new NpgsqlCommand(sql, connection, transaction))
        await using (var reader = await query.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
            }
        }

        return new Lap(await ReadProcessorTimeAsync(connection.ProcessID) - start, Allocated: null);
    });

    // The server runs on this machine. The first number is its time on a processor, in nanoseconds.
    private static async Task<TimeSpan> ReadProcessorTimeAsync(int process)
    {
        var numbers = (await File.ReadAllTextAsync($"/proc/{process}/schedstat")).Split(' ');
        return TimeSpan.FromTicks(long.Parse(numbers[0], CultureInfo.InvariantCulture) / TimeSpan.NanosecondsPerTick);
    }
}
