using Orchestrator.Metrics.Benchmarks.Ratios;

namespace Orchestrator.Metrics.Benchmarks.Scenarios;

/// <summary>Cost per series at different numbers of series.</summary>
internal static class Scaling
{
    private const int Most = 1_000_000;
    private const double LargestGrowth = 1.25;

    public static async Task RunAsync(Report report, int rounds)
    {
        int[] sizes = [1_000, 10_000, 100_000, Most];
        Contender[] contenders = [.. sizes.Select(Scrapes)];
        var run = await InterleavedRun.RunAsync(2, rounds, contenders);
        Report.Section($"The cost of {Most:N0} series, in scrapes of so many (100,000 = 1)");
        Report.Table(run, contenders[2], Most);
        foreach (var (fewer, size) in contenders.Zip(sizes).SkipLast(1))
            report.AtMost(LargestGrowth, run.Ratio(contenders[^1], fewer), $"cost per series at {Most:N0} series, times that at {size:N0}");
    }

    private static Contender Scrapes(int series)
    {
        var registry = RowsCollector.Registry(SeriesRow.Create(series));
        return Contender.Of($"{series:N0} series", async () =>
        {
            for (var done = 0; done < Most; done += series)
                await registry.WriteAsync(Stream.Null, ExpositionFormat.PrometheusText);
        });
    }
}
