using System.Runtime.CompilerServices;

namespace Orchestrator.Metrics.Tests;

/// <summary>Limits of real time for what could hang, and waiting for what a server has to get to.</summary>
internal static class Guard
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static Task<T> Guarded<T>(this Task<T> task) => task.WaitAsync(Patience);

    public static Task Guarded(this Task task) => task.WaitAsync(Patience);

    /// <summary>Asks again and again until the answer is yes; fails after 30 seconds.</summary>
    public static async Task UntilAsync(
        Func<Task<bool>> ask, [CallerArgumentExpression(nameof(ask))] string question = "")
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (var end = DateTime.UtcNow + Patience; !await ask().Guarded(); await timer.WaitForNextTickAsync())
        {
            if (DateTime.UtcNow > end)
                throw new AssertionException($"Not within {Patience.TotalSeconds} s: {question}");
        }
    }
}
