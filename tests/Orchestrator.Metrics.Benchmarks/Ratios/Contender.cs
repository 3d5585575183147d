using System.Diagnostics;

namespace Orchestrator.Metrics.Benchmarks.Ratios;

/// <summary>One run of a contender.</summary>
/// <param name="Time">The elapsed time.</param>
/// <param name="Allocated">The number of allocated bytes, or null if unknown.</param>
internal readonly record struct Lap(TimeSpan Time, long? Allocated);

/// <summary>Work whose time is compared with that of other work.</summary>
/// <param name="Name">The name in tables.</param>
/// <param name="RunAsync">Runs the work once.</param>
internal sealed record Contender(string Name, Func<Task<Lap>> RunAsync)
{
    /// <summary>
    /// Creates a contender that runs work in this process. A garbage collection precedes each run, so no contender pays
    /// for another's garbage.
    /// </summary>
    public static Contender Create(string name, Func<Task> work) => new(name, async () =>
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return await MeasureAsync(work);
    });

    /// <summary>
    /// Creates a contender that runs work in this process. A pause precedes each run, as between the requests of a
    /// scraper, but no garbage collection does.
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
