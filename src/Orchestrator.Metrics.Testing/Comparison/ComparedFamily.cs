using System.Globalization;
using System.Text.RegularExpressions;

namespace Orchestrator.Metrics.Testing;

internal sealed class ComparedFamily
{
    // The set typed contains the names of the families with a # TYPE. A missing # TYPE differs from type unknown.
    public ComparedFamily(MetricFamily family, HashSet<string> typed, bool openMetrics)
    {
        var format = openMetrics ? ExpositionFormat.OpenMetrics : ExpositionFormat.PrometheusTextV1;
        var lines = new MetricsSnapshot([family]).ToText(format.WithEscaping(EscapingScheme.AllowUtf8))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Metadata = [.. ParseMetadata(lines).Where(
            line => line.Keyword != "TYPE" || family.Type != MetricType.Unknown || typed.Contains(line.Name))];
        Name = lines[1]["# TYPE ".Length..lines[1].LastIndexOf(' ')];
        var hasNumericLabels = family.Type is MetricType.Histogram or MetricType.GaugeHistogram or MetricType.Summary;
        Samples = [.. lines.Where(line => line[0] != '#').Select(line => new ComparedSample(line, hasNumericLabels))];
    }

    public string Name { get; }

    /// <summary>The metadata lines, except an empty help text.</summary>
    public (string Keyword, string Name, string Line)[] Metadata { get; }

    public ComparedSample[] Samples { get; }

    private static IEnumerable<(string Keyword, string Name, string Line)> ParseMetadata(string[] lines)
    {
        var name = "";
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i][0] != '#' || lines[i] == "# EOF")
                continue;
            var keyword = lines[i]["# ".Length..].Split(' ')[0];

            // The name may contain spaces, so it is taken from the # TYPE after each # HELP: a type has no spaces.
            if (keyword == "HELP")
                name = lines[i + 1]["# TYPE ".Length..lines[i + 1].LastIndexOf(' ')];
            if (lines[i] != $"# HELP {name} ")
                yield return (keyword, name, lines[i]);
        }
    }
}

internal sealed partial class ComparedSample
{
    public ComparedSample(string line, bool hasNumericLabels)
    {
        Line = line;
        var end = FindEndOfSeries(line);
        Series = hasNumericLabels ? NumericLabel().Replace(line[..end], Canonicalize) : line[..end];
        var rest = line[end..];
        var isNegativeZero = rest == " -0.0" || rest.StartsWith(" -0.0 ", StringComparison.Ordinal);
        Key = Series + (isNegativeZero ? $" {rest[2..]}" : rest);
    }

    public string Line { get; }

    /// <summary>The name and the labels, with normalized bucket bounds and quantiles.</summary>
    public string Series { get; }

    // Negative zero equals zero.
    public string Key { get; }

    private static int FindEndOfSeries(string line)
    {
        var (quoted, braces) = (false, false);
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == '\\')
                i++;
            else if (line[i] == '"')
                quoted = !quoted;
            else if (!quoted && line[i] is '{' or '}')
                braces = line[i] == '{';
            else if (!quoted && !braces && line[i] == ' ')
                return i;
        }

        return line.Length;
    }

    private static string Canonicalize(Match label) =>
        double.TryParse(label.Groups["value"].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? $"{label.Groups["name"].Value}=\"{number.ToString("R", CultureInfo.InvariantCulture)}\""
            : label.Value;

    // Quotes in label values are escaped, so the pattern matches no part of a value.
    [GeneratedRegex("""(?<=[{,])(?<name>le|quantile)="(?<value>[^"\\]*)"(?=[,}])""")]
    private static partial Regex NumericLabel();
}
