namespace Orchestrator.Metrics;

/// <summary>How a scrape handles failed collectors.</summary>
public enum FailurePolicy
{
    /// <summary>
    /// The whole scrape fails: over HTTP with 500, or with 503 if all failed collectors timed out. Prometheus then sets
    /// <c>up</c> to 0, so data never goes missing silently.
    /// </summary>
    FailScrape,

    /// <summary>
    /// The scrape returns the families of the other collectors, and the scrape metrics report the failure. The scrape
    /// fails only if every collector fails, or if one with <see cref="FailScrape"/> fails.
    /// </summary>
    ReportAndContinue,
}
