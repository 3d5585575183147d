using Orchestrator.Metrics.Benchmarks.Peers;
using Orchestrator.Metrics.Benchmarks.Ratios;

namespace Orchestrator.Metrics.Benchmarks.Scenarios;

/// <summary>From rows in memory to a stream: a collector, the registry, the writer, and the same by others.</summary>
internal static class Rendering
{
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

        // A scrape of few series is over too soon to be timed alone.
        var repeat = Math.Max(1, 20_000 / series);
        var target = new byte[text.Length];
        var memcpy = Repeated("memcpy of the same bytes", repeat, () => text.CopyTo(target.AsSpan()));
        var plain = Repeated("plain formatter, one pass by hand", repeat, () => PlainFormatter.Write(Stream.Null, rows));
        var ours = Repeated("Orchestrator.Metrics, text", repeat, Write(registry, ExpositionFormat.PrometheusText));
        var openMetrics = Repeated("Orchestrator.Metrics, OpenMetrics", repeat, Write(registry, ExpositionFormat.OpenMetrics));
        var writer = Repeated("  of it the writer", repeat,
            () => snapshot.WriteAsync(Stream.Null, ExpositionFormat.PrometheusText));
        var openTelemetry = Repeated("OpenTelemetry exporter, observable gauge", repeat, () => exporter.WriteAsync(Stream.Null));
        var prometheusNet = Repeated("prometheus-net, fresh registry", repeat,
            () => PrometheusNet.WriteAsync(Stream.Null, rows));
        var run = await InterleavedRun.RunAsync(
            3, rounds, memcpy, plain, ours, writer, openMetrics, openTelemetry, prometheusNet);

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
