using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using StackExchange.Redis;

namespace Orchestrator.Metrics.Tests;

/// <summary>A Redis server for one test, without persistence, on a free port.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private readonly string _program;
    private readonly List<ConnectionMultiplexer> _connections = [];
    private Process _process;

    private RedisServer(string program, int port)
    {
        (_program, Port) = (program, port);
        _process = Start();
    }

    public int Port { get; }

    public string Address => $"127.0.0.1:{Port}";

    public static async Task<RedisServer> StartAsync()
    {
        var server = new RedisServer(Requirements.FindProgram("redis-server", "redis-server"), FreePort.Find());
        await server.WaitUntilReadyAsync();
        return server;
    }

    public async Task<IDatabase> ConnectAsync()
    {
        var connection = await ConnectionMultiplexer.ConnectAsync($"{Address},allowAdmin=true");
        _connections.Add(connection);
        return connection.GetDatabase();
    }

    public static string[] GetKeys(IDatabase database) =>
        [.. database.Multiplexer.GetServers().Single().Keys().Select(key => (string)key!).Order()];

    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync().Soon();
    }

    public async Task RestartAsync()
    {
        _process.Dispose();
        _process = Start();
        await WaitUntilReadyAsync();
    }

    public Task FreezeAsync() => SignalAsync("-STOP");

    public Task ContinueAsync() => SignalAsync("-CONT");

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections)
            await connection.DisposeAsync();
        if (!_process.HasExited)
            await KillAsync();
        _process.Dispose();
    }

    private Process Start() => Process.Start(new ProcessStartInfo(
        _program,
        ["--port", $"{Port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", Path.GetTempPath(),
            "--logfile", "/dev/null"]))!;

    private Task<Command> SignalAsync(string signal) => Command.RunAsync("kill", [signal, $"{_process.Id}"]);

    // Uses a plain connection: the client of Redis would wait for five seconds if the server is not listening yet.
    private Task<bool> WaitUntilReadyAsync() => Waiting.UntilAsync(
        async () =>
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, Port);
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        },
        isReady => isReady);
}
