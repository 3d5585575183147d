namespace Orchestrator.Metrics.Tests.Collection;

/// <summary>Awaits with a guard in real time: what hangs is a failure soon, not a build that never ends.</summary>
internal static class Waiting
{
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(10);

    public static Task Soon(this Task task) => task.WaitAsync(Guard);

    public static Task<T> Soon<T>(this Task<T> task) => task.WaitAsync(Guard);

    /// <summary>For threads that have to block; the test would hang without the guard.</summary>
    public static void BlockUntilSet(this ManualResetEventSlim gate)
    {
        if (!gate.Wait(Guard))
            throw new TimeoutException("The gate was not opened.");
    }
}
