using System.Globalization;
using System.Text;
using Orchestrator.Metrics.Tests.Messages;

namespace Orchestrator.Metrics.Benchmarks.Ratios;

/// <summary>Throws if a contender does not write exactly the samples of the rows.</summary>
internal static class SampleSet
{
    public static async Task RequireAsync(string contender, IReadOnlyList<SeriesRow> rows, Func<Stream, Task> write)
    {
        using var stream = new MemoryStream();
        await write(stream);
        Require(contender, rows, Parse(Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length)));
    }

    public static async Task RequireProtobufAsync(
        string contender, IReadOnlyList<SeriesRow> rows, Func<Stream, Task> write)
    {
        using var stream = new MemoryStream();
        await write(stream);
        var family = ProtobufMessages.Read(stream.ToArray()).Single();
        Require(contender, rows, family.Metric.ToDictionary(
            metric => CreateKey(metric.Label.Select(label => $"{label.Name}=\"{label.Value}\"")), metric => metric.Gauge.Value));
    }

    private static void Require(
        string contender, IReadOnlyList<SeriesRow> rows, Dictionary<string, double> written)
    {
        if (written.Count != rows.Count)
            throw new InvalidOperationException($"{contender} wrote {written.Count} samples for {rows.Count} rows.");
        foreach (var row in rows)
        {
            var key = CreateKey(SeriesRow.LabelNames.Zip(row.LabelValues, (name, value) => $"{name}=\"{value}\""));
            if (!written.TryGetValue(key, out var value))
                throw new InvalidOperationException($"{contender} wrote no sample for {{{key}}}.");
            if (value != row.Value)
                throw new InvalidOperationException($"{contender} wrote {value} for {{{key}}}, but the row contains {row.Value}.");
        }
    }

    private static Dictionary<string, double> Parse(string text)
    {
        var samples = new Dictionary<string, double>();
        foreach (var line in text.Split('\n'))
        {
            if (!line.StartsWith(SeriesRow.FamilyName + "{", StringComparison.Ordinal))
                continue;
            var open = line.IndexOf('{', StringComparison.Ordinal);
            var close = line.LastIndexOf('}');
            var labels = line[(open + 1)..close].Split(',')
                .Where(label => label.Length > 0 && !label.StartsWith("otel_", StringComparison.Ordinal));
            var value = line[(close + 2)..].Split(' ')[0];
            samples.Add(CreateKey(labels), double.Parse(value, CultureInfo.InvariantCulture));
        }

        return samples;
    }

    private static string CreateKey(IEnumerable<string> labels) =>
        string.Join(',', labels.Order(StringComparer.Ordinal));
}
