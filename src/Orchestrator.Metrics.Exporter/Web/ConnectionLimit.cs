using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Orchestrator.Metrics.Exporter.Web;

/// <summary>
/// Limits the connections of each client network, so that one host cannot take all connections of the server. Closes
/// connections above the limit. Thread-safe.
/// </summary>
internal sealed class ConnectionLimit
{
    // A scraper needs one connection, and a reverse proxy needs a few.
    private const int MaxPerNetwork = 32;

    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, int> _open = [];

    // All listen addresses share the counts. Call it before adding TLS.
    public void Configure(ListenOptions listen) => listen.Use(next => connection => HandleAsync(connection, next));

    private async Task HandleAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var network = ClientNetwork.GetNetwork((connection.RemoteEndPoint as IPEndPoint)?.Address);
        if (!TryEnter(network))
            return;
        try
        {
            await next(connection);
        }
        finally
        {
            Leave(network);
        }
    }

    private bool TryEnter(IPAddress network)
    {
        lock (_lock)
        {
            var open = _open.GetValueOrDefault(network);
            if (open == MaxPerNetwork)
                return false;
            _open[network] = open + 1;
            return true;
        }
    }

    private void Leave(IPAddress network)
    {
        lock (_lock)
        {
            if (--_open[network] == 0)
                _open.Remove(network);
        }
    }
}
