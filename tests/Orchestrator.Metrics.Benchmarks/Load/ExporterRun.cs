using System.Diagnostics;
using System.Text;
using Npgsql;
using Orchestrator.Metrics.Benchmarks.Ratios;
using Orchestrator.Metrics.Benchmarks.Scenarios;
using Orchestrator.Metrics.Tests;

namespace Orchestrator.Metrics.Benchmarks.Load;

/// <summary>The exporter as native code, compared with a Python endpoint like that of orchestrator-core.</summary>
internal static class ExporterRun
{
    private const double TimesPythonProcessor = 0.1;
    private const double Megabytes = 80;
    private const double Milliseconds = 20;
    private const string ExporterVariable = "ORCHESTRATOR_METRICS_BENCH_EXPORTER";

    public static async Task<int> RunAsync(bool quick)
    {
        var server = Environment.GetEnvironmentVariable(BenchmarkDatabase.Variable);
        var exporter = Environment.GetEnvironmentVariable(ExporterVariable);
        if (server is not { Length: > 0 } || exporter is not { Length: > 0 })
        {
            Console.Error.WriteLine(
                $"Not measured: this needs PostgreSQL and the exporter. Run ./build/bench.sh exporter, or set {BenchmarkDatabase.Variable} and {ExporterVariable}.");
            return 1;
        }

        var report = new Report();
        foreach (var processes in (int[])[100_000, 1_000_000])
            await RunAsync(report, server, exporter, processes, scrapes: quick ? 10 : 20);
        report.PrintTargets();
        return 0;
    }

    private static async Task RunAsync(Report report, string server, string exporter, int processes, int scrapes)
    {
        await using var database = NpgsqlDataSource.Create(server + ";Command Timeout=600");
        // With this number of customers, a scrape has the 16,000 series for which the latency target is set.
        await BenchmarkDatabase.FillAsync(database, processes, customers: 10);
        await using var connection = await database.OpenConnectionAsync();
        Report.PrintSection($"{processes:N0} processes: a scrape");
        Console.WriteLine($"{"",-40} {"client CPU ms",13} {"server CPU ms",13} {"memory MB",9} {"median ms",9} {"series",7}");

        var python = await MeasureAsync("prometheus_client in Python", ConfigurePython(server), TimeSpan.Zero);
        var live = await MeasureAsync("exporter, every scrape reads all", ConfigureExporter("0s", "0s"), TimeSpan.Zero);

        // By default, processes are refreshed every minute, and the other collectors read in each scrape. The interval
        // varies by 5 %, so 1.1 minutes include one refresh.
        var pause = TimeSpan.FromMinutes(1.1) / scrapes;
        var byDefault = await MeasureAsync("exporter, default settings", ConfigureExporter("1m", "0s"), pause);
        var refreshed = await MeasureAsync("exporter, all refreshed every minute", ConfigureExporter("1m", "1m"), pause);
        if (!((Measured[])[live, byDefault, refreshed]).All(measured => measured.Lines.SequenceEqual(python.Lines)))
            throw new InvalidOperationException("The exporter and the Python endpoint return different series.");
        report.ExpectAtMost(TimesPythonProcessor, live.Client / python.Client, $"{processes:N0} processes: processor time if every scrape reads all, times that of Python");
        report.ExpectAtMost(TimesPythonProcessor, byDefault.Client / python.Client, $"{processes:N0} processes: processor time by default, times that of Python");
        report.ExpectAtMost(Megabytes, Math.Max(live.Memory, Math.Max(byDefault.Memory, refreshed.Memory)), $"{processes:N0} processes: memory of the exporter, MB");
        report.ExpectAtMost(Milliseconds, refreshed.Median, $"{processes:N0} processes: a scrape from refreshed data, ms");

        async Task<Measured> MeasureAsync(string name, Func<int, ProcessStartInfo> start, TimeSpan pause)
        {
            var port = FreePort.Find();
            using var program = await MeasuredProgram.StartAsync(start(port), new Uri($"http://127.0.0.1:{port}"));
            var (clientBefore, serverBefore) = (program.ProcessorTime, ProcessorTimes.ReadServer(connection.ProcessID));
            var latencies = new List<double>();
            byte[] text = [];
            for (var i = 0; i < scrapes; i++)
            {
                var startedAt = TimeProvider.System.GetTimestamp();
                text = await program.ScrapeAsync();
                latencies.Add(TimeProvider.System.GetElapsedTime(startedAt).TotalMilliseconds);
                await Task.Delay(pause);
            }

            var measured = new Measured(
                (program.ProcessorTime - clientBefore).TotalMilliseconds / scrapes,
                (ProcessorTimes.ReadServer(connection.ProcessID) - serverBefore).TotalMilliseconds / scrapes,
                program.PeakMemory, InterleavedRun.ComputeMedian(latencies),
                FindDefaultSeries(Encoding.UTF8.GetString(text)));
            Console.WriteLine(FormattableString.Invariant(
                $"{name,-40} {measured.Client,13:0.0} {measured.Server,13:0} {measured.Memory,9:0} {measured.Median,9:0.0} {measured.Lines.Length,7}"));
            return measured;
        }

        Func<int, ProcessStartInfo> ConfigureExporter(string processes, string others) => port => new(exporter)
        {
            Environment =
            {
                ["ConnectionStrings__Orchestrator"] = server,
                ["WFO_EXPORTER_WEB_LISTEN_ADDRESS"] = $"127.0.0.1:{port}",
                ["WFO_EXPORTER_COLLECTORS_PROCESSES_REFRESH_EVERY"] = processes,
                ["WFO_EXPORTER_COLLECTORS_SUBSCRIPTIONS_REFRESH_EVERY"] = others,
                ["WFO_EXPORTER_COLLECTORS_WORKFLOW_ENGINE_REFRESH_EVERY"] = others,
            },
        };
    }

    private static Func<int, ProcessStartInfo> ConfigurePython(string server)
    {
        var settings = new NpgsqlConnectionStringBuilder(server);
        return port => new ProcessStartInfo("/usr/bin/python3",
        [
            Path.Combine(AppContext.BaseDirectory, "Peers", "orchestrator.py"),
            $"host={settings.Host} user={settings.Username} dbname={settings.Database}", $"{port}",
        ]);
    }

    // Sorted, because the order of groups with equal counts is undefined.
    private static string[] FindDefaultSeries(string text) =>
    [
        .. text.Split('\n')
            .Where(line => line.StartsWith("wfo_", StringComparison.Ordinal)
                && !line.StartsWith("wfo_scrape_", StringComparison.Ordinal)
                && !line.StartsWith("wfo_exporter_", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal),
    ];

    private sealed record Measured(double Client, double Server, double Memory, double Median, string[] Lines);
}
