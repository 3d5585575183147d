using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Orchestrator.Metrics.Tests;

public class ConnectionFailureTests
{
    private const string Engine = "WorkflowEngineCollector";
    private const string ClientName = "Orchestrator.Metrics.OrchestratorApi";
    private const string Password = "s3cret";

    [Test]
    public async Task Error_does_not_contain_the_password_of_a_proxy(
        [Values(407, 503)] int status, [Values] bool requestsToken)
    {
        using var proxy = new TcpListener(IPAddress.Loopback, 0);
        proxy.Start();
        using var stop = new CancellationTokenSource();
        var responding = RespondAsync(proxy, status, stop.Token);
        await using var host = await StartAsync(
            handler => handler.Proxy = new WebProxy($"http://user:{Password}@{proxy.LocalEndpoint}"),
            options =>
            {
                options.BaseAddress = new("https://orchestrator.example");
                if (requestsToken)
                    RequestToken(options);
            });

        var failure = await host.WaitForFailureAsync(Engine);

        Assert.That(failure.Message, Does.StartWith(requestsToken
            ? "POST https://login.example/token failed."
            : "GET https://orchestrator.example/api/settings/status received no response (ProxyTunnelError)."));
        Assert.That(failure.ToString(), Does.Not.Contain(Password));
        Assert.That(host.Log.Entries.Select(entry => $"{entry.Message} {entry.Exception}"), Has.None.Contains(Password));
        await stop.CancelAsync();
        await responding.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    [TestCase(false, "GET http://orchestrator.example/api/settings/status exceeded the connect timeout of the HTTP " +
        "client. Check the base address, and whether orchestrator-core is running.")]
    [TestCase(true, "POST https://login.example/token failed. Check the token endpoint, and whether the authorization " +
        "server is running.")]
    public async Task Connect_timeout_of_the_host_is_retried_and_names_the_endpoint(bool requestsToken, string message)
    {
        var connections = 0;
        await using var host = await StartAsync(
            handler =>
            {
                handler.ConnectTimeout = TimeSpan.FromMilliseconds(50);
                handler.ConnectCallback = async (_, cancellationToken) =>
                {
                    Interlocked.Increment(ref connections);
                    await Task.Delay(Timeout.Infinite, cancellationToken);
                    throw new UnreachableException();
                };
            },
            options =>
            {
                options.BaseAddress = new("http://orchestrator.example");
                if (requestsToken)
                    RequestToken(options);
            });

        Assert.That((await host.WaitForFailureAsync(Engine)).Message, Is.EqualTo(message));
        Assert.That(connections, Is.GreaterThanOrEqualTo(3));
    }

    [Test]
    public async Task Logger_that_throws_does_not_fail_the_collectors()
    {
        await using var server = await OrchestratorServer.StartAsync();
        using var logger = new ListLogger { FailingEvent = 70 };
        await using var host = await StartAsync(
            handler => handler.ConnectCallback = async (_, cancellationToken) =>
            {
                var client = new TcpClient();
                await client.ConnectAsync(IPEndPoint.Parse(new Uri(server.Address).Authority), cancellationToken);
                return client.GetStream();
            },
            options => (options.BaseAddress, options.Token) = (new("http://orchestrator.example"), "token"),
            metrics => metrics.Services.AddSingleton<ILoggerProvider>(logger));

        Assert.That(await host.ScrapeBothAsync(), Does.Contain("wfo_workers"));
        Assert.That(logger.Entries.Select(entry => entry.Event.Id), Does.Contain(70));
    }

    private static void RequestToken(OrchestratorApiOptions options) =>
        (options.TokenEndpoint, options.ClientId, options.ClientSecret) =
            (new("https://login.example/token"), "id", "secret");

    private static Task<ApiHost> StartAsync(
        Action<SocketsHttpHandler> configureHandler, Action<OrchestratorApiOptions> configure,
        Action<OrchestratorMetricsBuilder>? build = null) => ApiHost.StartAsync(metrics =>
        {
            metrics.AddOrchestratorApi(configure);
            metrics.Services.AddHttpClient(ClientName)
                .UseSocketsHttpHandler((handler, _) => configureHandler(handler));
            build?.Invoke(metrics);
        });

    private static async Task RespondAsync(TcpListener listener, int status, CancellationToken cancellationToken)
    {
        var response = Encoding.ASCII.GetBytes(
            $"HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        while (true)
        {
            using var client = await listener.AcceptTcpClientAsync(cancellationToken);
            _ = await client.GetStream().ReadAsync(new byte[4096], cancellationToken);
            await client.GetStream().WriteAsync(response, cancellationToken);
        }
    }
}
