namespace Orchestrator.Metrics.Exporter.Configuration;

/// <summary>What the program does.</summary>
internal enum RunMode
{
    /// <summary>Serves metrics until it is told to stop.</summary>
    Serve,

    /// <summary>Prints the metrics, and ends.</summary>
    Once,

    /// <summary>Reports whether a scrape would succeed, and ends.</summary>
    Check,
}
