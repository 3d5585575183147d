using System.Globalization;

namespace Orchestrator.Metrics.Exporter.Database;

/// <summary>The parameters of a database URI, which libpq defines, and their counterparts in Npgsql.</summary>
internal static class DatabaseParameters
{
    // The parameters whose values are the same in libpq and Npgsql.
    private static readonly Dictionary<string, string> Keywords = new()
    {
        ["application_name"] = "Application Name",
        ["connect_timeout"] = "Timeout",
        ["dbname"] = "Database",
        ["keepalives_idle"] = "TCP Keepalive Time",
        ["keepalives_interval"] = "TCP Keepalive Interval",
        ["krbsrvname"] = "Kerberos Service Name",
        ["options"] = "Options",
        ["passfile"] = "Passfile",
        ["password"] = "Password",
        ["sslcert"] = "SSL Certificate",
        ["sslkey"] = "SSL Key",
        ["sslpassword"] = "SSL Password",
        ["sslrootcert"] = "Root Certificate",
        ["user"] = "Username",
    };

    private static readonly Dictionary<string, string> Strengths = new()
    {
        ["disable"] = "Disable",
        ["prefer"] = "Prefer",
        ["require"] = "Require",
    };

    // The parameters with a fixed set of values, which may have other names in Npgsql.
    private static readonly Dictionary<string, (string Keyword, Dictionary<string, string> Values)> Translations = new()
    {
        ["channel_binding"] = ("Channel Binding", Strengths),
        ["gssencmode"] = ("GSS Encryption Mode", Strengths),
        ["keepalives"] = ("TCP Keepalive", new() { ["0"] = "False", ["1"] = "True" }),
        ["load_balance_hosts"] = ("Load Balance Hosts", new() { ["disable"] = "False", ["random"] = "True" }),
        ["sslmode"] = ("SSL Mode", new()
        {
            ["disable"] = "Disable",
            ["allow"] = "Allow",
            ["prefer"] = "Prefer",
            ["require"] = "Require",
            ["verify-ca"] = "VerifyCA",
            ["verify-full"] = "VerifyFull",
        }),
        ["sslnegotiation"] = ("SSL Negotiation", new() { ["direct"] = "Direct", ["postgres"] = "Postgres" }),
        ["target_session_attrs"] = (
            "Target Session Attributes",
            new[] { "any", "primary", "standby", "prefer-standby", "read-only", "read-write" }
                .ToDictionary(name => name)),
    };

    private static readonly Dictionary<string, string> Authentications = new()
    {
        ["gss"] = "GSS",
        ["md5"] = "MD5",
        ["none"] = "None",
        ["password"] = "Password",
        ["scram-sha-256"] = "ScramSHA256",
        ["sspi"] = "SSPI",
    };

    // Parameters of libpq and psycopg that Npgsql does not support.
    private static readonly string[] WithoutCounterpart =
    [
        "autocommit", "context", "cursor_factory", "gssdelegation", "gsslib", "hostaddr", "keepalives_count",
        "max_protocol_version", "min_protocol_version", "oauth_client_id", "oauth_client_secret", "oauth_issuer",
        "oauth_scope", "prepare_threshold", "replication", "requirepeer", "requiressl", "row_factory",
        "scram_client_key", "scram_server_key", "service", "servicefile", "ssl", "ssl_max_protocol_version",
        "ssl_min_protocol_version", "sslcertmode", "sslcompression", "sslcrl", "sslcrldir", "sslkeylogfile",
        "sslsni", "tcp_user_timeout",
    ];

    // Further supported parameters, for suggestions.
    private static readonly string[] OtherNames =
        ["client_encoding", "fallback_application_name", "host", "port", "require_auth"];

    // In seconds. Npgsql limits the timeout, and multiplies the keepalives by 1000.
    private static readonly Dictionary<string, int> LargestNumbers = new()
    {
        ["connect_timeout"] = 1024,
        ["keepalives_idle"] = int.MaxValue / 1000,
        ["keepalives_interval"] = int.MaxValue / 1000,
    };

    /// <summary>Applies the rules that involve several parameters. Call it after all parameters are applied.</summary>
    public static void Complete(SortedDictionary<string, string> values)
    {
        ApplyRootCertificate(values);
        if (values.GetValueOrDefault("SSL Negotiation") == "Direct"
            && values.GetValueOrDefault("SSL Mode") is not ("Require" or "VerifyCA" or "VerifyFull"))
            throw new FormatException(
                "The parameter sslnegotiation=direct needs sslmode=require or a stricter one. Set it.");

        // Npgsql requires both settings. libpq leaves the time to the system; 7200 seconds is the default of Linux.
        if (values.ContainsKey("TCP Keepalive Interval"))
            values.TryAdd("TCP Keepalive Time", "7200");
    }

    public static void Apply(
        string name, string value, SortedDictionary<string, string> values, DatabaseHosts hosts)
    {
        switch (name)
        {
            case "host":
                hosts.AddParameter(value);
                break;
            case "port":
                hosts.AddPorts(value);
                break;
            case "ssl" when value == "true":
                values["SSL Mode"] = "Require";
                break;
            case "require_auth":
                values["Require Auth"] = TranslateAuthentications(name, value);
                break;
            case "client_encoding":
                if (!IsUtf8(value))
                    throw new FormatException(
                        "The parameter 'client_encoding' is not UTF8, which this program needs. Remove it.");
                break;
            case "fallback_application_name":
                values.TryAdd("Application Name", value);
                break;
            case var _ when Translations.TryGetValue(name, out var translation):
                values[translation.Keyword] = Translate(name, value, translation.Values);
                break;
            default:
                if (LargestNumbers.TryGetValue(name, out var largest) && !IsNumber(value, largest))
                    throw new FormatException(
                        $"The value of the parameter '{name}' is not a number from 0 to {largest}. Correct it.");
                values[Keywords.GetValueOrDefault(name) ?? throw CreateUnknownParameterError(name)] = value;
                break;
        }
    }

    private static bool IsNumber(string value, int largest) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= largest;

    // "auto" selects the encoding of the client's locale, which is UTF-8 here.
    private static bool IsUtf8(string value) =>
        value.Replace("-", "", StringComparison.Ordinal).ToLowerInvariant() is "utf8" or "unicode" or "auto";

    /// <summary>Translates a list of methods: all allowed, or all forbidden, each with a leading '!'.</summary>
    private static string TranslateAuthentications(string name, string value)
    {
        var methods = value.Split(',');
        var isForbidden = value.StartsWith('!');
        if (Array.Exists(methods, method => method.StartsWith('!') != isForbidden))
            throw new FormatException($"The parameter '{name}' mixes allowed and forbidden methods. Remove one kind.");
        return string.Join(',', methods.Select(method =>
            (isForbidden ? "!" : "") + Translate(name, method.TrimStart('!'), Authentications)));
    }

    /// <summary>
    /// Makes sslmode=require verify the certificate of the server if a root certificate is set, as in libpq. The name
    /// "system" stands for the root certificates of the operating system, which Npgsql uses by default.
    /// </summary>
    private static void ApplyRootCertificate(SortedDictionary<string, string> values)
    {
        if (!values.TryGetValue("Root Certificate", out var certificate))
            return;
        var mode = values.GetValueOrDefault("SSL Mode");
        if (certificate == "system")
        {
            if (mode is not (null or "VerifyFull"))
                throw new FormatException("The parameter sslrootcert=system needs sslmode=verify-full. Set it.");
            values.Remove("Root Certificate");
            values["SSL Mode"] = "VerifyFull";
        }
        else if (mode == "Require")
        {
            values["SSL Mode"] = "VerifyCA";
        }
    }

    // Errors omit values and unknown names: in a URI with a misplaced separator, they may be a part of the password.
    private static string Translate(string name, string value, Dictionary<string, string> translations) =>
        translations.GetValueOrDefault(value) ?? throw new FormatException(
            $"The value of the parameter '{name}' is unknown. Use one of: {string.Join(", ", translations.Keys)}.");

    private static FormatException CreateUnknownParameterError(string name)
    {
        if (WithoutCounterpart.Contains(name))
            return new($"The parameter '{name}' has no counterpart in this program. Remove it.");
        string[] known = [.. Keywords.Keys, .. Translations.Keys, .. OtherNames];
        return new("It has an unknown parameter. " + (Suggestion.Find(name, known) is { } suggestion
            ? $"Did you mean '{suggestion}'?"
            : "If the password contains '?' or '&', write these as %3F and %26."));
    }
}
