namespace Orchestrator.Metrics;

/// <summary>
/// Specifies how <see cref="MetricsSnapshot.Parse(string, ExpositionParseMode)"/> treats deviations from the format.
/// </summary>
public enum ExpositionParseMode
{
    /// <summary>
    /// Accepts the same input as Prometheus, except for invalid UTF-8: families and samples in any order, any values,
    /// additional spaces, comments, and Prometheus text without a final line feed.
    /// </summary>
    Lenient,

    /// <summary>
    /// Accepts only valid OpenMetrics 1.0. Validates syntax, order and grouping of lines, metadata, units, timestamps,
    /// exemplars, and the sample names, labels and values of each type. There are two exceptions: names in quotes, an
    /// extension of Prometheus 3, and names that begin with an underscore, which the specification reserves.
    /// </summary>
    StrictOpenMetrics,
}
