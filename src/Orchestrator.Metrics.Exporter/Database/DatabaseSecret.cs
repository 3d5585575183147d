using Orchestrator.Metrics.Exporter.Configuration;

namespace Orchestrator.Metrics.Exporter.Database;

/// <summary>The secret that names the database: a URI, or a connection string of Npgsql.</summary>
internal sealed record DatabaseSecret(
    Secret Secret, bool IsUri, int MaxConnections, IReadOnlyDictionary<string, string> Environment)
{
    /// <summary>Returns the secret of a configuration; null if it sets no database.</summary>
    public static DatabaseSecret? Find(ExporterOptions options) => options.Database is { } secret
        ? new(secret, options.DatabaseIsUri, options.DatabaseMaxConnections, options.Environment)
        : null;

    /// <summary>Reads the secret, and returns a connection string of Npgsql.</summary>
    /// <exception cref="ConfigurationException">The secret is invalid, or its file cannot be read.</exception>
    public string ReadConnectionString()
    {
        try
        {
            return ConnectionText.Normalize(Secret.Read(), IsUri, MaxConnections, Environment);
        }
        catch (FormatException exception)
        {
            throw Secret.CreateError(exception.Message);
        }
    }
}
