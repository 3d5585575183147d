using System.Globalization;
using System.Text;

namespace Orchestrator.Metrics.Tests;

/// <summary>Compares two expositions by the rules in <c>golden/orchestrator-db/README.md</c>.</summary>
internal static class Exposition
{
    /// <summary>
    /// Asserts that two expositions are equal. Samples with equal counts may be in any order, so the samples of a
    /// family are compared as a multiset, and <see cref="AssertOrder"/> verifies that counts descend. Only line feeds
    /// separate lines, because labels contain raw carriage returns and line separators.
    /// </summary>
    public static void AssertSame(byte[] actual, byte[] expected)
    {
        var text = Decode(actual);
        Assert.That(Normalize(text), Is.EqualTo(Normalize(Decode(expected))));
        AssertOrder(text);
    }

    /// <summary>Asserts that counts descend, and that the seconds have the same label sets in the same order.</summary>
    public static void AssertOrder(string text)
    {
        Assert.That(
            ReadValues(text, "wfo_subscriptions_count"), Is.Ordered.Descending, "wfo_subscriptions_count descends");
        Assert.That(ReadValues(text, "wfo_process_count"), Is.Ordered.Descending, "wfo_process_count descends");
        Assert.That(
            ReadLabels(text, "wfo_process_seconds_total_count"), Is.EqualTo(ReadLabels(text, "wfo_process_count")),
            "the seconds follow the order of the counts");
    }

    public static double[] ReadValues(string text, string family) =>
    [
        .. FindSamples(text, family)
            .Select(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture)),
    ];

    public static string[] ReadLabels(string text, string family) =>
        [.. FindSamples(text, family).Select(line => line[family.Length..line.LastIndexOf(' ')])];

    public static IEnumerable<string> FindSamples(string text, string family) =>
        text.Split('\n').Where(line => line.StartsWith(family + "{", StringComparison.Ordinal));

    public static async Task<byte[]> WriteAsync(OrchestratorMetricsRegistry registry, ExpositionFormat format)
    {
        using var stream = new MemoryStream();
        await registry.WriteAsync(stream, format).Soon();
        return stream.ToArray();
    }

    private static string Decode(byte[] exposition) =>
        new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(exposition);

    private static string Normalize(string exposition)
    {
        var text = new StringBuilder();
        foreach (var family in exposition.Split("# HELP ")[1..])
        {
            var lines = family.Split('\n');
            text.AppendJoin('\n', lines.Where(line => line.StartsWith('#') || line == lines[0]));
            text.Append('\n');
            text.AppendJoin('\n', lines.Skip(1).Where(line => !line.StartsWith('#')).Order(StringComparer.Ordinal));
            text.Append('\n');
        }

        return text.ToString();
    }
}
