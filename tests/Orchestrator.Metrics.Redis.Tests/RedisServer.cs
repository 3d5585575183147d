using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using StackExchange.Redis;

namespace Orchestrator.Metrics.Tests;

/// <summary>A Redis server for one test, without persistence, on a free port.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private readonly string _program;
    private readonly string[] _arguments;
    private readonly List<ConnectionMultiplexer> _connections = [];
    private Process _process;

    private RedisServer(string program, int port, string[] arguments)
    {
        (_program, Port, _arguments) = (program, port, arguments);
        _process = Start();
    }

    public int Port { get; }

    public string Address => $"127.0.0.1:{Port}";

    public static Task<RedisServer> StartAsync() => StartAsync(FreePort.Find());

    /// <summary>Starts a server with TLS. The folder must contain <c>server.crt</c> and <c>server.key</c>.</summary>
    public static Task<RedisServer> StartTlsAsync(string folder)
    {
        var port = FreePort.Find();
        return StartAsync(
            port, "--port", "0", "--tls-port", $"{port}", "--tls-auth-clients", "no",
            "--tls-cert-file", Path.Combine(folder, "server.crt"),
            "--tls-key-file", Path.Combine(folder, "server.key"));
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

    private static async Task<RedisServer> StartAsync(int port, params string[] arguments)
    {
        var server = new RedisServer(Requirements.FindProgram("redis-server", "redis-server"), port, arguments);
        await server.WaitUntilReadyAsync();
        return server;
    }

    private Process Start() => Process.Start(new ProcessStartInfo(
        _program,
        ["--port", $"{Port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", Path.GetTempPath(),
            "--logfile", "/dev/null", .. _arguments]))!;

    private Task<Command> SignalAsync(string signal) => Command.RunAsync("kill", [signal, $"{_process.Id}"]);

    // Uses plain TCP, because StackExchange.Redis waits for five seconds if the server is not listening yet.
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
