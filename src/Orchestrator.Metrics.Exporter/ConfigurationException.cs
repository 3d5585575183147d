namespace Orchestrator.Metrics.Exporter;

/// <summary>
/// Thrown for an invalid configuration. The message contains one line per error. A line starts with the position in a
/// file, such as <c>exporter.yaml:12:5: …</c>, or names the file, flag or variable.
/// </summary>
internal sealed class ConfigurationException(IReadOnlyList<string> errors)
    : Exception(string.Join(Environment.NewLine, errors))
{
    /// <summary>The errors, one for each line of the message.</summary>
    public IReadOnlyList<string> Errors => errors;
}
