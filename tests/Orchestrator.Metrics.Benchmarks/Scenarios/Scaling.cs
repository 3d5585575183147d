using Orchestrator.Metrics.Benchmarks.Ratios;

namespace Orchestrator.Metrics.Benchmarks.Scenarios;

/// <summary>The cost per series in scrapes of different sizes.</summary>
internal static class Scaling
{
    private const int Most = 1_000_000;
    private const double LargestGrowth = 1.25;

    public static async Task RunAsync(Report report, int rounds)
    {
        int[] sizes = [1_000, 10_000, 100_000, Most];
        Contender[] contenders = [.. sizes.Select(CreateContender)];
        var run = await InterleavedRun.RunAsync(2, rounds, contenders);
        Report.PrintSection($"The cost of {Most:N0} series, in scrapes of different sizes (100,000 = 1)");
        Report.PrintTable(run, contenders[2], Most);
        foreach (var (fewer, size) in contenders.Zip(sizes).SkipLast(1))
            report.ExpectAtMost(LargestGrowth, run.ComputeRatio(contenders[^1], fewer), $"cost per series at {Most:N0} series, times that at {size:N0}");
    }

    private static Contender CreateContender(int series)
    {
        var registry = RowsCollector.CreateRegistry(SeriesRow.Create(series));
        return Contender.Create($"scrapes of {series:N0} series", async () =>
        {
            for (var done = 0; done < Most; done += series)
                await registry.WriteAsync(Stream.Null, ExpositionFormat.PrometheusText);
        });
    }
}
