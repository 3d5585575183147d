using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;
using Orchestrator.Metrics.Benchmarks.Peers;
using Orchestrator.Metrics.Benchmarks.Ratios;

namespace Orchestrator.Metrics.Benchmarks.Scenarios;

/// <summary>
/// The path from instruments of a .NET meter to a stream, compared with the Prometheus exporter of OpenTelemetry.
/// </summary>
internal static class MeterScenario
{
    private const double TimesOpenTelemetry = 1;
    private const int Instruments = 10;
    private const int CountersPerInstrument = 1_000;
    private const int HistogramsPerInstrument = 100;
    private const int ScrapesPerLap = 10;
    private const string Text = "text/plain;version=0.0.4";
    private const string OpenMetrics = "application/openmetrics-text;version=1.0.0";

    public static async Task RunAsync(Report report, int rounds)
    {
        await CompareAsync(report, rounds, "10,000 counters", meter =>
        {
            for (var i = 0; i < Instruments; i++)
            {
                var counter = meter.CreateCounter<long>($"acme.requests{i}", "{request}", "Requests.");
                foreach (var tags in CreateTags(CountersPerInstrument))
                    counter.Add(12_345, tags);
            }
        });
        await CompareAsync(report, rounds, "1,000 histograms", meter =>
        {
            for (var i = 0; i < Instruments; i++)
            {
                var histogram = meter.CreateHistogram<double>($"acme.duration{i}", "s", "Duration.");
                foreach (var tags in CreateTags(HistogramsPerInstrument))
                {
                    for (var value = 1; value < 10_000; value *= 3)
                        histogram.Record(value / 4.0, tags);
                }
            }
        });
    }

    private static async Task CompareAsync(Report report, int rounds, string what, Action<Meter> record)
    {
        using var meter = new Meter($"Benchmark.{what}");
        await using var host = CreateHost(meter.Name, createdTimestamps: true);
        await using var textHost = CreateHost(meter.Name, createdTimestamps: false);
        var registry = host.Services.GetRequiredService<OrchestratorMetricsRegistry>();
        var textRegistry = textHost.Services.GetRequiredService<OrchestratorMetricsRegistry>();
        var exporter = OpenTelemetryExporter.CreateEndpoint(host.Services);
        await registry.CollectAsync();
        await textRegistry.CollectAsync();
        record(meter);
        await RequireSameAsync(registry, ExpositionFormat.OpenMetrics, exporter, OpenMetrics);
        await RequireSameAsync(textRegistry, ExpositionFormat.PrometheusText, exporter, Text);

        var theirText = CreateContender("OpenTelemetry exporter, text", () => exporter(Stream.Null, Text));
        var ourText = CreateContender("Orchestrator.Metrics, text", () => textRegistry.WriteAsync(Stream.Null, ExpositionFormat.PrometheusText));
        var theirOpenMetrics = CreateContender("OpenTelemetry exporter, OpenMetrics", () => exporter(Stream.Null, OpenMetrics));
        var ourOpenMetrics = CreateContender("Orchestrator.Metrics, OpenMetrics", () => registry.WriteAsync(Stream.Null, ExpositionFormat.OpenMetrics));
        var collection = CreateContender("  the collection alone", () => registry.CollectAsync());
        var thread = CreateContender("  the start of the thread alone", Rendering.StartThreadAsync);
        var run = await InterleavedRun.RunAsync(60, rounds, theirText, ourText, theirOpenMetrics, ourOpenMetrics, collection, thread);

        Report.PrintSection($"A scrape of {what} from meters (OpenTelemetry exporter, text = 1)");
        Report.PrintTable(run, theirText);
        report.ExpectAtMost(TimesOpenTelemetry, run.ComputeRatio(ourText, theirText), $"{what} from meters: text, times OpenTelemetry");
        report.ExpectAtMost(TimesOpenTelemetry, run.ComputeRatio(ourOpenMetrics, theirOpenMetrics), $"{what} from meters: OpenMetrics, times OpenTelemetry");
    }

    private static Contender CreateContender(string name, Func<Task> scrape) => Contender.Create(name, async () =>
    {
        for (var i = 0; i < ScrapesPerLap; i++)
            await scrape();
    });

    // The exporter writes created timestamps in OpenMetrics only, so the library does the same.
    private static WebApplication CreateHost(string meter, bool createdTimestamps)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddOrchestratorMetrics(options => options.CheckDuplicateSamples = false).AddMeters(meter);
        builder.Services.Configure<MeterCollectorOptions>(options => options.CreatedTimestamps = createdTimestamps);
        builder.Services.AddOpenTelemetry().WithMetrics(
            metrics => metrics.AddPrometheusExporter(options => options.ScrapeResponseCacheDurationMilliseconds = 0));
        return builder.Build();
    }

    private static IEnumerable<KeyValuePair<string, object?>[]> CreateTags(int count) => Enumerable.Range(0, count)
        .Select(i => new KeyValuePair<string, object?>[]
        {
            new("http.request.method", i % 2 == 0 ? "GET" : "POST"),
            new("http.route", $"/orders/{i / 20}"),
            new("http.response.status_code", (200 + i / 2 % 10).ToString(CultureInfo.InvariantCulture)),
        });

    private static async Task RequireSameAsync(
        OrchestratorMetricsRegistry registry, ExpositionFormat format, Func<Stream, string?, Task> exporter, string accept)
    {
        using var ours = new MemoryStream();
        using var theirs = new MemoryStream();
        await registry.WriteAsync(ours, format);
        await exporter(theirs, accept);
        var (our, their) = (CountSamples(ours), CountSamples(theirs));
        if (our != their || our < 1_000)
            throw new InvalidOperationException($"The library wrote {our} samples, and the exporter wrote {their}. Both must write the same number, at least 1,000.");
    }

    private static int CountSamples(MemoryStream text) => Encoding.UTF8.GetString(text.ToArray()).Split('\n')
        .Count(line => line.Length > 0 && line[0] != '#');
}
