namespace Orchestrator.Metrics;

/// <summary>
/// Thrown if collectors failed and the scrape with them. The message names the collectors and says nothing of why,
/// so that it may be shown to anyone; why is in <see cref="Exception.InnerException"/>, and in the log of a host.
/// </summary>
public sealed class MetricsCollectionException : Exception
{
    internal MetricsCollectionException(IReadOnlyList<string> failedCollectors, bool timedOut, Exception innerException)
        : base($"{Describe(failedCollectors, timedOut)} The inner exception says why.", innerException)
    {
        FailedCollectors = failedCollectors;
        TimedOut = timedOut;
    }

    /// <summary>The names of the collectors that failed, in the order of their registration.</summary>
    public IReadOnlyList<string> FailedCollectors { get; }

    /// <summary>Whether all of them failed because their time was up.</summary>
    public bool TimedOut { get; }

    private static string Describe(IReadOnlyList<string> collectors, bool timedOut) =>
        $"{(collectors.Count == 1 ? "This collector" : "These collectors")} " +
        $"{(timedOut ? "did not finish in time" : "failed")}: {string.Join(", ", collectors)}.";
}
