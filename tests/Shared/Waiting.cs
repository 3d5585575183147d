using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Orchestrator.Metrics.Tests;

/// <summary>Awaits with a timeout in real time, so a test that hangs fails.</summary>
internal static class Waiting
{
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(30);

    public static Task Soon(this Task task) => task.WaitAsync(Guard);

    public static Task<T> Soon<T>(this Task<T> task) => task.WaitAsync(Guard);

    /// <summary>Polls until the value matches, for changes without a notification.</summary>
    public static Task<T> UntilAsync<T>(
        Func<T> ask, Func<T, bool> wanted, [CallerArgumentExpression(nameof(wanted))] string wish = "") =>
        UntilAsync(() => Task.FromResult(ask()), wanted, wish);

    /// <inheritdoc cref="UntilAsync{T}(Func{T}, Func{T, bool}, string)"/>
    public static async Task<T> UntilAsync<T>(
        Func<Task<T>> ask, Func<T, bool> wanted, [CallerArgumentExpression(nameof(wanted))] string wish = "")
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        for (var clock = Stopwatch.StartNew(); ; await timer.WaitForNextTickAsync())
        {
            var answer = await ask().Soon();
            if (wanted(answer))
                return answer;
            if (clock.Elapsed > Guard)
                throw new AssertionException($"Not true within {Guard.TotalSeconds} s: {wish}. Last answer: {answer}");
        }
    }

    /// <summary>Blocks the thread until the gate opens, or fails at the timeout.</summary>
    public static void BlockUntilSet(this ManualResetEventSlim gate)
    {
        if (!gate.Wait(Guard))
            throw new TimeoutException("The gate was not opened.");
    }
}
