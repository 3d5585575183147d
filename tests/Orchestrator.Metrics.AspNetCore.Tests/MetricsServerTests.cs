using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Orchestrator.Metrics.Tests;

public class MetricsServerTests
{
    [Test]
    public async Task Server_of_a_worker_serves_the_metrics_at_its_path_and_nothing_else()
    {
        await using var host = await WorkerHost.StartAsync(FakeCollector.Returning("acme_a", 1));

        Assert.That(await host.Client.GetStringAsync("/metrics"), Is.EqualTo(WorkerHost.Exposition));
        Assert.That(await host.Client.GetStringAsync("/metrics/"), Is.EqualTo(WorkerHost.Exposition));
        foreach (var path in new[] { "/", "/api/metrics", "/metrics/x" })
        {
            using var response = await host.Client.GetAsync(path);
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
            Assert.That(await response.Content.ReadAsStringAsync(), Is.EqualTo("The metrics are at /metrics.\n"));
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

        Assert.That(await host.Client.GetStringAsync("/metrics"), Is.EqualTo(WorkerHost.Exposition));
        Assert.That(log.Warnings, Is.Empty);
    }

    [Test]
    public async Task Adding_the_server_twice_serves_once_with_the_last_port()
    {
        await using var host = await WorkerHost.StartAsync(
            builder => builder.AddCollector(FakeCollector.Returning("acme_a", 1)).AddMetricsServer(port: 0), port: 1);

        Assert.That(await host.Client.GetStringAsync("/metrics"), Is.EqualTo(WorkerHost.Exposition));
    }

    [Test]
    public async Task Log_contains_the_address_and_no_message_of_a_second_application()
    {
        using var log = new ListLogger();
        await using var host = await WorkerHost.StartAsync(_ => { }, log: log);

        var address = host.Client.BaseAddress!.GetLeftPart(UriPartial.Authority);
        Assert.That(
            log.GetEntries(LogLevel.Information).Select(entry => entry.Message),
            Has.Exactly(1).EqualTo($"Now listening on: {address}").And.Exactly(1).StartsWith("Application started."));
    }

    [Test]
    public async Task Tools_that_detect_hosts_find_only_the_application_host()
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

    /// <summary>Finds hosts in the same way as WebApplicationFactory and the Entity Framework Core tools.</summary>
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
}
