using System.Net;
using System.Net.Sockets;

namespace Orchestrator.Metrics.Tests;

internal static class FreePort
{
    // Below the ports that systems assign by default, so that no server with an assigned port takes the port first.
    // Above 10080, which browsers block.
    private const int First = 10_100;
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
            catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                // Try another port.
            }
        }
    }
}
