using System.Diagnostics;

namespace Orchestrator.Metrics.Benchmarks.Ratios;

/// <summary>The result of one run. <c>Allocated</c> is in bytes; null if unknown.</summary>
internal readonly record struct Lap(TimeSpan Time, long? Allocated);

/// <summary>Work whose time is compared with that of other work.</summary>
internal sealed record Contender(string Name, Func<Task<Lap>> RunAsync)
{
    /// <summary>
    /// Creates a contender with a garbage collection before each run, so no contender pays for another's garbage.
    /// </summary>
    public static Contender Create(string name, Func<Task> work) => new(name, async () =>
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return await MeasureAsync(work);
    });

    /// <summary>
    /// Creates a contender with a pause before each run, as between scrapes, but without a garbage collection.
    /// </summary>
    public static Contender CreateWithPause(TimeSpan pause, string name, Func<Task> work) => new(name, async () =>
    {
        await Task.Delay(pause);
        return await MeasureAsync(work);
    });

    private static async Task<Lap> MeasureAsync(Func<Task> work)
    {
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var start = Stopwatch.GetTimestamp();
        await work();
        var time = Stopwatch.GetElapsedTime(start);
        return new Lap(time, GC.GetTotalAllocatedBytes(precise: true) - allocated);
    }
}
