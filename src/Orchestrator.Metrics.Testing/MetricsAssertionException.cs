namespace Orchestrator.Metrics.Testing;

/// <summary>
/// Thrown when metrics differ from the expected text or are not valid OpenMetrics, or when the expected text is
/// invalid. The message shows the lines that differ, or states the cause.
/// </summary>
public sealed class MetricsAssertionException : Exception
{
    /// <summary>Creates an exception with the default message.</summary>
    public MetricsAssertionException()
    {
    }

    /// <summary>Creates an exception.</summary>
    /// <param name="message">The description of the differences or of the error.</param>
    public MetricsAssertionException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an exception with a cause.</summary>
    /// <param name="message">The description of the differences or of the error.</param>
    /// <param name="innerException">The cause.</param>
    public MetricsAssertionException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
