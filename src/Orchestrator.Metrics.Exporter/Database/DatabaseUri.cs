using System.Data.Common;

namespace Orchestrator.Metrics.Exporter.Database;

/// <summary>
/// Reads the setting DATABASE_URI of orchestrator-core as SQLAlchemy and psycopg do, and returns the connection string
/// of Npgsql for the same database. Errors never contain a part of the URI that may be the password.
/// </summary>
/// <remarks>
/// SQLAlchemy splits the URI at the first <c>@</c> after the colon of the password, so the password may contain
/// <c>/</c>, <c>?</c> and <c>#</c> unencoded. Here, the password may also contain <c>@</c>: it ends at the last
/// <c>@</c> before the database.
/// Source: <c>sqlalchemy.engine.url</c>, and "Connection Strings" (libpq-connect) in the PostgreSQL documentation.
/// </remarks>
internal static class DatabaseUri
{
    private const string Example = "postgresql+psycopg://user:password@host:5432/database";

    /// <exception cref="FormatException">
    /// The URI is invalid, or a parameter of the URI or the environment has no counterpart in Npgsql.
    /// </exception>
    public static string ToConnectionString(string uri, IReadOnlyDictionary<string, string> environment)
    {
        var (authority, credentials, path) = Split(RemoveScheme(uri.Trim()));
        var (database, query) = SplitAt(path, '?');
        (string Name, string Value)[] parameters = [.. ParseQuery(query ?? "")];
        var hosts = DatabaseHosts.Parse(authority);
        var values = new SortedDictionary<string, string>(StringComparer.Ordinal);
        DatabaseEnvironment.Apply(environment, [.. parameters.Select(parameter => parameter.Name)], values, hosts);
        SetCredentials(values, credentials);

        // Otherwise, a part of the password would become the host, and would be logged.
        if (database.Contains('@', StringComparison.Ordinal))
            throw new FormatException(
                "It has an '@' in the name of the database. If the password contains '@' and '/', write these as %40 " +
                "and %2F.");
        if (database is ['/', _, ..])
            values["Database"] = Unescape(database[1..]);
        foreach (var (name, value) in parameters)
            DatabaseParameters.Apply(name, value, values, hosts);
        DatabaseParameters.Complete(values);
        hosts.ApplyTo(values);

        // As in libpq: PostgreSQL does not support TLS on sockets, but Npgsql would require it.
        if (hosts.AreSockets)
        {
            values.Remove("SSL Mode");
            values.Remove("SSL Negotiation");
        }

        // The builder quotes values where needed.
        var builder = new DbConnectionStringBuilder();
        foreach (var (key, value) in values)
        {
            // The builder would throw an ArgumentException.
            if (value.Contains('\0', StringComparison.Ordinal))
                throw new FormatException("It contains the character NUL, or %00. Remove it.");
            builder[key] = value;
        }

        return builder.ConnectionString;
    }

    private static string RemoveScheme(string uri)
    {
        var end = uri.IndexOf("://", StringComparison.Ordinal);
        if (end < 0)
            throw new FormatException($"It is not a URI. Write it like {Example}.");
        var (dialect, driver) = SplitAt(uri[..end], '+');
        if (dialect is not ("postgresql" or "postgres")
            || driver is "" || driver?.All(char.IsAsciiLetterOrDigit) == false)
            throw new FormatException(
                $"It does not start with postgresql:// or postgresql+<driver>://. Write it like {Example}.");
        return uri[(end + 3)..];
    }

    /// <summary>Splits the part after the scheme as the regular expression of SQLAlchemy does.</summary>
    private static (string Authority, string? Credentials, string Path) Split(string rest)
    {
        var at = FindEndOfCredentials(rest);
        var credentials = at < 0 ? null : rest[..at];
        rest = rest[(at + 1)..];
        var path = rest.IndexOfAny(['/', '?']);
        return path < 0 ? (rest, credentials, "") : (rest[..path], credentials, rest[path..]);
    }

    private static int FindEndOfCredentials(string rest)
    {
        var colon = rest.IndexOfAny([':', '/', '?', '[']);
        if (colon >= 0 && rest[colon] == ':' && rest.IndexOf('@', colon) is >= 0 and var first
            && !IsPort(rest[(colon + 1)..first]))
        {
            var end = rest.IndexOfAny(['/', '?'], first);
            return rest.LastIndexOf('@', end < 0 ? rest.Length - 1 : end);
        }

        return colon < 0 ? rest.LastIndexOf('@') : rest[..colon].LastIndexOf('@');
    }

    /// <summary>
    /// Returns whether the text is a port, possibly with further hosts, followed by a database and parameters that
    /// contain an <c>@</c>. Otherwise, it is a password, such as <c>5432,secret</c>.
    /// </summary>
    private static bool IsPort(string text)
    {
        var end = text.IndexOfAny(['/', '?']);
        if (end <= 0 || !char.IsAsciiDigit(text[0]))
            return false;
        var rest = text.AsSpan(0, end).TrimStart("0123456789");
        return rest is "" || rest[0] == ',';
    }

    private static void SetCredentials(SortedDictionary<string, string> values, string? credentials)
    {
        if (credentials is null)
            return;
        var (user, password) = SplitAt(credentials, ':');
        if (user.Length > 0)
            values["Username"] = Unescape(user);
        if (!string.IsNullOrEmpty(password))
            values["Password"] = Unescape(password);
    }

    /// <summary>Returns the parameters that have a value. SQLAlchemy ignores parameters without one.</summary>
    private static IEnumerable<(string Name, string Value)> ParseQuery(string query)
    {
        foreach (var pair in query.Split('&'))
        {
            var (name, value) = SplitAt(pair.Replace('+', ' '), '=');
            if (!string.IsNullOrEmpty(value))
                yield return (Unescape(name), Unescape(value));
        }
    }

    private static string Unescape(string text) => Uri.UnescapeDataString(text);

    private static (string Before, string? After) SplitAt(string text, char separator) =>
        text.IndexOf(separator, StringComparison.Ordinal) is >= 0 and var index
            ? (text[..index], text[(index + 1)..])
            : (text, null);
}
