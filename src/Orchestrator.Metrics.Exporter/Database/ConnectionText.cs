using System.Data.Common;
using System.Globalization;
using Npgsql;

namespace Orchestrator.Metrics.Exporter.Database;

/// <summary>Validates connection strings, and adds the defaults of the exporter.</summary>
internal static class ConnectionText
{
    /// <summary>Reads a URI, or a connection string of Npgsql.</summary>
    /// <param name="text">The URI or connection string.</param>
    /// <param name="isUri">Whether it is a URI.</param>
    /// <param name="maxConnections">The maximum size of the pool, if the text sets none.</param>
    /// <param name="environment">The environment variables. The variables of libpq apply to a URI.</param>
    /// <exception cref="FormatException">
    /// The text is invalid. The message contains no part of it that may be the password.
    /// </exception>
    public static string Normalize(
        string text, bool isUri, int maxConnections, IReadOnlyDictionary<string, string> environment)
    {
        var builder = new NpgsqlConnectionStringBuilder
        {
            ApplicationName = Product.Name,

            // Otherwise PGCLIENTENCODING applies, and text from the server is decoded wrongly.
            ClientEncoding = "UTF8",
            MaxPoolSize = maxConnections,
        };
        Apply(isUri ? DatabaseUri.ToConnectionString(text, environment) : text, builder);
        if (string.IsNullOrEmpty(builder.Host))
            throw new FormatException("It names no host. Add one: Host=db.example.org;Database=...");
        if (builder.MinPoolSize > builder.MaxPoolSize)
            throw new FormatException(
                "Its minimum pool size is larger than database.max_connections. Lower it, or raise the other.");
        return builder.ConnectionString;
    }

    /// <summary>Returns the servers of a connection string, each with its port: <c>db1:5432, db2:5433</c>.</summary>
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
        ? $"The value of its keyword '{key.ToLowerInvariant()}' is invalid."
        : "It has an unknown keyword. Put values that contain ';' in quotes, and see " +
            "https://www.npgsql.org/doc/connection-string-parameters.html for the keywords.";
}
