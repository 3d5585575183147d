using Orchestrator.Metrics.Benchmarks.Peers;
using Orchestrator.Metrics.Benchmarks.Ratios;

namespace Orchestrator.Metrics.Benchmarks.Scenarios;

/// <summary>The path from rows to a stream (collector, registry and writer), compared with other libraries.</summary>
internal static class Rendering
{
    // A lap consists of three large scrapes, or of scrapes with as many series, so it includes its garbage collections.
    private const int SeriesPerLap = 300_000;
    private const double TimesPrometheusNet = 12;
    private const double TimesMemcpy = 8;
    private const double ModelBytesPerSeries = 200;
    private const double OpenMetricsToText = 1.15;
    private const double ProtobufToText = 1;

    // The allowance for the buffer and the label names, which does not depend on the number of series.
    private const double WriterBytesPerScrape = 16 * 1024;

    /// <param name="report">Receives the table and the targets.</param>
    /// <param name="series">The number of series.</param>
    /// <param name="rounds">The number of rounds.</param>
    /// <param name="slack">The factor by which targets are relaxed: 1.5 for few series.</param>
    public static async Task RunAsync(Report report, int series, int rounds, double slack)
    {
        var rows = SeriesRow.Create(series);
        var registry = RowsCollector.Registry(rows);
        var snapshot = await registry.CollectAsync();
        await using var exporter = new OpenTelemetryExporter(rows);
        var text = await CheckAsync(rows, registry, exporter);
        await using var memory = new ColdMemory();
        var copy = new byte[text.Length];

        var memcpy = Lap("memcpy of the same bytes", Copies(text, memory));
        var memcpyInCache = Lap("  again and again between the same places", Synchronous(() => text.CopyTo(copy, 0)));
        var plain = Lap("plain formatter, one pass by hand", Synchronous(() => PlainFormatter.Write(Stream.Null, rows)));
        var ours = Lap("Orchestrator.Metrics, text", () => registry.WriteAsync(Stream.Null, ExpositionFormat.PrometheusText));
        var thread = Lap("  of it the thread of the run", StartThreadAsync);
        var writer = Lap("  of it the writer", () => snapshot.WriteAsync(Stream.Null, ExpositionFormat.PrometheusText));
        var checking = RowsCollector.Registry(rows, checkDuplicates: true);
        var withCheck = Lap("  with the check for duplicate series", () => checking.WriteAsync(Stream.Null, ExpositionFormat.PrometheusText));
        var toMemory = Lap("  to memory that is in no cache", () => registry.WriteAsync(memory, ExpositionFormat.PrometheusText));
        var openMetrics = Lap("Orchestrator.Metrics, OpenMetrics", () => registry.WriteAsync(Stream.Null, ExpositionFormat.OpenMetrics));
        var protobuf = Lap("Orchestrator.Metrics, protobuf", () => registry.WriteAsync(Stream.Null, ExpositionFormat.Protobuf));
        var protobufWriter = Lap("  of it the writer", () => snapshot.WriteAsync(Stream.Null, ExpositionFormat.Protobuf));
        var openTelemetry = Lap("OpenTelemetry exporter, observable gauge", () => exporter.WriteAsync(Stream.Null));
        var prometheusNet = Lap("prometheus-net, fresh registry", () => PrometheusNet.WriteAsync(Stream.Null, rows));
        var run = await InterleavedRun.RunAsync(
            1, rounds, memcpy, memcpyInCache, plain, ours, thread, writer, withCheck, toMemory, openMetrics, protobuf, protobufWriter,
            openTelemetry, prometheusNet);

        var size = $"{series:N0} series";
        Report.Section($"{size} of {(double)text.Length / series:0} bytes from rows in memory to a stream (plain formatter = 1)");
        Report.Table(run, plain, SeriesPerLap);
        Report.Note($"\nTimes memcpy: {run.Ratio(ours, memcpy):0.0}, to memory {run.Ratio(toMemory, memcpy):0.0}; "
            + $"times memcpy between the same places: {run.Ratio(ours, memcpyInCache):0.0}");
        Report.Note($"With the thread {run.Ratio(prometheusNet, ours):0.0} times as fast as prometheus-net; the targets exclude it");
        var writerBytes = PerSeries(run.Allocated(writer));

        // The targets exclude the thread, because its cost per run does not depend on the number of series.
        report.AtLeast(TimesPrometheusNet / slack, 1 / run.RatioOfDifference(ours, thread, prometheusNet), $"{size}: times as fast as prometheus-net with a fresh registry");
        report.AtMost(TimesMemcpy * slack, run.RatioOfDifference(ours, thread, memcpy), $"{size}: times memcpy of the same bytes");
        report.AtMost(OpenMetricsToText, run.Ratio(openMetrics, ours), $"{size}: OpenMetrics, times text");
        report.AtMost(ProtobufToText * slack, run.Ratio(protobuf, ours), $"{size}: protobuf, times text");
        report.AtMost(ModelBytesPerSeries * slack, PerSeries(run.Allocated(ours)) - writerBytes, $"{size}: bytes allocated per series for the model");
        report.AtMost(WriterBytesPerScrape, writerBytes * series, $"{size}: bytes allocated in the writer, in total");

        double PerSeries(long? bytes) => (double)bytes!.Value / SeriesPerLap;

        Contender Lap(string name, Func<Task> scrape) => Contender.Of(name, async () =>
        {
            for (var done = 0; done < SeriesPerLap; done += series)
                await scrape();
        });
    }

    /// <summary>Starts a thread and waits until it ends, like a run of a collector without an await.</summary>
    public static Task StartThreadAsync()
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(ended.SetResult) { IsBackground = true, Name = "Collector rows" }.UnsafeStart();
        return ended.Task;
    }

    /// <summary>
    /// Returns the text of the library. Throws if a contender does not write the samples of the rows.
    /// </summary>
    private static async Task<byte[]> CheckAsync(
        SeriesRow[] rows, OrchestratorMetricsRegistry registry, OpenTelemetryExporter exporter)
    {
        foreach (var format in (ExpositionFormat[])[ExpositionFormat.PrometheusText, ExpositionFormat.OpenMetrics])
            await SampleSet.RequireAsync($"Orchestrator.Metrics, {format}", rows, stream => registry.WriteAsync(stream, format));
        await SampleSet.RequireProtobufAsync("Orchestrator.Metrics, protobuf", rows, stream => registry.WriteAsync(stream, ExpositionFormat.Protobuf));
        await SampleSet.RequireAsync("prometheus-net", rows, stream => PrometheusNet.WriteAsync(stream, rows));
        await SampleSet.RequireAsync("OpenTelemetry", rows, exporter.WriteAsync);
        await SampleSet.RequireAsync("plain formatter", rows, stream =>
        {
            PlainFormatter.Write(stream, rows);
            return Task.CompletedTask;
        });
        using var text = new MemoryStream();
        await registry.WriteAsync(text, ExpositionFormat.PrometheusText);
        return text.ToArray();
    }

    /// <summary>Copies the text from uncached memory, a different location in each call.</summary>
    private static Func<Task> Copies(byte[] text, ColdMemory target)
    {
        byte[][] sources = [.. Enumerable.Range(0, Math.Max(1, ColdMemory.Size / text.Length)).Select(_ => text.ToArray())];
        var next = 0;
        return Synchronous(() => target.Write(sources[next++ % sources.Length]));
    }

    private static Func<Task> Synchronous(Action work) => () =>
    {
        work();
        return Task.CompletedTask;
    };
}
