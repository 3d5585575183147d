using System.Text;
using System.Text.Unicode;
using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics.Exposition.Parsing;

/// <summary>
/// Reads exposition text: Prometheus text, or OpenMetrics if the last line is <c># EOF</c>. It takes what Prometheus
/// takes, except for what could be told from a text that is cut off or mixed up only by its looks.
/// Sources: https://prometheus.io/docs/instrumenting/exposition_formats and the OpenMetrics 1.0 specification.
/// </summary>
internal sealed class ExpositionParser(bool openMetrics, bool ofPrometheusNet)
{
    private const int LongestExcerpt = 200;
    private const int LongestReason = 600;

    private readonly SharedStrings _strings = new();
    private readonly ParsedFamilies _families = new(openMetrics, ofPrometheusNet);
    private readonly List<KeyValuePair<string, string>> _labels = [];
    private readonly List<KeyValuePair<string, string>> _exemplarLabels = [];

    /// <summary>Reads a whole text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="ofPrometheusNet">Whether prometheus-net wrote it.</param>
    /// <param name="cancellationToken">Ends reading between two lines.</param>
    /// <exception cref="FormatException">The text is not valid.</exception>
    public static IReadOnlyList<MetricFamily> Parse(
        ReadOnlySpan<byte> text, bool ofPrometheusNet, CancellationToken cancellationToken)
    {
        var openMetrics = TakeEof(ref text);
        var parser = new ExpositionParser(openMetrics, ofPrometheusNet);
        var validUtf8 = Utf8.IsValid(text);
        for (var number = 1; !text.IsEmpty; number++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var end = text.IndexOf((byte)'\n');
            if (ofPrometheusNet && text.StartsWith("# HELP "u8))
                end = EndOfHelp(text, end);
            var line = end < 0 ? text : text[..end];
            try
            {
                if (end < 0)
                    throw new FormatException("The line feed at the end is missing, so the text may be cut off.");
                if (!validUtf8 && !Utf8.IsValid(line))
                    throw new FormatException("It is not valid UTF-8.");
                parser.ReadLine(line);
            }
            catch (FormatException exception)
            {
                throw new FormatException(Message(exception.Message, number, line), exception);
            }

            number += line.Count((byte)'\n');
            text = text[(end + 1)..];
        }

        return parser._families.Build();
    }

    /// <summary>Takes the last line away if it is the one that ends OpenMetrics.</summary>
    private static bool TakeEof(ref ReadOnlySpan<byte> text)
    {
        var lines = text.EndsWith("\n"u8) ? text[..^1] : text;
        if (!lines.EndsWith("# EOF"u8))
            return false;
        lines = lines[..^"# EOF".Length];
        if (!lines.IsEmpty && lines[^1] != '\n')
            return false;
        text = lines;
        return true;
    }

    /// <summary>
    /// Where a help text of prometheus-net ends, whose line feeds are not escaped: before the # TYPE of the family. If
    /// the help text has such a line itself, the last one before the next family counts.
    /// </summary>
    private static int EndOfHelp(ReadOnlySpan<byte> text, int endOfLine)
    {
        var name = text["# HELP ".Length..Math.Max(endOfLine, "# HELP ".Length)];
        name = name[..Math.Max(name.IndexOf((byte)' '), 0)];
        byte[] type = [.. "\n# TYPE "u8, .. name, (byte)' '];
        var first = text.IndexOf(type);
        if (first < 0)
            return endOfLine;
        var next = text[(first + 1)..].IndexOf("\n# HELP "u8);
        return (next < 0 ? text : text[..(first + 1 + next)]).LastIndexOf(type);
    }

    private static string Message(string why, int number, ReadOnlySpan<byte> line)
    {
        // It may repeat a name or a number, which may be as long as the text.
        if (why.Length > LongestReason)
            why = why[..LongestReason] + "...";
        if (line.EndsWith("\r"u8))
            why += " It ends in a carriage return; lines end in a line feed alone (NewLine = \"\\n\" of a TextWriter).";
        if (line.StartsWith("\uFEFF"u8))
            why += " It starts with a byte order mark, which UTF8Encoding leaves out if it is created with false.";
        var text = Encoding.UTF8.GetString(line[..Math.Min(line.Length, LongestExcerpt)]);
        return $"Line {number} of the exposition text is not valid. {why} The line: {text}";
    }

    private void ReadLine(ReadOnlySpan<byte> line)
    {
        var reader = new LineReader(line, _strings);
        reader.SkipBlanks();
        if (reader.AtEnd)
            return;
        if (reader.TryTake('#'))
            ReadComment(ref reader);
        else
            ReadSample(ref reader);
    }

    private void ReadComment(ref LineReader reader)
    {
        if (!reader.SkipBlanks())
            return;
        var keyword = reader.Token();
        if (keyword.TrimEnd("\r"u8).SequenceEqual("EOF"u8) && reader.Rest.Trim(" \t\r"u8).IsEmpty)
            throw new FormatException("'# EOF' is the end of OpenMetrics and must be the last line, to the letter.");
        var isUnit = openMetrics && keyword.SequenceEqual("UNIT"u8);
        if (!isUnit && !keyword.SequenceEqual("HELP"u8) && !keyword.SequenceEqual("TYPE"u8))
            return;
        var kind = keyword[0];
        reader.SkipBlanks();
        var name = reader.MetricName(ofSample: false);
        if (kind == 'H')
        {
            _families.Help(name, reader.Help(quotesEscaped: openMetrics));
            return;
        }

        reader.SkipBlanks();
        var word = Encoding.UTF8.GetString(reader.Rest.TrimEnd(" \t"u8));
        if (isUnit)
            _families.Unit(name, word);
        else
            _families.Type(name, word);
    }

    private void ReadSample(ref LineReader reader)
    {
        _labels.Clear();
        var brace = reader.Rest[0] == '{';
        var name = brace ? null : reader.MetricName(ofSample: true);
        reader.SkipBlanks();
        if (brace || (!reader.AtEnd && reader.Rest[0] == '{'))
            name = reader.Labels(_labels, name);
        if (name is null)
            throw new FormatException("The sample has no name.");
        RequireLabels(_labels);
        reader.SkipBlanks();
        var value = reader.Number("value");
        reader.SkipBlanks();
        var timestamp = UnixSeconds.None;
        if (!reader.AtEnd && reader.Rest[0] != '#')
            timestamp = reader.Timestamp(openMetrics);
        reader.SkipBlanks();
        var exemplar = reader.TryTake('#') ? ReadExemplar(ref reader) : null;
        if (!reader.AtEnd)
            throw new FormatException("There is something after the end of the sample.");
        var (family, suffix) = _families.Of(name);
        family.Add(suffix, _labels, value, timestamp, exemplar);
    }

    private Exemplar ReadExemplar(ref LineReader reader)
    {
        if (!openMetrics)
            throw new FormatException(
                "It has an exemplar, which only OpenMetrics has; the text does not end with '# EOF' as that must.");
        _exemplarLabels.Clear();
        reader.SkipBlanks();
        reader.Labels(_exemplarLabels, name: "");
        reader.SkipBlanks();
        var value = reader.Number("value of the exemplar");
        reader.SkipBlanks();
        var timestamp = reader.AtEnd ? UnixSeconds.None : reader.Timestamp(openMetrics);
        reader.SkipBlanks();
        return new Exemplar(value, ParsedFamily.ByName(_exemplarLabels), timestamp);
    }

    /// <summary>Refuses labels that no reader could take.</summary>
    private static void RequireLabels(List<KeyValuePair<string, string>> labels)
    {
        var legacy = true;
        foreach (var (label, _) in labels)
        {
            if (label == "__name__")
                throw new FormatException("Label '__name__' is the name of the metric itself.");
            legacy &= MetricNames.IsLegacyLabelName(label);
        }

        // A reader that takes legacy names only gets 'a.b' as 'a_b'.
        if (!legacy && labels.DistinctBy(label => EscapedName.Label(label.Key, EscapingScheme.Underscores)).Count()
            < labels.Count)
            throw new FormatException("Two of its labels are the same for a reader that takes legacy names only.");
    }
}
