using Orchestrator.Metrics.Benchmarks.Ratios;

namespace Orchestrator.Metrics.Benchmarks.Scenarios;

internal static class AllRatios
{
    public static async Task<int> RunAsync(bool quick)
    {
        var report = new Report();
        await Rendering.RunAsync(report, series: 100_000, rounds: quick ? 9 : 25, slack: 1);
        await Rendering.RunAsync(report, series: 1_000, rounds: quick ? 25 : 75, slack: 1.5);
        report.Targets();
        return 0;
    }
}
