namespace Orchestrator.Metrics;

/// <summary>
/// Thrown by a repository whose tables, or their equivalent, do not exist, typically before the first migration. Until
/// the collector has read the tables once, its families contain no samples, a warning is logged, and the scrape
/// succeeds. Afterwards, the exception fails the collector.
/// </summary>
public sealed class SchemaNotFoundException : Exception
{
    /// <summary>Creates the exception with a default message.</summary>
    public SchemaNotFoundException()
        : this("The schema does not exist yet.")
    {
    }

    /// <summary>Creates the exception with a message.</summary>
    /// <param name="message">The missing table or schema, for the log.</param>
    public SchemaNotFoundException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and a cause.</summary>
    /// <param name="message">The missing table or schema, for the log.</param>
    /// <param name="innerException">The cause, or null.</param>
    public SchemaNotFoundException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
