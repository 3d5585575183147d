using Orchestrator.Metrics.Benchmarks.Peers;
using Orchestrator.Metrics.Benchmarks.Ratios;

namespace Orchestrator.Metrics.Benchmarks.Scenarios;

/// <summary>From rows in memory to a stream: a collector, the registry, the writer, and the same by others.</summary>
internal static class Rendering
{
    // Scrapes are seconds apart, so nothing of the last one is in a cache when the next one comes.
    private const int LargerThanCaches = 64 * 1024 * 1024;
    private const double TimesPrometheusNet = 12;
    private const double TimesMemcpy = 8;
    private const double ModelBytesPerSeries = 200;
    private const double WriterBytesPerSeries = 0.5;
    private const double OpenMetricsToText = 1.15;

    /// <param name="report">Takes the table and the targets.</param>
    /// <param name="series">How many series.</param>
    /// <param name="rounds">How many rounds.</param>
    /// <param name="slack">By how much the targets for time may be missed: half, where there are few series.</param>
    public static async Task RunAsync(Report report, int series, int rounds, double slack)
    {
        var rows = SeriesRow.Create(series);
        var registry = RowsCollector.Registry(rows);
        var snapshot = await registry.CollectAsync();
        await using var exporter = new OpenTelemetryExporter(rows);
        var text = await CheckAsync(rows, registry, exporter);

        // Where there are few series, as many in all: a lap pays for its garbage as that of one large scrape does.
        var repeat = Math.Max(1, 100_000 / series);
        var memcpy = Repeated("memcpy of the same bytes", repeat, Copies(text, LargerThanCaches));
        var again = Repeated("  again and again between the same places", repeat, Copies(text, text.Length));
        var plain = Repeated("plain formatter, one pass by hand", repeat, () => PlainFormatter.Write(Stream.Null, rows));
        var ours = Repeated("Orchestrator.Metrics, text", repeat, Write(registry, ExpositionFormat.PrometheusText));
        var openMetrics = Repeated("Orchestrator.Metrics, OpenMetrics", repeat, Write(registry, ExpositionFormat.OpenMetrics));
        var writer = Repeated("  of it the writer", repeat,
            () => snapshot.WriteAsync(Stream.Null, ExpositionFormat.PrometheusText));
        var openTelemetry = Repeated("OpenTelemetry exporter, observable gauge", repeat, () => exporter.WriteAsync(Stream.Null));
        var prometheusNet = Repeated("prometheus-net, fresh registry", repeat,
            () => PrometheusNet.WriteAsync(Stream.Null, rows));
        var run = await InterleavedRun.RunAsync(
            3, rounds, memcpy, again, plain, ours, writer, openMetrics, openTelemetry, prometheusNet);

        Report.Section($"{series:N0} series of {(double)text.Length / series:0} bytes from rows in memory to a stream (plain formatter = 1)");
        Report.Table(run, plain, series * repeat);
        var size = $"{series:N0} series";
        report.AtLeast(TimesPrometheusNet / slack, run.Ratio(prometheusNet, ours), $"{size}: times as fast as prometheus-net with a fresh registry");
        report.AtMost(TimesMemcpy * slack, run.Ratio(ours, memcpy), $"{size}: times memcpy of the same bytes");
        report.AtMost(OpenMetricsToText, run.Ratio(openMetrics, ours), $"{size}: OpenMetrics, times text");
        if (slack > 1)
            return;
        var writerBytes = PerSeries(run.Allocated(writer));
        report.AtMost(ModelBytesPerSeries, PerSeries(run.Allocated(ours)) - writerBytes, $"{size}: bytes allocated per series for the model");
        report.AtMost(WriterBytesPerSeries, writerBytes, $"{size}: bytes allocated per series in the writer");

        double PerSeries(long? bytes) => (double)bytes!.Value / series / repeat;
    }

    /// <summary>Fails where one of them does not write the samples of the rows. Returns our text.</summary>
    private static async Task<byte[]> CheckAsync(
        SeriesRow[] rows, OrchestratorMetricsRegistry registry, OpenTelemetryExporter exporter)
    {
        await SampleSet.RequireAsync("Orchestrator.Metrics, text", rows, stream => Write(registry, ExpositionFormat.PrometheusText, stream));
        await SampleSet.RequireAsync("Orchestrator.Metrics, OpenMetrics", rows, stream => Write(registry, ExpositionFormat.OpenMetrics, stream));
        await SampleSet.RequireAsync("prometheus-net", rows, stream => PrometheusNet.WriteAsync(stream, rows));
        await SampleSet.RequireAsync("OpenTelemetry", rows, exporter.WriteAsync);
        await SampleSet.RequireAsync("plain formatter", rows, stream =>
        {
            PlainFormatter.Write(stream, rows);
            return Task.CompletedTask;
        });
        using var text = new MemoryStream();
        await Write(registry, ExpositionFormat.PrometheusText, text);
        return text.ToArray();
    }

    /// <summary>Copies a text from one place to another, a different one in each call until that much was copied.</summary>
    private static Action Copies(byte[] text, int memory)
    {
        var places = Math.Max(1, memory / text.Length);
        byte[][] sources = [.. Enumerable.Range(0, places).Select(_ => text.ToArray())];
        byte[][] targets = [.. Enumerable.Range(0, places).Select(_ => text.ToArray())];
        var next = 0;
        return () =>
        {
            sources[next].CopyTo(targets[next], 0);
            next = (next + 1) % places;
        };
    }

    private static Func<Task> Write(OrchestratorMetricsRegistry registry, ExpositionFormat format) =>
        () => Write(registry, format, Stream.Null);

    private static Task Write(OrchestratorMetricsRegistry registry, ExpositionFormat format, Stream stream) =>
        registry.WriteAsync(stream, format);

    private static Contender Repeated(string name, int times, Action work) => Repeated(name, times, () =>
    {
        work();
        return Task.CompletedTask;
    });

    private static Contender Repeated(string name, int times, Func<Task> work) => Contender.Of(name, async () =>
    {
        for (var i = 0; i < times; i++)
            await work();
    });
}
