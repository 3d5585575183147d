using System.Globalization;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Orchestrator.Metrics.Benchmarks.Ratios;

namespace Orchestrator.Metrics.Benchmarks.Scenarios;

/// <summary>
/// A scrape of a database, compared with the slowest of its queries. The query runs alone with the same driver, which
/// reads all rows.
/// </summary>
internal static class DatabaseScenario
{
    private const double TimesSlowestQuery = 1.15;

    public static async Task RunAsync(Report report, int processes, int rounds)
    {
        if (Environment.GetEnvironmentVariable(BenchmarkDatabase.Variable) is not { Length: > 0 } server)
        {
            Console.WriteLine($"\nNot measured: the scenario 'database'. Install PostgreSQL and run ./build/bench.sh, or set {BenchmarkDatabase.Variable}.");
            return;
        }

        await using var database = NpgsqlDataSource.Create(server + ";Command Timeout=600");
        await BenchmarkDatabase.FillAsync(database, processes, customers: 20);
        await using var services = new ServiceCollection()
            .AddOrchestratorMetrics(options => options.CollectorTimeout = TimeSpan.FromMinutes(5))
            .AddRelationalRepositories(database).Services
            .BuildServiceProvider();
        var registry = services.GetRequiredService<OrchestratorMetricsRegistry>();

        var dialect = SqlDialect.PostgreSql;
        Contender[] queries =
        [
            CreateContender("query of processes, rows read", database, dialect.ProcessCountsQuery([]), parallel: true),
            CreateContender("query of subscriptions, rows read", database, dialect.SubscriptionCountsQuery([]), parallel: false),
            CreateContender("query of running processes", database, dialect.RunningProcessesQuery, parallel: false),
        ];
        var groups = await CheckAsync(registry, processes);
        var scrape = Contender.Create("scrape", () => registry.WriteAsync(Stream.Null, ExpositionFormat.PrometheusText));
        var run = await InterleavedRun.RunAsync(1, rounds, [scrape, .. queries]);
        var slowest = queries.MaxBy(query => run.ComputeMedianTime(query))!;
        Report.PrintSection($"{processes:N0} processes in PostgreSQL, {groups:N0} groups ({slowest.Name} = 1)");
        Report.PrintTable(run, slowest);
        report.ExpectAtMost(TimesSlowestQuery, run.ComputeRatio(scrape, slowest), $"{processes:N0} processes: a scrape, times its slowest query alone");
    }

    /// <summary>Checks that a scrape counts all processes, and returns the number of groups.</summary>
    private static async Task<int> CheckAsync(OrchestratorMetricsRegistry registry, int processes)
    {
        using var text = new MemoryStream();
        await registry.WriteAsync(text, ExpositionFormat.PrometheusText);
        double[] counts = [.. Encoding.UTF8.GetString(text.ToArray()).Split('\n')
            .Where(line => line.StartsWith("wfo_process_count{", StringComparison.Ordinal))
            .Select(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture))];
        return counts.Sum() == processes
            ? counts.Length
            : throw new InvalidOperationException($"The scrape counted {counts.Sum()} of {processes} processes.");
    }

    private static Contender CreateContender(string name, NpgsqlDataSource database, string sql, bool parallel) =>
        Contender.Create(name, async () =>
        {
            await using var connection = await database.OpenConnectionAsync();
            await using var transaction = await connection.BeginTransactionAsync();
            var settings = SqlDialect.PostgreSql.TransactionSettings(null, parallel);
            await using (var command = new NpgsqlCommand(settings, connection, transaction))
                await command.ExecuteNonQueryAsync();
            await using var query = new NpgsqlCommand(sql, connection, transaction);
            await using var reader = await query.ExecuteReaderAsync();
            var row = new object[reader.FieldCount];
            while (await reader.ReadAsync())
                reader.GetValues(row);
        });
}
