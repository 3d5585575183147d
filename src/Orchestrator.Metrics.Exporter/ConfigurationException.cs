namespace Orchestrator.Metrics.Exporter;

/// <summary>
/// The errors of an invalid configuration. Each starts with its position in a file, such as
/// <c>exporter.yaml:12:5: …</c>, or names the file, flag or variable.
/// </summary>
internal sealed class ConfigurationException(IReadOnlyList<string> errors)
    : Exception(string.Join(Environment.NewLine, errors))
{
    public IReadOnlyList<string> Errors => errors;
}
