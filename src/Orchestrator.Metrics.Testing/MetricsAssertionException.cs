namespace Orchestrator.Metrics.Testing;

/// <summary>Thrown if metrics are not as a test expects. The message shows the lines that differ.</summary>
public sealed class MetricsAssertionException : Exception
{
    internal MetricsAssertionException(string message)
        : base(message)
    {
    }
}
