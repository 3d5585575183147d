using System.Globalization;
using Orchestrator.Metrics.Benchmarks.Peers;
using Orchestrator.Metrics.Benchmarks.Ratios;

namespace Orchestrator.Metrics.Benchmarks.Scenarios;

/// <summary>The client libraries of Go and Python with the same rows, if they are installed.</summary>
internal static class OtherLanguages
{
    public static async Task RunAsync(int series, int rounds)
    {
        var rows = SeriesRow.Create(series);
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllLinesAsync(file, rows.Select(row =>
                string.Join('\t', [.. row.LabelValues, row.Value.ToString("R", CultureInfo.InvariantCulture)])));
            await using var go = await PeerProgram.StartGoAsync(file);
            await using var python = await PeerProgram.StartPythonAsync(file);
            PeerProgram[] peers = [.. new[] { go, python }.OfType<PeerProgram>()];
            foreach (var peer in peers)
                await SampleSet.RequireAsync(peer.Name, rows, peer.WriteAsync);

            var registry = RowsCollector.CreateRegistry(rows);
            var ours = Contender.Create(
                "Orchestrator.Metrics, text", () => registry.WriteAsync(Stream.Null, ExpositionFormat.PrometheusText));
            var run = await InterleavedRun.RunAsync(
                2, rounds, [ours, .. peers.Select(peer => new Contender(peer.Name, peer.ScrapeAsync))]);
            Report.PrintSection($"{series:N0} series from rows in memory to text, in other languages (ours = 1)");
            Report.PrintTable(run, ours, series);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
