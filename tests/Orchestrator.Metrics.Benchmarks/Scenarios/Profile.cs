using System.Diagnostics;
using Orchestrator.Metrics.Benchmarks.Ratios;

namespace Orchestrator.Metrics.Benchmarks.Scenarios;

internal static class Profile
{
    public static async Task<int> RunAsync()
    {
        var registry = RowsCollector.CreateRegistry(SeriesRow.Create(100_000));
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(20);)
            await registry.WriteAsync(Stream.Null, ExpositionFormat.PrometheusText);
        return 0;
    }
}
