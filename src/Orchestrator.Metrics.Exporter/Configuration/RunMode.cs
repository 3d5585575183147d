namespace Orchestrator.Metrics.Exporter.Configuration;

/// <summary>The mode of the program.</summary>
internal enum RunMode
{
    /// <summary>Serves metrics until the program is stopped.</summary>
    Serve,

    /// <summary>Prints the metrics, and exits.</summary>
    Once,

    /// <summary>Reports whether a scrape would succeed, and exits.</summary>
    Check,
}
