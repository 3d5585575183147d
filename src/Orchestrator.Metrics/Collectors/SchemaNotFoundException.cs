namespace Orchestrator.Metrics;

/// <summary>
/// Thrown by a repository whose tables, or whatever stands for them, do not exist yet: typically before the first
/// migration. Its families are then written without samples and the log gets one warning; the scrape does not fail.
/// </summary>
public sealed class SchemaNotFoundException : Exception
{
    /// <summary>Creates the exception.</summary>
    public SchemaNotFoundException()
        : this("The schema does not exist yet.")
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is missing; for the log.</param>
    public SchemaNotFoundException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is missing; for the log.</param>
    /// <param name="innerException">The error that told so.</param>
    public SchemaNotFoundException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
