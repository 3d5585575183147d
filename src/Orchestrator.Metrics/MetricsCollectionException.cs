namespace Orchestrator.Metrics;

/// <summary>
/// Thrown when a scrape fails because of failed collectors. The message names the collectors, not the cause, so it can
/// be shown to clients. The cause is in <see cref="Exception.InnerException"/> and in the log.
/// </summary>
public sealed class MetricsCollectionException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="failedCollectors">The names of the collectors that failed.</param>
    /// <param name="timedOut">Whether all failed collectors timed out.</param>
    /// <param name="innerException">
    /// The cause, an <see cref="AggregateException"/> if several collectors failed.
    /// </param>
    public MetricsCollectionException(
        IReadOnlyList<string> failedCollectors, bool timedOut = false, Exception? innerException = null)
        : base($"{Describe(failedCollectors, timedOut)} See the inner exception for the cause.", innerException)
    {
        FailedCollectors = failedCollectors;
        TimedOut = timedOut;
    }

    /// <summary>The names of the collectors that failed, in the order of their registration.</summary>
    public IReadOnlyList<string> FailedCollectors { get; }

    /// <summary>Whether all failed collectors timed out.</summary>
    public bool TimedOut { get; }

    private static string Describe(IReadOnlyList<string> collectors, bool timedOut)
    {
        ArgumentNullException.ThrowIfNull(collectors);
        return $"{(collectors.Count == 1 ? "This collector" : "These collectors")} " +
            $"{(timedOut ? "did not finish in time" : "failed")}: {string.Join(", ", collectors)}.";
    }
}
