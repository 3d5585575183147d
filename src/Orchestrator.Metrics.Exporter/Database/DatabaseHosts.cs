using System.Globalization;

namespace Orchestrator.Metrics.Exporter.Database;

/// <summary>
/// The servers of a database URI. They are in the authority (<c>h1:5432,h2:5433</c>), in one parameter per server
/// (<c>host=h1:5432&amp;host=h2:5433</c>), or in two lists (<c>host=h1,h2&amp;port=5432,5433</c>).
/// </summary>
/// <remarks>
/// Parameters take precedence over the authority, separately for hosts and ports. Source: <c>create_connect_args</c> in
/// <c>sqlalchemy.dialects.postgresql._psycopg_common</c>.
/// </remarks>
internal sealed class DatabaseHosts
{
    private readonly List<(string Host, string? Port)> _hosts = [];
    private string[] _ports = [];
    private string[] _defaultPorts = [];
    private string? _defaultHosts;
    private string? _authorityPort;
    private bool _isFromParameter;

    /// <summary>Whether all hosts are folders of Unix domain sockets.</summary>
    public bool AreSockets => _hosts.TrueForAll(server => server.Host.StartsWith('/'));

    // In an authority, the path of a socket is percent-encoded.
    public static DatabaseHosts Parse(string authority)
    {
        var hosts = new DatabaseHosts();
        hosts.Add(authority);
        for (var i = 0; i < hosts._hosts.Count; i++)
            hosts._hosts[i] = hosts._hosts[i] with { Host = Uri.UnescapeDataString(hosts._hosts[i].Host) };
        return hosts;
    }

    // The hosts of parameters replace those of the authority, but not its port.
    public void AddParameter(string hosts)
    {
        if (!_isFromParameter)
        {
            _authorityPort = _hosts is [var single] ? single.Port : null;
            _hosts.Clear();
        }

        _isFromParameter = true;
        Add(hosts);
    }

    /// <summary>Adds one port for all hosts, or one for each.</summary>
    public void AddPorts(string ports) => _ports = [.. _ports, .. ports.Split(',')];

    /// <summary>Sets the hosts that apply if the URI contains none.</summary>
    public void SetDefaults(string hosts) => _defaultHosts = hosts;

    /// <summary>Sets one port for all hosts without a port, or one for each host.</summary>
    public void SetDefaultPorts(string ports) => _defaultPorts = ports.Split(',');

    public void ApplyTo(SortedDictionary<string, string> values)
    {
        if (_hosts.TrueForAll(server => server.Host.Length == 0) && _defaultHosts is not null)
            AddParameter(_defaultHosts);
        if (_hosts.Count == 0)
            throw new FormatException(
                "It names no host. Add one: postgresql://user@host/database, or " +
                "postgresql:///database?host=/var/run/postgresql for a socket.");

        // Such a host may be a part of the password, which must reach neither DNS nor the message.
        if (_hosts.Exists(server => server.Host.Contains('@', StringComparison.Ordinal)))
            throw new FormatException("It has a host that contains '@'. Write '@' in a user name or password as %40.");
        CheckCount(_ports);
        if (_hosts.Exists(server => server.Port is null))
            CheckCount(_defaultPorts);
        var servers = _hosts.Select((server, i) => server with
        {
            Port = Validate(SelectPort(server.Port, Find(_ports, i)) ?? Find(_defaultPorts, i)),
        }).ToArray();
        if (servers is [var (host, port)])
        {
            if (values.GetValueOrDefault("Target Session Attributes") is not (null or "any"))
                throw new FormatException(
                    "The parameter 'target_session_attrs', or the environment variable PGTARGETSESSIONATTRS, needs " +
                    "several hosts in this program. Remove it.");
            values["Host"] = host;
            if (port is not null)
                values["Port"] = port;
            return;
        }

        values["Host"] = string.Join(',', servers.Select(server =>
            (server.Host.Contains(':', StringComparison.Ordinal) ? $"[{server.Host}]" : server.Host)
            + (server.Port is null ? "" : $":{server.Port}")));
    }

    private void CheckCount(string[] ports)
    {
        if (ports.Length > 1 && ports.Length != _hosts.Count)
            throw new FormatException(string.Create(
                CultureInfo.InvariantCulture,
                $"It has {_hosts.Count} hosts, but " +
                $"{ports.Length} ports. Write one port for each host, or one for all."));
    }

    private static string? Find(string[] ports, int index) => ports.Length > 1 ? ports[index] : ports.FirstOrDefault();

    private string? SelectPort(string? own, string? parameter) => _isFromParameter
        ? own ?? parameter ?? (_hosts is [_] ? _authorityPort : null)
        : parameter ?? own;

    private void Add(string hosts)
    {
        foreach (var server in hosts.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var isPath = server[0] == '/';
            var colon = isPath ? -1 : server.IndexOf(':', server.LastIndexOf(']') + 1);
            var isBareIPv6 = server[0] != '[' && colon >= 0 && server.LastIndexOf(':') != colon;
            if (colon < 0 || isBareIPv6)
                _hosts.Add((server.Trim('[', ']'), null));
            else
                _hosts.Add((server[..colon].Trim('[', ']'), server[(colon + 1)..]));
        }
    }

    private static string? Validate(string? port) => port switch
    {
        null or "" => null,
        _ when ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 =>
            port,

        // Omits the value: in a URI with a misplaced '@', it may be a part of the password.
        _ => throw new FormatException(
            "It has a port that is not a number from 1 to 65535. If the password contains '/', '?', '#' or '@', " +
            "write these as %2F, %3F, %23 and %40."),
    };
}
