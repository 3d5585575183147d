namespace Orchestrator.Metrics.Exporter;

/// <summary>
/// Thrown for an invalid configuration. The message contains one line per error. A line starts with the position, such
/// as <c>exporter.yaml:12:5: …</c>.
/// </summary>
internal sealed class ConfigurationException(IReadOnlyList<string> errors)
    : Exception(string.Join(Environment.NewLine, errors))
{
    /// <summary>The errors, in the order of the file.</summary>
    public IReadOnlyList<string> Errors => errors;
}
