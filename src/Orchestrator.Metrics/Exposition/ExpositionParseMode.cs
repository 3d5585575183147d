namespace Orchestrator.Metrics;

/// <summary>How <see cref="MetricsSnapshot.Parse(string, ExpositionParseMode)"/> treats deviations from the format.</summary>
public enum ExpositionParseMode
{
    /// <summary>
    /// Accepts what Prometheus accepts: families and samples in any order, any values, additional spaces, comments.
    /// </summary>
    Lenient,

    /// <summary>
    /// Accepts valid OpenMetrics 1.0 only: syntax, order and grouping of lines, metadata, units, timestamps, exemplars,
    /// and the sample names, labels and values of each type. Names in quotes are an extension of Prometheus 3 and are
    /// accepted, and so are names that begin with an underscore, which the specification reserves.
    /// </summary>
    StrictOpenMetrics,
}
