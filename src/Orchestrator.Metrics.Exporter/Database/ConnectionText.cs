using System.Data.Common;
using System.Globalization;
using Npgsql;
using Orchestrator.Metrics.Exporter.Configuration;

namespace Orchestrator.Metrics.Exporter.Database;

internal static class ConnectionText
{
    /// <summary>Reads the secret of a configuration, and returns a valid connection string of Npgsql.</summary>
    /// <exception cref="ConfigurationException">The secret is invalid, or its file cannot be read.</exception>
    public static string Read(ExporterOptions options)
    {
        var secret = options.Database!;
        try
        {
            return Normalize(
                secret.Read(), options.DatabaseIsUri, options.DatabaseMaxConnections, options.Environment);
        }
        catch (FormatException exception)
        {
            throw secret.CreateError(exception.Message);
        }
    }

    /// <summary>
    /// Converts a URI or a connection string into a valid connection string of Npgsql. The text may override the size
    /// of the pool. The variables of libpq apply to a URI.
    /// </summary>
    /// <exception cref="FormatException">
    /// The text is invalid. The message contains no part of it that may be the password.
    /// </exception>
    public static string Normalize(
        string text, bool isUri, int maxConnections, IReadOnlyDictionary<string, string> environment)
    {
        var builder = new NpgsqlConnectionStringBuilder
        {
            ApplicationName = Product.Name,

            // Otherwise, PGCLIENTENCODING would apply, and text from the server would be decoded incorrectly.
            ClientEncoding = "UTF8",
            MaxPoolSize = maxConnections,
        };
        Apply(isUri ? DatabaseUri.ToConnectionString(text, environment) : text, builder);
        if (string.IsNullOrEmpty(builder.Host))
            throw new FormatException("It names no host. Add one: Host=db.example.org;Database=...");
        if (builder.MinPoolSize > builder.MaxPoolSize)
            throw new FormatException(
                "Its minimum pool size is larger than the maximum, which is database.max_connections by default. " +
                "Lower the minimum, or raise the maximum.");
        return builder.ConnectionString;
    }

    /// <summary>Returns each server with its port: <c>db1:5432, db2:5433</c>.</summary>
    public static string GetServers(string connectionString)
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString);
        return string.Join(", ", builder.Host!.Split(',', StringSplitOptions.TrimEntries).Select(host =>
            HasPort(host) ? host : string.Create(CultureInfo.InvariantCulture, $"{host}:{builder.Port}")));

        // An IPv6 address is in brackets if a port follows.
        static bool HasPort(string host) => host.IndexOf(':', host.LastIndexOf(']') + 1) is >= 0 and var colon
            && host.LastIndexOf(':') == colon;
    }

    private static void Apply(string text, NpgsqlConnectionStringBuilder builder)
    {
        var pairs = new DbConnectionStringBuilder();
        try
        {
            pairs.ConnectionString = text;
        }
        catch (ArgumentException)
        {
            throw new FormatException(
                "It is not a connection string. Write it like Host=db.example.org;Username=user;Password=...;" +
                "Database=orchestrator-core, with values that contain ';' or quotes in quotes.");
        }

        foreach (var key in pairs.Keys.Cast<string>())
        {
            try
            {
                builder[key] = pairs[key];
            }
            catch (Exception exception) when (
                exception is ArgumentException or FormatException or InvalidCastException or OverflowException
                    or KeyNotFoundException or NotSupportedException)
            {
                throw new FormatException(Describe(key));
            }
        }
    }

    // An unknown keyword may be a part of a password with an unquoted ';', so errors name only known keywords.
    private static string Describe(string key) => new NpgsqlConnectionStringBuilder().ContainsKey(key)
        ? $"The value of its keyword '{key.ToLowerInvariant()}' is invalid. Correct it."
        : "It has an unknown keyword. Put values that contain ';' in quotes, and see " +
            "https://www.npgsql.org/doc/connection-string-parameters.html for the keywords.";
}
