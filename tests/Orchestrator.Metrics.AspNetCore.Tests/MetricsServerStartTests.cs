using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Orchestrator.Metrics.Tests;

public class MetricsServerStartTests
{
    [Test]
    public async Task Server_listens_only_on_localhost_at_the_given_port()
    {
        var (host, port) = await StartOnFreePortAsync();
        await using var _ = host;

        Assert.That(await host.Client.GetStringAsync($"http://localhost:{port}/metrics"), Is.EqualTo(WorkerHost.Exposition));
        Assert.That(await host.Client.GetStringAsync($"http://127.0.0.1:{port}/metrics"), Is.EqualTo(WorkerHost.Exposition));
        var outside = Dns.GetHostAddresses(Dns.GetHostName())
            .Where(address => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address));
        foreach (var address in outside)
        {
            using var client = new TcpClient();
            Assert.That(async () => await client.ConnectAsync(address, port), Throws.InstanceOf<SocketException>());
        }
    }

    [Test]
    public async Task Configuration_overrides_address_port_and_path()
    {
        await using var host = await WorkerHost.StartAsync(
            builder => builder.AddCollector(FakeCollector.Returning("acme_a", 1)),
            options => options.Path = "/elsewhere",
            port: 1,
            args:
            [
                "--OrchestratorMetrics:Server:Port=0", "--OrchestratorMetrics:Server:Address=127.0.0.2",
                "--OrchestratorMetrics:Server:Path=/probe",
            ]);

        Assert.That(host.Client.BaseAddress!.Host, Is.EqualTo("127.0.0.2"));
        Assert.That(await host.Client.GetStringAsync("/probe"), Is.EqualTo(WorkerHost.Exposition));
    }

    [TestCase("Port", "many", "OrchestratorMetrics:Server:Port is 'many', which is not an integer")]
    [TestCase("Port", "65536", "MetricsServerOptions.Port is 65536; it must be 1 to 65535")]
    [TestCase("Port", "-1", "MetricsServerOptions.Port is -1; it must be 1 to 65535")]
    [TestCase("Address", "prometheus.example", "Address is 'prometheus.example', which is not an IP address")]
    [TestCase("Path", "metrics", "OrchestratorMetrics:Server:Path is 'metrics', which is not a path")]
    [TestCase("Host", "x", "OrchestratorMetrics:Server:Host is not a known setting. Known: Port, Address, Path")]
    public void Invalid_setting_is_a_startup_error(string key, string value, string message) => Assert.That(
        async () => await WorkerHost.StartAsync(_ => { }, args: [$"--OrchestratorMetrics:Server:{key}={value}"]),
        Throws.InstanceOf<OptionsValidationException>().With.Message.Contains(message));

    [Test]
    public void Invalid_option_is_a_startup_error() => Assert.That(
        async () => await WorkerHost.StartAsync(_ => { }, options => options.Path = "metrics"),
        Throws.InstanceOf<OptionsValidationException>().With.Message.EqualTo(
            "MetricsServerOptions.Path is 'metrics'; it must start with a slash, such as /metrics."));

    [Test]
    public void Invalid_endpoint_option_is_a_startup_error() => Assert.That(
        async () => await WorkerHost.StartAsync(
            _ => { }, options => options.ConfigureEndpoint = endpoint => endpoint.MaxConcurrentScrapes = 0),
        Throws.InstanceOf<OptionsValidationException>().With.Message.Contains("MaxConcurrentScrapes"));

    [TestCase(null)]
    [TestCase("127.0.0.1")]
    public void Busy_port_is_a_startup_error_with_the_port_and_the_remedy(string? address)
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;

        Assert.That(
            async () => await WorkerHost.StartAsync(
                _ => { }, options => options.Address = address is null ? null : IPAddress.Parse(address), port),
            Throws.InstanceOf<IOException>()
                .With.Message.StartsWith($"The metrics server cannot listen on {address ?? "localhost"}, port {port}: ")
                .And.Message.Contains("address already in use")
                .And.Message.Contains("OrchestratorMetrics:Server"));
    }

    [Test]
    public void Address_of_another_machine_is_a_startup_error() => Assert.That(
        async () => await WorkerHost.StartAsync(_ => { }, options => options.Address = IPAddress.Parse("192.0.2.1")),
        Throws.InstanceOf<IOException>()
            .With.Message.StartsWith("The metrics server cannot listen on 192.0.2.1, port 0: "));

    [Test]
    public void Error_of_the_listener_configuration_is_not_reported_as_a_busy_port() => Assert.That(
        async () => await WorkerHost.StartAsync(_ => { }, options => options.ConfigureListener = _ =>
            throw new FileNotFoundException("No certificate.")),
        Throws.InstanceOf<FileNotFoundException>().With.Message.EqualTo("No certificate."));

    [Test]
    public async Task Host_that_fails_to_start_after_the_server_releases_the_port()
    {
        var port = FreePort.Find();
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddOrchestratorMetrics().AddMetricsServer(port);
        builder.Services.AddHostedService(_ => new FailingService());
        using (var host = builder.Build())
            Assert.That(async () => await host.StartAsync().Soon(), Throws.InvalidOperationException);

        var listener = new TcpListener(IPAddress.Loopback, port);
        Assert.That(listener.Start, Throws.Nothing);
        listener.Stop();
    }

    /// <summary>Starts a worker on a free port. Tries another port if a program has taken the first one.</summary>
    private static async Task<(WorkerHost Host, int Port)> StartOnFreePortAsync()
    {
        for (var attempt = 1; ; attempt++)
        {
            var port = FreePort.Find();
            try
            {
                return (await WorkerHost.StartAsync(
                    builder => builder.AddCollector(FakeCollector.Returning("acme_a", 1)), port: port), port);
            }
            catch (IOException) when (attempt < 10)
            {
            }
        }
    }

    private sealed class FailingService : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => throw new InvalidOperationException("No queue.");

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
