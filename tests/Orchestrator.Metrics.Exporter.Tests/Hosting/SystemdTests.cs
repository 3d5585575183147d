using System.Net.Sockets;
using System.Text;
using Orchestrator.Metrics.Tests;

namespace Orchestrator.Metrics.Exporter.Tests.Hosting;

public class SystemdTests
{
    [Test]
    public async Task Systemd_is_notified_when_the_exporter_listens_and_when_it_stops()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "notify");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        await using var exporter = await ExporterProcess.StartAsync(
            "postgresql://nobody@127.0.0.1:1/none", environment: ("NOTIFY_SOCKET", path));

        Assert.That(await ReceiveAsync(socket), Is.EqualTo("READY=1"));
        Assert.That(await exporter.TerminateAsync(), Is.Zero);
        Assert.That(await ReceiveAsync(socket), Is.EqualTo("STOPPING=1"));
    }

    private static async Task<string> ReceiveAsync(Socket socket)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var buffer = new byte[256];
        var length = await socket.ReceiveAsync(buffer, timeout.Token);
        return Encoding.UTF8.GetString(buffer, 0, length);
    }
}
