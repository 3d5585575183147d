using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Orchestrator.Metrics.Tests;

/// <summary>Awaits with a guard in real time: what hangs is a failure soon, not a build that never ends.</summary>
internal static class Waiting
{
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(30);

    public static Task Soon(this Task task) => task.WaitAsync(Guard);

    public static Task<T> Soon<T>(this Task<T> task) => task.WaitAsync(Guard);

    /// <summary>Asks again and again until the answer is as wanted: for what nobody tells the end of.</summary>
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
                throw new AssertionException($"Not within {Guard.TotalSeconds} s: {wish}. The last answer: {answer}");
        }
    }

    /// <summary>For threads that have to block; the test would hang without the guard.</summary>
    public static void BlockUntilSet(this ManualResetEventSlim gate)
    {
        if (!gate.Wait(Guard))
            throw new TimeoutException("The gate was not opened.");
    }
}
