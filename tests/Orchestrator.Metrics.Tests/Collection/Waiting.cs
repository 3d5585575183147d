using System.Diagnostics;

namespace Orchestrator.Metrics.Tests.Collection;

/// <summary>Awaits with a guard in real time: what hangs is a failure soon, not a build that never ends.</summary>
internal static class Waiting
{
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(10);

    public static Task Soon(this Task task) => task.WaitAsync(Guard);

    public static Task<T> Soon<T>(this Task<T> task) => task.WaitAsync(Guard);

    /// <summary>Asks again and again until the answer is as wanted: for what nobody tells the end of.</summary>
    public static async Task<T> UntilAsync<T>(Func<T> ask, Func<T, bool> wanted)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < Guard; await timer.WaitForNextTickAsync())
        {
            if (ask() is var answer && wanted(answer))
                return answer;
        }

        throw new TimeoutException("It did not become as wanted.");
    }

    /// <summary>For threads that have to block; the test would hang without the guard.</summary>
    public static void BlockUntilSet(this ManualResetEventSlim gate)
    {
        if (!gate.Wait(Guard))
            throw new TimeoutException("The gate was not opened.");
    }
}
