namespace Orchestrator.Metrics;

/// <summary>
/// The exception that a repository throws if its tables do not exist yet, typically before the first migration. Its
/// families are then exposed without samples and one warning is logged; the scrape does not fail.
/// </summary>
public sealed class SchemaNotFoundException : Exception
{
    /// <summary>Creates the exception with a default message.</summary>
    public SchemaNotFoundException()
        : this("The schema does not exist yet.")
    {
    }

    /// <summary>Creates the exception with a message.</summary>
    /// <param name="message">What is missing, for the log.</param>
    public SchemaNotFoundException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and a cause.</summary>
    /// <param name="message">What is missing, for the log.</param>
    /// <param name="innerException">The cause, or null.</param>
    public SchemaNotFoundException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
