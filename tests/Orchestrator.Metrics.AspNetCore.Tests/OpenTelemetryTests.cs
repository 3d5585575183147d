using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using Orchestrator.Metrics.Tests.Snippets;

namespace Orchestrator.Metrics.Tests;

public class OpenTelemetryTests
{
    private const string Hostile = "a\"b\\c\nd {} é 😀";

    [Test]
    public async Task Host_in_the_README_of_the_core_exports_over_OTLP_without_an_endpoint()
    {
        await using var receiver = await Receiver.StartAsync();
        var builder = CreateBuilder();
        ReadmeOpenTelemetry.Export(builder);
        builder.Services.Configure<OtlpExporterOptions>(options =>
        {
            options.Protocol = OtlpExportProtocol.HttpProtobuf;
            options.Endpoint = new Uri(receiver.Url + "/v1/metrics");
        });
        var family = MetricFamily.Gauge("wfo_test", "A test.", "label");
        family.Add(1, Hostile);
        family.Add(2, "\uD83D");
        builder.Services.AddOrchestratorMetrics().AddCollector(FakeCollector.Returning(family));
        await using var app = builder.Build();
        var published = WaitForInstrumentAsync("wfo_test");

        await app.StartAsync();
        var instrument = await published.Soon();
        var body = await receiver.ExportAsync(app.Services.GetRequiredService<MeterProvider>(), "wfo_test");

        Assert.That(
            body, Does.Contain("Orchestrator.Metrics").And.Contain("A test.").And.Contain(Hostile));
        Assert.That(instrument.Meter.Scope, Is.SameAs(app.Services.GetRequiredService<IMeterFactory>()));
    }

    private static WebApplicationBuilder CreateBuilder()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        return builder;
    }

    private static async Task<Instrument> WaitForInstrumentAsync(string name)
    {
        var published = new TaskCompletionSource<Instrument>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Name == name)
                published.TrySetResult(instrument);
        };
        listener.Start();
        return await published.Task;
    }

    private sealed class Receiver : IAsyncDisposable
    {
        private readonly ConcurrentQueue<string> _bodies = [];
        private readonly WebApplication _app = CreateBuilder().Build();

        public string Url => _app.Urls.Single();

        public static async Task<Receiver> StartAsync()
        {
            var receiver = new Receiver();
            receiver._app.MapPost("/v1/metrics", receiver.ReceiveAsync);
            await receiver._app.StartAsync();
            return receiver;
        }

        /// <summary>
        /// Exports until an export contains a metric, because the SDK may see an instrument later than other listeners.
        /// </summary>
        public Task<string> ExportAsync(MeterProvider provider, string metric) => Waiting.UntilAsync(
            () =>
            {
                provider.ForceFlush();
                return string.Join('\n', _bodies);
            },
            bodies => bodies.Contains(metric, StringComparison.Ordinal));

        public ValueTask DisposeAsync() => _app.DisposeAsync();

        private async Task ReceiveAsync(HttpContext context)
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            _bodies.Enqueue(Encoding.UTF8.GetString(body.ToArray()));
        }
    }
}
