namespace Orchestrator.Metrics.Exporter.Database;

/// <summary>
/// The environment variables of libpq, such as <c>PGSSLMODE</c>. A variable applies if the database URI does not set
/// its parameter. Npgsql reads only some of the variables, and does not follow the rules of libpq.
/// </summary>
/// <remarks>Source: "Environment Variables" (libpq-envars) in the PostgreSQL documentation.</remarks>
internal static class DatabaseEnvironment
{
    // Omits PGCLIENTENCODING: this program always uses UTF-8.
    private static readonly (string Variable, string Parameter)[] Variables =
    [
        ("PGAPPNAME", "application_name"), ("PGCHANNELBINDING", "channel_binding"),
        ("PGCONNECT_TIMEOUT", "connect_timeout"), ("PGDATABASE", "dbname"), ("PGGSSDELEGATION", "gssdelegation"),
        ("PGGSSENCMODE", "gssencmode"), ("PGGSSLIB", "gsslib"), ("PGHOST", "host"), ("PGHOSTADDR", "hostaddr"),
        ("PGKRBSRVNAME", "krbsrvname"), ("PGLOADBALANCEHOSTS", "load_balance_hosts"),
        ("PGMAXPROTOCOLVERSION", "max_protocol_version"), ("PGMINPROTOCOLVERSION", "min_protocol_version"),
        ("PGOPTIONS", "options"), ("PGPASSFILE", "passfile"), ("PGPASSWORD", "password"), ("PGPORT", "port"),
        ("PGREQUIREAUTH", "require_auth"), ("PGREQUIREPEER", "requirepeer"), ("PGREQUIRESSL", "requiressl"),
        ("PGSERVICE", "service"), ("PGSERVICEFILE", "servicefile"), ("PGSSLCERT", "sslcert"),
        ("PGSSLCERTMODE", "sslcertmode"), ("PGSSLCOMPRESSION", "sslcompression"), ("PGSSLCRL", "sslcrl"),
        ("PGSSLCRLDIR", "sslcrldir"), ("PGSSLKEY", "sslkey"), ("PGSSLMAXPROTOCOLVERSION", "ssl_max_protocol_version"),
        ("PGSSLMINPROTOCOLVERSION", "ssl_min_protocol_version"), ("PGSSLMODE", "sslmode"),
        ("PGSSLNEGOTIATION", "sslnegotiation"), ("PGSSLROOTCERT", "sslrootcert"), ("PGSSLSNI", "sslsni"),
        ("PGTARGETSESSIONATTRS", "target_session_attrs"), ("PGUSER", "user"),
    ];

    public static void Apply(
        IReadOnlyDictionary<string, string> environment, IReadOnlyCollection<string> given,
        SortedDictionary<string, string> values, DatabaseHosts hosts)
    {
        foreach (var (variable, parameter) in Variables)
        {
            if (given.Contains(parameter) || environment.GetValueOrDefault(variable) is not { Length: > 0 } value)
                continue;
            try
            {
                if (parameter == "host")
                    hosts.SetDefaults(value);
                else if (parameter == "port")
                    hosts.SetDefaultPorts(value);
                else
                    DatabaseParameters.Apply(parameter, value, values, hosts);
            }
            catch (FormatException exception)
            {
                throw new FormatException($"The environment variable {variable} applies to it. {exception.Message}");
            }
        }
    }
}
