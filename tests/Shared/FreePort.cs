using System.Net;
using System.Net.Sockets;

namespace Orchestrator.Metrics.Tests;

internal static class FreePort
{
    // Below the ports that the system assigns, so that no server with an assigned port takes the port before its use.
    private const int First = 10_000;
    private const int End = 30_000;

    public static int Find()
    {
        while (true)
        {
            var port = Random.Shared.Next(First, End);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // The port is in use.
            }
        }
    }
}
