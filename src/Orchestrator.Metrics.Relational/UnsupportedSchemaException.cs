namespace Orchestrator.Metrics;

/// <summary>
/// Thrown by the repositories of this package if the schema of orchestrator-core is older than their queries support.
/// The message names the oldest supported version and the difference.
/// </summary>
public sealed class UnsupportedSchemaException : NotSupportedException
{
    internal UnsupportedSchemaException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
