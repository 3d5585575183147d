using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Orchestrator.Metrics.Tests;

/// <summary>Awaits with a timeout in real time, so a test that hangs fails.</summary>
internal static class Waiting
{
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(30);

    public static Task Soon(this Task task) => task.WaitAsync(Guard);

    public static Task<T> Soon<T>(this Task<T> task) => task.WaitAsync(Guard);

    /// <summary>Polls until the condition is true, for changes without a notification.</summary>
    public static Task<T> UntilAsync<T>(
        Func<T> get, Func<T, bool> condition, [CallerArgumentExpression(nameof(condition))] string text = "") =>
        UntilAsync(() => Task.FromResult(get()), condition, text);

    public static async Task<T> UntilAsync<T>(
        Func<Task<T>> get, Func<T, bool> condition, [CallerArgumentExpression(nameof(condition))] string text = "")
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        for (var clock = Stopwatch.StartNew(); ; await timer.WaitForNextTickAsync())
        {
            var value = await get().Soon();
            if (condition(value))
                return value;
            if (clock.Elapsed > Guard)
                throw new AssertionException($"Not true within {Guard.TotalSeconds} s: {text}. Last value: {value}");
        }
    }

    public static void BlockUntilSet(this ManualResetEventSlim gate)
    {
        if (!gate.Wait(Guard))
            throw new TimeoutException($"The gate was not opened within {Guard.TotalSeconds} s.");
    }
}
