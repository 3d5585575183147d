using Orchestrator.Metrics.Benchmarks.Peers;
using Orchestrator.Metrics.Benchmarks.Ratios;

namespace Orchestrator.Metrics.Benchmarks.Scenarios;

/// <summary>The path from rows to a stream (collector, registry and writer), compared with other libraries.</summary>
internal static class Rendering
{
    // With so many series, a lap includes the garbage collections that it causes.
    private const int SeriesPerLap = 300_000;
    private const double TimesPrometheusNet = 12;
    private const double TimesMemcpy = 8;
    private const double ModelBytesPerSeries = 200;
    private const double OpenMetricsToText = 1.15;
    private const double ProtobufToText = 1;

    // The allowance for the buffer and the label names, which does not depend on the number of series.
    private const double WriterBytesPerScrape = 16 * 1024;

    // The parameter slack is the factor by which targets are relaxed: 1.5 for few series.
    public static async Task RunAsync(Report report, int series, int rounds, double slack)
    {
        var rows = SeriesRow.Create(series);
        var registry = RowsCollector.CreateRegistry(rows);
        var snapshot = await registry.CollectAsync();
        await using var exporter = new OpenTelemetryExporter(rows);
        var text = await CheckAsync(rows, registry, exporter);
        await using var memory = new ColdMemory();
        var copy = new byte[text.Length];

        var memcpy = CreateContender("memcpy of the same bytes", CreateCopy(text, memory));
        var memcpyInCache = CreateContender("  between the same places, in the cache", ToAsync(() => text.CopyTo(copy, 0)));
        var plain = CreateContender("plain formatter, one pass by hand", ToAsync(() => PlainFormatter.Write(Stream.Null, rows)));
        var ours = CreateContender("Orchestrator.Metrics, text", () => registry.WriteAsync(Stream.Null, ExpositionFormat.PrometheusText));
        var thread = CreateContender("  the start of the thread alone", StartThreadAsync);
        var writer = CreateContender("  the writer alone", () => snapshot.WriteAsync(Stream.Null, ExpositionFormat.PrometheusText));
        var checking = RowsCollector.CreateRegistry(rows, checkDuplicates: true);
        var withCheck = CreateContender("  with the check for duplicate series", () => checking.WriteAsync(Stream.Null, ExpositionFormat.PrometheusText));
        var toMemory = CreateContender("  to uncached memory", () => registry.WriteAsync(memory, ExpositionFormat.PrometheusText));
        var openMetrics = CreateContender("Orchestrator.Metrics, OpenMetrics", () => registry.WriteAsync(Stream.Null, ExpositionFormat.OpenMetrics));
        var protobuf = CreateContender("Orchestrator.Metrics, protobuf", () => registry.WriteAsync(Stream.Null, ExpositionFormat.Protobuf));
        var protobufWriter = CreateContender("  the writer alone", () => snapshot.WriteAsync(Stream.Null, ExpositionFormat.Protobuf));
        var openTelemetry = CreateContender("OpenTelemetry exporter, observable gauge", () => exporter.WriteAsync(Stream.Null));
        var prometheusNet = CreateContender("prometheus-net, fresh registry", () => PrometheusNet.WriteAsync(Stream.Null, rows));
        var run = await InterleavedRun.RunAsync(
            1, rounds, memcpy, memcpyInCache, plain, ours, thread, writer, withCheck, toMemory, openMetrics, protobuf, protobufWriter,
            openTelemetry, prometheusNet);

        var size = $"{series:N0} series";
        Report.PrintSection($"{size} of {(double)text.Length / series:0} bytes from rows in memory to a stream (plain formatter = 1)");
        Report.PrintTable(run, plain, SeriesPerLap);
        Console.WriteLine($"\nText takes {run.ComputeRatio(ours, memcpy):0.0} times as long as memcpy, and {run.ComputeRatio(toMemory, memcpy):0.0} times to uncached memory.");
        Console.WriteLine($"It takes {run.ComputeRatio(ours, memcpyInCache):0.0} times as long as memcpy between the same places.");
        Console.WriteLine($"With the start of the thread, it is {run.ComputeRatio(prometheusNet, ours):0.0} times as fast as prometheus-net. The targets exclude the start.");
        var writerBytes = DivideBySeries(run.GetAllocated(writer));

        // The first two targets exclude the start of the thread, whose cost does not depend on the number of series.
        report.ExpectAtLeast(TimesPrometheusNet / slack, 1 / run.ComputeRatioOfDifference(ours, thread, prometheusNet), $"{size}: times as fast as prometheus-net with a fresh registry");
        report.ExpectAtMost(TimesMemcpy * slack, run.ComputeRatioOfDifference(ours, thread, memcpy), $"{size}: times memcpy of the same bytes");
        report.ExpectAtMost(OpenMetricsToText, run.ComputeRatio(openMetrics, ours), $"{size}: OpenMetrics, times text");
        report.ExpectAtMost(ProtobufToText * slack, run.ComputeRatio(protobuf, ours), $"{size}: protobuf, times text");
        report.ExpectAtMost(ModelBytesPerSeries * slack, DivideBySeries(run.GetAllocated(ours)) - writerBytes, $"{size}: bytes allocated per series for the model");
        report.ExpectAtMost(WriterBytesPerScrape, writerBytes * series, $"{size}: bytes allocated in the writer, in total");

        double DivideBySeries(long? bytes) => (double)bytes!.Value / SeriesPerLap;

        Contender CreateContender(string name, Func<Task> scrape) => Contender.Create(name, async () =>
        {
            for (var done = 0; done < SeriesPerLap; done += series)
                await scrape();
        });
    }

    // Like a run of a collector without an await.
    public static Task StartThreadAsync()
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(ended.SetResult) { IsBackground = true, Name = "Collector rows" }.UnsafeStart();
        return ended.Task;
    }

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

    // Each run copies from another place, and therefore from uncached memory.
    private static Func<Task> CreateCopy(byte[] text, ColdMemory target)
    {
        byte[][] sources = [.. Enumerable.Range(0, Math.Max(1, ColdMemory.Size / text.Length)).Select(_ => text.ToArray())];
        var next = 0;
        return ToAsync(() => target.Write(sources[next++ % sources.Length]));
    }

    private static Func<Task> ToAsync(Action work) => () =>
    {
        work();
        return Task.CompletedTask;
    };
}
