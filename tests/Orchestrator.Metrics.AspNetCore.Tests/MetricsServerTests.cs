using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Metrics.AspNetCore.Server;

namespace Orchestrator.Metrics.Tests;

/// <summary>The server on a dedicated port, in workers and next to a web application.</summary>
public class MetricsServerTests
{
    private const string Exposition = "# HELP acme_a \n# TYPE acme_a gauge\nacme_a 1.0\n";

    [Test]
    public async Task Server_of_a_worker_serves_the_metrics_at_its_path_and_nothing_else()
    {
        await using var host = await WorkerHost.StartAsync(FakeCollector.Returning("acme_a", 1));

        Assert.That(await host.Client.GetStringAsync("/metrics"), Is.EqualTo(Exposition));
        Assert.That(await host.Client.GetStringAsync("/metrics/"), Is.EqualTo(Exposition));
        foreach (var path in new[] { "/", "/api/metrics", "/metrics/x" })
        {
            using var response = await host.Client.GetAsync(path);
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
            Assert.That(await response.Content.ReadAsStringAsync(), Is.EqualTo("The metrics are at /metrics.\n"));
        }
    }

    [Test]
    public async Task Server_listens_on_localhost_at_the_given_port()
    {
        var (host, port) = await StartOnFreePortAsync();
        await using var _ = host;

        Assert.That(await host.Client.GetStringAsync($"http://localhost:{port}/metrics"), Is.EqualTo(Exposition));
        Assert.That(await host.Client.GetStringAsync($"http://127.0.0.1:{port}/metrics"), Is.EqualTo(Exposition));
        var outside = Dns.GetHostAddresses(Dns.GetHostName())
            .Where(address => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address));
        foreach (var address in outside)
        {
            using var client = new TcpClient();
            Assert.That(async () => await client.ConnectAsync(address, port), Throws.InstanceOf<SocketException>());
        }
    }

    [TestCase("--ENABLE_PROMETHEUS_METRICS_ENDPOINT=false")]
    [TestCase("--OrchestratorMetrics:Endpoint:EnableEndpoint=false")]
    [TestCase("--ENABLE_PROMETHEUS_METRICS_ENDPOINT=true")]
    public async Task Settings_of_the_endpoint_do_not_turn_the_server_off(string setting)
    {
        using var log = new ListLogger();
        await using var host = await WorkerHost.StartAsync(
            builder => builder.AddCollector(FakeCollector.Returning("acme_a", 1)),
            options => options.ConfigureEndpoint = endpoint => endpoint.EnableEndpoint = false,
            args: [setting], log: log);

        Assert.That(await host.Client.GetStringAsync("/metrics"), Is.EqualTo(Exposition));
        Assert.That(log.Warnings, Is.Empty);
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
        Assert.That(await host.Client.GetStringAsync("/probe"), Is.EqualTo(Exposition));
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
    public void Foreign_address_is_a_startup_error() => Assert.That(
        async () => await WorkerHost.StartAsync(_ => { }, options => options.Address = IPAddress.Parse("192.0.2.1")),
        Throws.InstanceOf<IOException>()
            .With.Message.StartsWith("The metrics server cannot listen on 192.0.2.1, port 0: "));

    [Test]
    public void Error_of_the_listener_configuration_is_not_reported_as_a_busy_port() => Assert.That(
        async () => await WorkerHost.StartAsync(_ => { }, options => options.ConfigureListener = _ =>
            throw new FileNotFoundException("No certificate.")),
        Throws.InstanceOf<FileNotFoundException>().With.Message.EqualTo("No certificate."));

    [Test]
    public async Task Server_shares_the_registry_and_the_endpoint_options_of_the_host()
    {
        var collector = FakeCollector.Counting("acme_a");
        await using var host = await TestHost.StartAsync(
            services => services
                .Configure<MetricsEndpointOptions>(options => options.Compression = false)
                .AddOrchestratorMetrics()
                .AddCollector(collector, options => options.CacheFor = TimeSpan.FromHours(1))
                .AddGauge(
                    "acme_b", "", _ => throw new InvalidOperationException(), options => options.Tags = ["cluster"])
                .AddMetricsServer(port: 0, options => options.ConfigureEndpoint = endpoint =>
                    endpoint.Predicate = registration => !registration.Tags.Contains("cluster")),
            app => app.MapOrchestratorMetrics(configure: endpoint =>
                endpoint.Predicate = registration => !registration.Tags.Contains("cluster")));
        using var request = new HttpRequestMessage(HttpMethod.Get, Url(host.Services));
        request.Headers.Add("Accept-Encoding", "gzip");

        using var response = await host.Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();

        Assert.That(text, Does.EndWith("acme_a 1.0\n"));
        Assert.That(response.Content.Headers.ContentEncoding, Is.Empty);
        Assert.That(await host.Client.GetStringAsync("/api/metrics"), Is.EqualTo(text));
        Assert.That(collector.Runs, Is.EqualTo(1));
    }

    [Test]
    public async Task Application_serves_nothing_of_the_server_and_the_server_nothing_of_the_application()
    {
        await using var host = await TestHost.StartAsync(
            services => services.AddOrchestratorMetrics().AddMetricsServer(port: 0),
            app => app.MapGet("/order", () => "served"));

        Assert.That((await host.Client.GetAsync("/metrics")).StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(
            (await host.Client.GetAsync(new Uri(Url(host.Services), "/order"))).StatusCode,
            Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(await host.Client.GetStringAsync("/order"), Is.EqualTo("served"));
    }

    [Test]
    public async Task Same_path_in_the_application_is_no_conflict()
    {
        await using var host = await TestHost.StartAsync(
            services => services.AddOrchestratorMetrics().AddCollector(FakeCollector.Returning("acme_a", 1))
                .AddMetricsServer(port: 0, options => options.Path = "/api/metrics"),
            app => app.MapGroup("/api").MapOrchestratorMetrics("/metrics"));

        Assert.That(await host.Client.GetStringAsync("/api/metrics"), Is.EqualTo(Exposition));
        Assert.That(await host.Client.GetStringAsync(Url(host.Services)), Is.EqualTo(Exposition));
    }

    [Test]
    public async Task Adding_the_server_twice_serves_once_with_the_last_port()
    {
        await using var host = await WorkerHost.StartAsync(
            builder => builder.AddCollector(FakeCollector.Returning("acme_a", 1)).AddMetricsServer(port: 0), port: 1);

        Assert.That(await host.Client.GetStringAsync("/metrics"), Is.EqualTo(Exposition));
    }

    [Test]
    public async Task Scrape_in_flight_is_cancelled_and_gets_503_when_the_host_stops()
    {
        var entered = new TaskCompletionSource();
        await using var host = await WorkerHost.StartAsync(new FakeCollector(async token =>
        {
            entered.SetResult();
            await Task.Delay(Timeout.Infinite, token);
            return [];
        }));
        var scrape = host.Client.GetAsync("/metrics");
        await entered.Task.Soon();

        var stopped = host.StopAsync();

        using var response = await scrape.Soon();
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        await stopped.Soon();
        Assert.That(async () => await host.Client.GetAsync("/metrics"), Throws.InstanceOf<HttpRequestException>());
    }

    [TestCase("")]
    [TestCase("GET /metrics HTTP/1.1\r\nHost: localhost\r\n")]
    [TestCase("POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n1")]
    public async Task Client_that_sends_nothing_more_does_not_keep_the_host_from_stopping(string sent)
    {
        var time = new FakeTimeProvider();
        await using var host = await WorkerHost.StartAsync(
            builder => builder.Services.AddSingleton<TimeProvider>(time));
        using var client = await ConnectAsync(host, sent);

        var stopped = host.StopAsync();
        await Waiting.UntilAsync(
            () =>
            {
                time.Advance(MetricsServer.StopGrace);
                return stopped.IsCompleted;
            },
            isCompleted => isCompleted);

        await stopped.Soon();
    }

    [Test]
    public async Task Client_that_reads_nothing_does_not_keep_the_host_from_stopping()
    {
        var label = new string('x', 1_000_000);
        var collected = new TaskCompletionSource();
        await using var host = await WorkerHost.StartAsync(new FakeCollector(_ =>
        {
            var family = MetricFamily.Gauge("acme_a", "", "number", "text");
            for (var i = 0; i < 30; i++)
                family.Add(1, $"{i}", label);
            collected.SetResult();
            return Task.FromResult<IReadOnlyList<MetricFamily>>([family]);
        }));
        using var client = await ConnectAsync(host, "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
        await collected.Task.Soon();

        await host.StopAsync().Soon();
    }

    [Test]
    public async Task Host_that_fails_to_start_after_the_server_releases_the_port()
    {
        var port = FreePort.Next();
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

    [Test]
    public async Task Log_contains_the_address_and_no_message_of_a_second_application()
    {
        using var log = new ListLogger();
        await using var host = await WorkerHost.StartAsync(_ => { }, log: log);

        var address = host.Client.BaseAddress!.GetLeftPart(UriPartial.Authority);
        Assert.That(
            log.Of(LogLevel.Information).Select(entry => entry.Message),
            Has.Exactly(1).EqualTo($"Now listening on: {address}").And.Exactly(1).StartsWith("Application started."));
    }

    [Test]
    public async Task Tools_that_watch_for_hosts_find_that_of_the_application_only()
    {
        using var watch = new HostWatch();

        await using var host = await WorkerHost.StartAsync(_ => { });

        Assert.That(watch.Built, Is.EqualTo(new[] { host.Services }));
    }

    [Test]
    public async Task Requests_to_the_server_are_measured_with_the_meters_of_the_host()
    {
        var measured = new TaskCompletionSource<object?>();
        using var listener = new MeterListener();
        await using var host = await WorkerHost.StartAsync(_ => { });
        var factory = host.Services.GetRequiredService<IMeterFactory>();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "http.server.request.duration" && instrument.Meter.Scope == factory)
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((_, _, tags, _) =>
        {
            foreach (var (key, value) in tags)
            {
                if (key == "http.route")
                    measured.TrySetResult(value);
            }
        });
        listener.Start();

        await host.Client.GetStringAsync("/metrics");

        Assert.That(await measured.Task.Soon(), Is.EqualTo("/metrics"));
    }

    private static Uri Url(IServiceProvider services) => WorkerHost.Server(services).Url;

    private static async Task<TcpClient> ConnectAsync(WorkerHost host, string sent)
    {
        var client = new TcpClient { ReceiveBufferSize = 4096 };
        await client.ConnectAsync(host.Client.BaseAddress!.Host, host.Client.BaseAddress.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(sent));
        return client;
    }

    /// <summary>Starts on a port that was free a moment before; on another one if a program was faster.</summary>
    private static async Task<(WorkerHost Host, int Port)> StartOnFreePortAsync()
    {
        for (var attempt = 1; ; attempt++)
        {
            var port = FreePort.Next();
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

    /// <summary>Finds hosts as WebApplicationFactory and the tools of Entity Framework do.</summary>
    private sealed class HostWatch
        : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>, IDisposable
    {
        private readonly AsyncLocal<bool> _isWatched = new() { Value = true };
        private readonly IDisposable _subscription;

        public HostWatch() => _subscription = DiagnosticListener.AllListeners.Subscribe(this);

        public List<IServiceProvider> Built { get; } = [];

        public void OnNext(DiagnosticListener value)
        {
            if (value.Name == "Microsoft.Extensions.Hosting")
                value.Subscribe(this);
        }

        public void OnNext(KeyValuePair<string, object?> value)
        {
            if (value.Key == "HostBuilt" && _isWatched.Value)
                Built.Add(((IHost)value.Value!).Services);
        }

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }

        public void Dispose() => _subscription.Dispose();
    }

    private sealed class FailingService : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => throw new InvalidOperationException("No queue.");

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
