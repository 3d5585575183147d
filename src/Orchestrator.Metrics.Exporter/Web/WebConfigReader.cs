using System.Globalization;
using System.Text.RegularExpressions;
using Orchestrator.Metrics.Exporter.Yaml;

namespace Orchestrator.Metrics.Exporter.Web;

/// <summary>
/// Reads a web configuration file in the format of the exporter toolkit of Prometheus (docs/web-configuration.md).
/// </summary>
internal static partial class WebConfigReader
{
    // Only one password check runs at a time, so it delays all other checks. With a cost of 16, it takes about 5 s.
    private const int MaxCost = 16;

    // The only headers that the exporter toolkit allows, with their values; null allows any value.
    private static readonly Dictionary<string, string[]?> AllowedHeaders = new()
    {
        ["Content-Security-Policy"] = null,
        ["Strict-Transport-Security"] = null,
        ["X-Content-Type-Options"] = ["nosniff"],
        ["X-Frame-Options"] = ["deny", "sameorigin"],
        ["X-XSS-Protection"] = null,
    };

    // Paths in the file are relative to its folder. Reads the certificates too.
    public static WebConfig Read(string path, string text, ILogger logger, WebConfig? previous = null)
    {
        var errors = new ConfigurationErrors();
        var root = YamlFile.Parse(text, path, errors);
        errors.ThrowIfAny();
        var (http2, headers) = ReadHttp(root!.Find("http_server_config")?.AsMap());
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var tls = root.Find("tls_server_config")?.AsMap() is { } section
            ? TlsOptionsReader.Read(section, folder, http2)
            : null;
        var users = ReadUsers(root.Find("basic_auth_users")?.AsMap());
        if (root.Find("rate_limit") is not null)
            root.AddError("rate_limit", "rate_limit is not supported. Remove it; web.max_requests of the exporter " +
                "limits scrapes that run at the same time.");
        root.RejectUnknownKeys();
        errors.ThrowIfAny();
        return new WebConfig(
            tls is null ? null : ServerTls.Watch(tls, logger),
            headers,
            users.Count == 0
                ? null
                : new BasicAuthUsers(
                    users, (password, hash) => BCrypt.Net.BCrypt.Verify(password, hash), previous?.Users));
    }

    private static (bool Http2, IReadOnlyDictionary<string, string> Headers) ReadHttp(YamlMap? map)
    {
        var headers = new Dictionary<string, string>();
        var http2 = map?.Find("http2")?.AsBoolean() ?? true;
        if (map?.Find("headers")?.AsMap() is { } section)
        {
            foreach (var (name, allowed) in AllowedHeaders)
            {
                if (section.Find(name) is { } value && ReadHeader(value, allowed) is { Length: > 0 } text)
                    headers[name] = text;
            }

            section.RejectUnknownKeys();
        }

        map?.RejectUnknownKeys();
        return (http2, headers);
    }

    private static string? ReadHeader(YamlValue value, string[]? allowed)
    {
        if (value.AsString() is not { } text)
            return null;
        if (allowed is not null && text.Length > 0 && !allowed.Contains(text))
            value.AddError($"'{text}' is not supported. Write {string.Join(" or ", allowed)}.");
        else if (text.Any(character => character is < ' ' or > '~'))
            value.AddError("A header must be a line of printable ASCII characters. Correct it.");
        else
            return text;
        return null;
    }

    private static Dictionary<string, string> ReadUsers(YamlMap? map)
    {
        var users = new Dictionary<string, string>();
        foreach (var (name, value) in map?.Entries ?? [])
        {
            if (name.Length == 0 || name.Contains(':', StringComparison.Ordinal))
                map!.AddError(name, "The name of a user must not be empty or contain a colon. Rename the user.");
            if (value.AsString() is not { } hash)
                continue;
            if (BcryptHash().Match(hash) is not { Success: true } match)
                value.AddError("The value is not a bcrypt hash. Create one: htpasswd -nBC 10 \"\" | tr -d ':\\n'.");
            else if (int.Parse(match.Groups["cost"].ValueSpan, CultureInfo.InvariantCulture) > MaxCost)
                value.AddError($"The cost of the bcrypt hash is above {MaxCost}, which takes many seconds. Use 10.");
            else
                users[name] = hash;
        }

        return users;
    }

    [GeneratedRegex(
        @"^\$2[aby]\$(?<cost>0[4-9]|[12][0-9]|3[01])\$[./A-Za-z0-9]{53}\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex BcryptHash();
}
