namespace Orchestrator.Metrics;

/// <summary>What a failed collector means for a scrape.</summary>
public enum FailurePolicy
{
    /// <summary>
    /// The whole scrape fails, over HTTP with 500, or 503 if time was up, so that <c>up</c> is 0 and nobody takes part
    /// of the data for all of it.
    /// </summary>
    FailScrape,

    /// <summary>
    /// The other collectors are served, and the scrape metrics tell who failed. If every collector failed, so does
    /// the scrape.
    /// </summary>
    ReportAndContinue,
}
