namespace Orchestrator.Metrics;

/// <summary>
/// Which metric and label names are valid. Same names as <c>metric_name_validation_scheme</c> in the configuration
/// of Prometheus.
/// </summary>
public enum NameValidationScheme
{
    /// <summary>
    /// ASCII letters, digits and underscores, in metric names colons too, not starting with a digit. Every version
    /// of Prometheus reads these.
    /// </summary>
    Legacy,

    /// <summary>
    /// Any text that is not empty and is valid Unicode, such as <c>http.server.duration</c>. A reader that cannot
    /// take such names gets them escaped; see <see cref="EscapingScheme"/>.
    /// </summary>
    Utf8,
}
