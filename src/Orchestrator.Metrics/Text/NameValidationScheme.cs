namespace Orchestrator.Metrics;

/// <summary>
/// The rules for metric and label names. The members are named after the values of <c>metric_name_validation_scheme</c>
/// in the Prometheus configuration.
/// </summary>
public enum NameValidationScheme
{
    /// <summary>
    /// ASCII letters, digits, underscores and, in metric names, colons; the first character is not a digit. Every
    /// version of Prometheus accepts these names.
    /// </summary>
    Legacy,

    /// <summary>
    /// Any non-empty string of valid Unicode, such as <c>http.server.duration</c>. Readers that do not accept such
    /// names receive escaped names; see <see cref="EscapingScheme"/>.
    /// </summary>
    Utf8,
}
