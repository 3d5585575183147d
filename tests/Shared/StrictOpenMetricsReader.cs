using System.Globalization;
using System.Text.RegularExpressions;

namespace Orchestrator.Metrics.Tests;

internal sealed record ReadFamily(string Name, string Type, string Help, string Unit, List<ReadSample> Samples);

internal sealed record ReadSample(
    string Name, KeyValuePair<string, string>[] Labels, double Value, double? Timestamp, ReadSample? Exemplar = null)
{
    public string? this[string label] => Array.Find(Labels, pair => pair.Key == label).Value;

    /// <summary>Everything as text, doubles bit by bit, for comparison.</summary>
    public override string ToString() =>
        $"{Name}{{{string.Join(",", Labels.Select(label => $"{label.Key}={label.Value}"))}}} " +
        $"{Value:R}/{BitConverter.DoubleToInt64Bits(Value):x} @{Timestamp:R} # {Exemplar}";
}

/// <summary>
/// Reads OpenMetrics text 1.0.0 and refuses what its ABNF or its rules on the types forbid; what is "SHOULD" is
/// accepted. With names in quotes, as Prometheus 3 reads them. Source: the specification,
/// https://prometheus.io/docs/specs/om/open_metrics_spec.
/// </summary>
internal sealed partial class StrictOpenMetricsReader
{
    private static readonly Dictionary<string, string[]> Suffixes = new()
    {
        ["gauge"] = [""],
        ["unknown"] = [""],
        ["stateset"] = [""],
        ["info"] = ["_info"],
        ["counter"] = ["_total", "_created"],
        ["summary"] = ["", "_count", "_sum", "_created"],
        ["histogram"] = ["_bucket", "_count", "_sum", "_created"],
        ["gaugehistogram"] = ["_bucket", "_gcount", "_gsum"],
    };

    private readonly string _line;
    private int _at;

    private StrictOpenMetricsReader(string line) => _line = line;

    public static List<ReadFamily> Read(string text)
    {
        if (!text.EndsWith("# EOF\n", StringComparison.Ordinal))
            throw new FormatException("The text does not end with '# EOF' and a line feed.");
        var families = new List<ReadFamily>();
        ReadFamily? family = null;
        var told = new HashSet<string>();
        foreach (var line in text[..^"# EOF\n".Length].Split('\n')[..^1])
        {
            var reader = new StrictOpenMetricsReader(line);
            try
            {
                if (line.StartsWith('#'))
                {
                    var (keyword, name, rest) = reader.Metadata();
                    if (family?.Name != name)
                    {
                        if (families.Exists(other => other.Name == name))
                            throw new FormatException($"Family '{name}' comes again.");
                        families.Add(family = new ReadFamily(name, "", "", "", []));
                        told.Clear();
                    }

                    if (!told.Add(keyword) || family.Samples.Count > 0)
                        throw new FormatException($"'{keyword}' is too much or too late.");
                    families[^1] = family = keyword switch
                    {
                        "HELP" => family with { Help = rest },
                        "TYPE" when Suffixes.ContainsKey(rest) => family with { Type = rest },
                        "UNIT" => family with { Unit = rest },
                        _ => throw new FormatException("Unknown type."),
                    };
                }
                else
                {
                    if (family is null || family.Type.Length == 0)
                        throw new FormatException("A sample without a TYPE: this library always writes one.");
                    family.Samples.Add(reader.Sample());
                }
            }
            catch (FormatException exception)
            {
                throw new FormatException($"{exception.Message} Line: {line}");
            }
        }

        StrictOpenMetricsRules.Require(families, Suffixes);
        return families;
    }

    private (string Keyword, string Name, string Text) Metadata()
    {
        Expect("# ");
        var keyword = Matching(Keyword());
        Expect(" ");
        var name = Peek() == '"' ? Quoted() : Matching(MetricName());
        Expect(" ");
        var rest = Escaped(end: null);
        return (keyword, name, rest);
    }

    private ReadSample Sample()
    {
        string? name = null;
        var labels = new List<KeyValuePair<string, string>>();
        if (Peek() != '{')
            name = Matching(MetricName());
        if (Peek() == '{')
            name = Labels(labels, name);
        if (name is null)
            throw new FormatException("A sample without a name.");
        Expect(" ");
        var value = Number();
        double? timestamp = null;
        ReadSample? exemplar = null;
        if (_at < _line.Length && !_line[_at..].StartsWith(" #", StringComparison.Ordinal))
        {
            Expect(" ");
            timestamp = Timestamp();
        }

        if (_at < _line.Length)
            exemplar = Exemplar();
        if (_at < _line.Length)
            throw new FormatException("There is something after the end.");
        return new ReadSample(name, [.. labels], value, timestamp, exemplar);
    }

    private ReadSample Exemplar()
    {
        Expect(" # ");
        var labels = new List<KeyValuePair<string, string>>();
        Labels(labels, "");
        Expect(" ");
        var value = Number();
        double? timestamp = null;
        if (_at < _line.Length)
        {
            Expect(" ");
            timestamp = Timestamp();
        }

        if (labels.Sum(label => label.Key.EnumerateRunes().Count() + label.Value.EnumerateRunes().Count()) > 128)
            throw new FormatException("The labels of the exemplar are too long.");
        return new ReadSample("", [.. labels], value, timestamp);
    }

    /// <summary>Labels in braces, and the name of the metric if it stands there in quotes.</summary>
    private string? Labels(List<KeyValuePair<string, string>> labels, string? name)
    {
        Expect("{");
        for (var first = true; Peek() != '}'; first = false)
        {
            if (!first)
            {
                Expect(",");
                if (name is not null && labels.Count == 0)
                    Expect(" ");
            }

            var quoted = Peek() == '"';
            var label = quoted ? Quoted() : Matching(LabelName());
            if (quoted && first && name is null)
            {
                name = label;
                continue;
            }

            Expect("=");
            if (labels.Exists(other => other.Key == label))
                throw new FormatException($"Label '{label}' comes twice.");
            labels.Add(new(label, Quoted()));
        }

        Expect("}");
        return name;
    }

    private string Quoted()
    {
        Expect("\"");
        var text = Escaped(end: '"');
        Expect("\"");
        return text;
    }

    private string Escaped(char? end)
    {
        var text = new System.Text.StringBuilder();
        while (_at < _line.Length && _line[_at] != end)
        {
            var c = _line[_at++];
            if (c == '"')
                throw new FormatException("A quote that is not escaped.");
            text.Append(c != '\\' ? c : (_at < _line.Length ? _line[_at++] : '\0') switch
            {
                'n' => '\n',
                '"' => '"',
                '\\' => '\\',
                _ => throw new FormatException("A backslash before what needs none."),
            });
        }

        return text.ToString();
    }

    private double Number()
    {
        var text = Matching(AnyNumber());
        return text.TrimStart('+', '-').ToUpperInvariant() switch
        {
            "INF" or "INFINITY" => text[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity,
            "NAN" => double.NaN,
            _ => double.Parse(text, CultureInfo.InvariantCulture),
        };
    }

    private double Timestamp() => double.Parse(Matching(RealNumber()), CultureInfo.InvariantCulture);

    private string Matching(Regex regex)
    {
        var match = regex.Match(_line, _at);
        if (!match.Success || match.Index != _at)
            throw new FormatException($"Expected {regex} at {_at}.");
        _at += match.Length;
        return match.Value;
    }

    private void Expect(string text)
    {
        if (string.CompareOrdinal(_line, _at, text, 0, text.Length) != 0)
            throw new FormatException($"Expected '{text}' at {_at}.");
        _at += text.Length;
    }

    private char? Peek() => _at < _line.Length ? _line[_at] : null;

    [GeneratedRegex(@"\G(HELP|TYPE|UNIT)(?=[ ])")]
    private static partial Regex Keyword();

    [GeneratedRegex(@"\G[a-zA-Z_:][a-zA-Z0-9_:]*")]
    private static partial Regex MetricName();

    [GeneratedRegex(@"\G[a-zA-Z_][a-zA-Z0-9_]*")]
    private static partial Regex LabelName();

    [GeneratedRegex(@"\G[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?(?=[ ]|$)")]
    private static partial Regex RealNumber();

    [GeneratedRegex(@"\G([+-]?([0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?|[iI][nN][fF]([iI][nN][iI][tT][yY])?)|[nN][aA][nN])(?=[ ]|$)")]
    private static partial Regex AnyNumber();
}
