namespace Orchestrator.Metrics.Logging;

/// <summary>Why a collector failed.</summary>
internal enum FailureReason
{
    /// <summary>It threw, or returned families that break a rule.</summary>
    Error,

    /// <summary>It exceeded its own timeout.</summary>
    Timeout,

    /// <summary>It exceeded the timeout of a scrape. Counted once per run.</summary>
    ScrapeTimeout,

    /// <summary>Its families conflict with those of another collector.</summary>
    Conflict,
}
