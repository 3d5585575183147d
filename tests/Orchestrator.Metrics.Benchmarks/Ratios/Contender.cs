using System.Diagnostics;

namespace Orchestrator.Metrics.Benchmarks.Ratios;

/// <summary>One run of a contender.</summary>
/// <param name="Time">How long it took.</param>
/// <param name="Allocated">How many bytes it allocated, or null where that is not known.</param>
internal readonly record struct Lap(TimeSpan Time, long? Allocated);

/// <summary>Something that is timed beside others.</summary>
/// <param name="Name">What it is called in tables.</param>
/// <param name="RunAsync">Runs it once.</param>
internal sealed record Contender(string Name, Func<Task<Lap>> RunAsync)
{
    /// <summary>Work in this process, after a collection, so that no contender pays for the garbage of another.</summary>
    public static Contender Of(string name, Func<Task> work) => new(name, async () =>
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return await LapAsync(work);
    });

    /// <summary>Work in this process after a pause, as the requests of a scraper come. Garbage stays where it is.</summary>
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
