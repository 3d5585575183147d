namespace Orchestrator.Metrics;

/// <summary>
/// Specifies how <see cref="MetricsSnapshot.Parse(string, ExpositionParseMode)"/> treats deviations from the format.
/// </summary>
public enum ExpositionParseMode
{
    /// <summary>
    /// Accepts nearly everything that Prometheus accepts: families and samples in any order, any values, additional
    /// spaces, comments, and Prometheus text without a final line feed. Rejects invalid UTF-8, families with several
    /// types, families that write samples of the same name, samples whose names do not match the type, and timestamps
    /// that are invalid or out of range. Also rejects label names that are duplicates or <c>__name__</c> after escaping.
    /// </summary>
    Lenient,

    /// <summary>
    /// Accepts only valid OpenMetrics 1.0. Validates the syntax, the order and the grouping of lines, metadata, units,
    /// timestamps, exemplars, and the sample names, labels and values of each type. Also accepts two kinds of names
    /// that the specification does not allow: quoted names, which Prometheus 3 introduced, and names that begin with
    /// an underscore, which are reserved.
    /// </summary>
    StrictOpenMetrics,
}
