using Orchestrator.Metrics.Exporter.Yaml;

namespace Orchestrator.Metrics.Exporter.Database;

/// <summary>The parameters of a database URI, which libpq defines, and their counterparts in Npgsql.</summary>
internal static class DatabaseParameters
{
    // The parameters whose values are the same in both.
    private static readonly Dictionary<string, string> Keywords = new()
    {
        ["application_name"] = "Application Name",
        ["client_encoding"] = "Client Encoding",
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
        ["user"] = "Username",
    };

    private static readonly Dictionary<string, string> SslModes = new()
    {
        ["disable"] = "Disable",
        ["allow"] = "Allow",
        ["prefer"] = "Prefer",
        ["require"] = "Require",
        ["verify-ca"] = "VerifyCA",
        ["verify-full"] = "VerifyFull",
    };

    private static readonly Dictionary<string, string> Strengths = new()
    {
        ["disable"] = "Disable",
        ["prefer"] = "Prefer",
        ["require"] = "Require",
    };

    private static readonly Dictionary<string, string> Booleans = new() { ["0"] = "False", ["1"] = "True" };

    private static readonly Dictionary<string, string> LoadBalancing = new()
    {
        ["disable"] = "False",
        ["random"] = "True",
    };

    // Of libpq and psycopg.
    private static readonly string[] WithoutCounterpart =
    [
        "autocommit", "context", "cursor_factory", "gssdelegation", "gsslib", "hostaddr", "keepalives_count",
        "max_protocol_version", "min_protocol_version", "oauth_client_id", "oauth_client_secret", "oauth_issuer",
        "oauth_scope", "prepare_threshold", "replication", "require_auth", "requirepeer", "requiressl", "row_factory",
        "scram_client_key", "scram_server_key", "service", "servicefile", "ssl", "ssl_max_protocol_version",
        "ssl_min_protocol_version", "sslcertmode", "sslcompression", "sslcrl", "sslcrldir", "sslkeylogfile",
        "sslnegotiation", "sslsni", "tcp_user_timeout",
    ];

    // The parameters with a translation of their own, for suggestions.
    private static readonly string[] OtherNames =
    [
        "channel_binding", "fallback_application_name", "gssencmode", "host", "keepalives", "load_balance_hosts", "port",
        "sslmode", "sslrootcert", "target_session_attrs",
    ];

    private static readonly string[] Numbers = ["connect_timeout", "keepalives_idle", "keepalives_interval"];

    private static readonly string[] SessionAttributes =
        ["any", "primary", "standby", "prefer-standby", "read-only", "read-write"];

    /// <exception cref="FormatException">A parameter is unknown, or its value is invalid.</exception>
    public static void Apply(
        IEnumerable<(string Name, string Value)> parameters, SortedDictionary<string, string> values,
        DatabaseHosts hosts)
    {
        foreach (var (name, value) in parameters)
            Apply(name, value, values, hosts);
        ApplyRootCertificate(values);
    }

    private static void Apply(
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
            case "sslmode":
                values["SSL Mode"] = Translate(name, value, SslModes);
                break;
            case "ssl" when value == "true":
                values["SSL Mode"] = "Require";
                break;
            case "sslrootcert":
                values["Root Certificate"] = value;
                break;
            case "channel_binding":
                values["Channel Binding"] = Translate(name, value, Strengths);
                break;
            case "gssencmode":
                values["GSS Encryption Mode"] = Translate(name, value, Strengths);
                break;
            case "keepalives":
                values["TCP Keepalive"] = Translate(name, value, Booleans);
                break;
            case "load_balance_hosts":
                values["Load Balance Hosts"] = Translate(name, value, LoadBalancing);
                break;
            case "target_session_attrs":
                values["Target Session Attributes"] = SessionAttributes.Contains(value)
                    ? value
                    : throw Invalid(name, SessionAttributes);
                break;
            case "fallback_application_name":
                values.TryAdd("Application Name", value);
                break;
            default:
                if (Numbers.Contains(name) && (value.Length is 0 or > 9 || !value.All(char.IsAsciiDigit)))
                    throw new FormatException($"The value of the parameter '{name}' is not a number of seconds.");
                values[Keywords.GetValueOrDefault(name) ?? throw Unknown(name)] = value;
                break;
        }
    }

    /// <summary>
    /// Verifies the certificate of the server if a root certificate is given, as libpq does, also if sslmode is only
    /// "require". The name "system" means the root certificates of the operating system, which Npgsql uses by default.
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

    private static string Translate(string name, string value, Dictionary<string, string> translations) =>
        translations.GetValueOrDefault(value) ?? throw Invalid(name, translations.Keys);

    // Not the value: in a URI with a misplaced separator it may be a part of the password.
    private static FormatException Invalid(string name, IEnumerable<string> known) =>
        new($"The value of the parameter '{name}' is unknown. Use one of: {string.Join(", ", known)}.");

    // Not an unknown name: in a URI with a misplaced separator it may be a part of the password.
    private static FormatException Unknown(string name)
    {
        if (WithoutCounterpart.Contains(name))
            return new($"The parameter '{name}' has no counterpart in this program. Remove it.");
        return new("It has an unknown parameter. " + (Suggestion.Find(name, Keywords.Keys.Concat(OtherNames)) is { } known
            ? $"Did you mean '{known}'?"
            : "If the password contains '?' or '&', write these as %3F and %26."));
    }
}
