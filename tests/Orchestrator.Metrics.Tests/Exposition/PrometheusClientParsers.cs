using System.Text.Json;

namespace Orchestrator.Metrics.Tests.Exposition;

internal sealed record PythonCase(bool OpenMetrics, string Text);

internal sealed record PythonResult(string? Error, PythonFamily[]? Families);

internal sealed record PythonFamily(string Name, string Type, string Help, string Unit, PythonSample[] Samples);

internal sealed record PythonSample(
    string Name, Dictionary<string, string> Labels, string Value, long? Milliseconds, PythonSample? Exemplar)
{
    public static PythonSample Create(ReadSample sample) => new(
        sample.Name, sample.Labels.ToDictionary(), FormatNumber(sample.Value),
        sample.Timestamp is { } seconds ? (long)Math.Round(seconds * 1000) : null,
        sample.Exemplar is { } exemplar ? Create(exemplar) : null);

    public override string ToString() =>
        $"{Name}{{{string.Join(",", SortedLabels)}}} {Value} @{Milliseconds} # {Exemplar}";

    private IEnumerable<string> SortedLabels =>
        Labels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}={label.Value}");

    private static string FormatNumber(double value) =>
        double.IsNaN(value) ? "nan" : $"{BitConverter.DoubleToInt64Bits(value):x16}";
}

internal static class PrometheusClientParsers
{
    // Debian's package belongs to the system Python; another Python may come first on the PATH.
    private const string Python = "/usr/bin/python3";

    private const int NotInstalled = 3;

    public static async Task<PythonResult[]> ReadAsync(IReadOnlyList<PythonCase> cases)
    {
        if (!File.Exists(Python))
            Requirements.Skip($"{Python} is missing (Debian package python3).");
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, JsonSerializer.Serialize(cases, JsonSerializerOptions.Web));
            var script = Path.Combine(
                TestFiles.Root, "tests", "Orchestrator.Metrics.Tests", "Exposition", "read_expositions.py");
            var python = await Command.RunAsync(Python, [script, file]);
            if (python.ExitCode == NotInstalled)
                Requirements.Skip($"{Python} has no prometheus_client (Debian package python3-prometheus-client).");
            python.RequireSuccess();
            return JsonSerializer.Deserialize<PythonResult[]>(python.Output, JsonSerializerOptions.Web)!;
        }
        finally
        {
            File.Delete(file);
        }
    }
}
