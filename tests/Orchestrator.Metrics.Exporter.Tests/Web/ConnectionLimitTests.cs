using System.Net;
using System.Net.Sockets;
using Orchestrator.Metrics.Exporter.Tests.Hosting;
using Orchestrator.Metrics.Exporter.Web;
using Orchestrator.Metrics.Tests;

namespace Orchestrator.Metrics.Exporter.Tests.Web;

internal sealed class ConnectionLimitTests
{
    private static readonly IPAddress Attacker = IPAddress.Parse("127.0.0.2");

    [Test]
    public async Task Idle_connections_of_one_address_do_not_lock_out_other_addresses()
    {
        await using var exporter = await ExporterProcess.StartAsync($"postgresql://u:p@127.0.0.1:{FreePort.Find()}/db");
        var server = new IPEndPoint(IPAddress.Loopback, exporter.Client.BaseAddress!.Port);
        var flood = new List<(Socket Socket, Task<int> End)>();
        try
        {
            for (var i = 0; i < 260; i++)
            {
                var socket = await ConnectAsync(server);
                flood.Add((socket, ReadAsync(socket)));
            }

            var closed = await Waiting.UntilAsync(() => flood.Count(each => each.End.IsCompleted), count => count >= 228);
            Assert.That(closed, Is.EqualTo(228));
            using var other = new HttpClient();
            Assert.That(await other.GetStringAsync($"http://{server}/-/healthy").Soon(), Is.Not.Empty);
        }
        finally
        {
            flood.ForEach(each => each.Socket.Dispose());
        }

        // The address may connect again when its connections are closed.
        await Waiting.UntilAsync(
            async () =>
            {
                using var socket = await ConnectAsync(server);
                await socket.SendAsync("GET /-/healthy HTTP/1.0\r\n\r\n"u8.ToArray());
                return await ReadAsync(socket);
            },
            length => length > 0);
    }

    [TestCase("192.0.2.1", "192.0.2.2", false)]
    [TestCase("192.0.2.1", "::ffff:192.0.2.1", true)]
    [TestCase("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", true)]
    [TestCase("2001:db8:0:1::1", "2001:db8:0:2::1", false)]
    public void Addresses_that_one_host_can_use_are_one_network(string first, string second, bool areSame) =>
        Assert.That(
            ClientNetwork.GetNetwork(IPAddress.Parse(first)).Equals(ClientNetwork.GetNetwork(IPAddress.Parse(second))),
            Is.EqualTo(areSame));

    private static async Task<Socket> ConnectAsync(IPEndPoint server)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(Attacker, 0));
        await socket.ConnectAsync(server).Soon();
        return socket;
    }

    /// <summary>Returns the number of bytes received first; 0 if the server closes the connection.</summary>
    private static async Task<int> ReadAsync(Socket socket)
    {
        try
        {
            return await socket.ReceiveAsync(new byte[1024]);
        }
        catch (SocketException)
        {
            return 0;
        }
    }
}
