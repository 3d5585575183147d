using Orchestrator.Metrics.Benchmarks.Ratios;

namespace Orchestrator.Metrics.Benchmarks.Scenarios;

internal static class AllRatios
{
    public static async Task<int> RunAsync(bool quick)
    {
        var report = new Report();
        await Rendering.RunAsync(report, series: 100_000, rounds: quick ? 9 : 25, slack: 1);
        await Rendering.RunAsync(report, series: 1_000, rounds: quick ? 25 : 75, slack: 1.5);
        await Scaling.RunAsync(report, rounds: quick ? 5 : 15);
        await OverHttp.RunAsync(report, rounds: quick ? 15 : 51);
        await Concurrency.RunAsync(report, rounds: quick ? 3 : 9, scrapes: quick ? 4_000 : 20_000);
        await FromDatabase.RunAsync(report, processes: quick ? 100_000 : 1_000_000, rounds: quick ? 9 : 11);
        await OtherLanguages.RunAsync(series: quick ? 20_000 : 100_000, rounds: quick ? 3 : 9);
        report.Targets();
        return 0;
    }
}
