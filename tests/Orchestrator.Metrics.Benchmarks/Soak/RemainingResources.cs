namespace Orchestrator.Metrics.Benchmarks.Soak;

/// <summary>The resources in use while no scrape runs.</summary>
internal sealed record RemainingResources(
    int Scopes, int Connections, int RunningCollectors, long PendingWorkItems, int PooledBuffers, double MemoryMiB)
{
    // The size of the pools of the server and the client varies by up to 4 MiB, regardless of the number of scrapes. A
    // leak of one kilobyte per scrape would be 10 MiB.
    private const double MemoryToleranceMiB = 6;

    public static RemainingResources Measure(SoakCounts counts, PooledBuffers buffers)
    {
        for (var i = 0; i < 3; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        return new RemainingResources(
            counts.OpenScopes,
            counts.OpenConnections,
            counts.RunningCollectors,
            ThreadPool.PendingWorkItemCount,
            buffers.Outstanding,
            GC.GetTotalMemory(forceFullCollection: true) / 1024.0 / 1024.0);
    }

    /// <summary>Prints both measurements and the leaks, and returns the exit code.</summary>
    public static int PrintLeaks(RemainingResources before, RemainingResources after)
    {
        Console.WriteLine($"before: {before}");
        Console.WriteLine($"after:  {after}");
        string[] leaks =
        [
            .. ListIf(after.Scopes > 0, "scopes"),
            .. ListIf(after.Connections > 0, "connections"),
            .. ListIf(after.RunningCollectors > 0, "running collectors"),
            .. ListIf(after.PendingWorkItems > 0, "work items"),
            .. ListIf(after.PooledBuffers > before.PooledBuffers, "pooled buffers"),
            .. ListIf(after.MemoryMiB > before.MemoryMiB + MemoryToleranceMiB, "memory"),
        ];
        Console.WriteLine(leaks.Length == 0 ? "Nothing leaked." : $"LEAKED: {string.Join(", ", leaks)}");
        return leaks.Length == 0 ? 0 : 1;
    }

    private static IEnumerable<string> ListIf(bool isLeak, string what) => isLeak ? [what] : [];
}
