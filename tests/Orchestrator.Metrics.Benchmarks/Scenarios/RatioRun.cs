using Orchestrator.Metrics.Benchmarks.Ratios;

namespace Orchestrator.Metrics.Benchmarks.Scenarios;

/// <summary>Compares scrapes with other libraries and with lower bounds.</summary>
internal static class RatioRun
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        var quick = arguments.Contains("--quick");
        var report = new Report();
        var scenarios = new Dictionary<string, Func<Task>>
        {
            ["rendering"] = () => Rendering.RunAsync(report, series: 100_000, rounds: quick ? 4 : 21, slack: 1),
            ["few"] = () => Rendering.RunAsync(report, series: 1_000, rounds: quick ? 4 : 21, slack: 1.5),
            ["scaling"] = () => Scaling.RunAsync(report, rounds: quick ? 7 : 15),
            ["meters"] = () => MeterScenario.RunAsync(report, rounds: quick ? 7 : 31),
            ["http"] = () => HttpScenario.RunAsync(report, rounds: quick ? 50 : 400),
            ["concurrency"] = () =>
                Concurrency.RunAsync(report, rounds: quick ? 7 : 31, scrapes: 2_000),
            ["database"] = () =>
                DatabaseScenario.RunAsync(report, processes: 1_000_000, rounds: quick ? 5 : 21),
            ["operational"] = async () =>
            {
                await OperationalQueries.RunAsync(report, processes: 100_000, target: 0.22, rounds: quick ? 7 : 31);
                await OperationalQueries.RunAsync(report, processes: 1_000_000, target: 0.15, rounds: quick ? 5 : 21);
            },
            ["languages"] = () =>
                OtherLanguages.RunAsync(series: quick ? 20_000 : 100_000, rounds: quick ? 3 : 9),
        };
        string[] wanted = [.. arguments.Where(argument => argument != "--quick")];
        if (wanted.FirstOrDefault(name => !scenarios.ContainsKey(name)) is { } unknown)
        {
            Console.Error.WriteLine($"Scenario '{unknown}' does not exist. Use one of these: {string.Join(", ", scenarios.Keys)}.");
            return 2;
        }

        foreach (var (name, runAsync) in scenarios)
        {
            if (wanted.Length == 0 || wanted.Contains(name))
                await runAsync();
        }

        report.PrintTargets();
        return 0;
    }
}
