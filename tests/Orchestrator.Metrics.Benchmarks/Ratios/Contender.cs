using System.Diagnostics;

namespace Orchestrator.Metrics.Benchmarks.Ratios;

/// <summary>One run of a contender.</summary>
/// <param name="Time">The elapsed time.</param>
/// <param name="Allocated">The number of allocated bytes, or null if unknown.</param>
internal readonly record struct Lap(TimeSpan Time, long? Allocated);

/// <summary>Work whose time is compared with that of other work.</summary>
/// <param name="Name">The name in tables.</param>
/// <param name="RunAsync">Runs it once.</param>
internal sealed record Contender(string Name, Func<Task<Lap>> RunAsync)
{
    /// <summary>Work in this process after a garbage collection, so no contender pays for another's garbage.</summary>
    public static Contender Of(string name, Func<Task> work) => new(name, async () =>
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return await LapAsync(work);
    });

    /// <summary>Work in this process after a pause, like the requests of a scraper. Garbage is not collected.</summary>
    public static Contender After(TimeSpan pause, string name, Func<Task> work) => new(name, async () =>
    {
        await Task.Delay(pause);
        return await LapAsync(work);
    });

    private static async Task<Lap> LapAsync(Func<Task> work)
    {
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var start = Stopwatch.GetTimestamp();
        await work();
        var time = Stopwatch.GetElapsedTime(start);
        return new Lap(time, GC.GetTotalAllocatedBytes(precise: true) - allocated);
    }
}
