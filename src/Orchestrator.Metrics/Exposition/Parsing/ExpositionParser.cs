using System.Text;
using System.Text.Unicode;
using Orchestrator.Metrics.Model;
using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics.Exposition.Parsing;

/// <summary>
/// Parses an exposition: Prometheus text, or OpenMetrics if the last line is <c># EOF</c>.
/// <see cref="ExpositionParseMode"/> defines what each mode accepts.
/// Sources: https://prometheus.io/docs/instrumenting/exposition_formats and the OpenMetrics 1.0 specification.
/// </summary>
internal sealed class ExpositionParser
{
    private const int LongestExcerpt = 200;
    private const int LongestReason = 600;

    private readonly bool _openMetrics;
    private readonly OpenMetricsValidator? _validator;
    private readonly SharedStrings _strings = new();
    private readonly ParsedFamilies _families;
    private readonly List<KeyValuePair<string, string>> _labels = [];
    private readonly List<KeyValuePair<string, string>> _exemplarLabels = [];

    private ExpositionParser(bool openMetrics, OpenMetricsValidator? validator)
    {
        _openMetrics = openMetrics;
        _validator = validator;
        _families = new ParsedFamilies(openMetrics);
    }

    public static IReadOnlyList<MetricFamily> Parse(
        ReadOnlySpan<byte> text, ExpositionParseMode mode, bool requireFinalLineFeed,
        CancellationToken cancellationToken)
    {
        var rest = text;
        var openMetrics = TakeEof(ref rest);
        var validator = mode == ExpositionParseMode.StrictOpenMetrics ? new OpenMetricsValidator() : null;
        var parser = new ExpositionParser(openMetrics || validator is not null, validator);
        var validUtf8 = Utf8.IsValid(text);
        for (var number = 1; !rest.IsEmpty; number++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var end = rest.IndexOf((byte)'\n');
            var line = end < 0 ? rest : rest[..end];

            // Without a line feed, '# EOF' is also missing, which is reported below.
            if (end < 0 && validator is not null)
                break;
            try
            {
                if (end < 0 && requireFinalLineFeed)
                    throw new FormatException(
                        "The text does not end in a line feed, so it may be truncated. Write the complete text, with " +
                        "a line feed after the last line.");
                if (!validUtf8 && !Utf8.IsValid(line))
                    throw new FormatException("The line is not valid UTF-8. Encode the text in UTF-8.");
                validator?.Line = number;
                parser.ReadLine(line);
                if (validator is not null)
                    OpenMetricsSyntax.Require(line);
            }
            catch (FormatException exception)
            {
                throw CreateException(exception, number, line);
            }

            rest = rest[Math.Min(line.Length + 1, rest.Length)..];
        }

        if (validator is not null)
            Validate(validator, text, openMetrics);
        return parser._families.Build();
    }

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

    private static void Validate(OpenMetricsValidator validator, ReadOnlySpan<byte> text, bool hasEof)
    {
        if (!hasEof)
            throw new FormatException(
                "The exposition does not end with '# EOF', so it is truncated or not OpenMetrics. Write the complete " +
                "text, with '# EOF' as its last line.");
        try
        {
            validator.Validate();
        }
        catch (FormatException exception)
        {
            var number = 0;
            foreach (var line in text.Split((byte)'\n'))
            {
                if (++number == validator.Line)
                    throw CreateException(exception, number, text[line]);
            }
        }
    }

    private static FormatException CreateException(FormatException cause, int number, ReadOnlySpan<byte> line)
    {
        // A byte order mark or a carriage return also causes other errors, whose messages would mislead.
        var why = cause.Message;
        if (line.StartsWith("\uFEFF"u8))
            why = "The line starts with a byte order mark. Write the text with new UTF8Encoding(false).";
        else if (line.EndsWith("\r"u8))
            why = "The line ends with a carriage return. End lines with a line feed only (NewLine = \"\\n\" of a " +
                "TextWriter).";

        // The message may contain a name or a number as long as the text.
        if (why.Length > LongestReason)
            why = why[..LongestReason] + "...";
        var text = Encoding.UTF8.GetString(line[..Math.Min(line.Length, LongestExcerpt)]);
        return new FormatException(
            $"Line {number} of the exposition is invalid. {why} Line: {text}".Replace("\r", "\\r"), cause);
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
        var keyword = reader.ReadToken();
        if (keyword.TrimEnd("\r"u8).SequenceEqual("EOF"u8) && reader.Rest.Trim(" \t\r"u8).IsEmpty)
            throw new FormatException("'# EOF' ends OpenMetrics and must be the last line, without other characters.");
        var isUnit = _openMetrics && keyword.SequenceEqual("UNIT"u8);
        if (!isUnit && !keyword.SequenceEqual("HELP"u8) && !keyword.SequenceEqual("TYPE"u8))
            return;
        var kind = keyword[0];
        reader.SkipBlanks();
        var name = reader.ReadMetricName(ofSample: false);
        if (kind == 'H')
        {
            _families.AddHelp(name, reader.ReadHelp(quotesEscaped: _openMetrics));
            _validator?.AddHelp(name);
            return;
        }

        reader.SkipBlanks();
        var word = Encoding.UTF8.GetString(reader.Rest.TrimEnd(" \t"u8));
        if (isUnit)
        {
            _families.AddUnit(name, word);
            _validator?.AddUnit(name, word);
        }
        else
        {
            var type = _families.ParseType(word);
            _families.AddType(name, type);
            _validator?.AddType(name, type);
        }
    }

    private void ReadSample(ref LineReader reader)
    {
        _labels.Clear();
        var brace = reader.Rest[0] == '{';
        var name = brace ? null : reader.ReadMetricName(ofSample: true);
        reader.SkipBlanks();
        if (brace || (!reader.AtEnd && reader.Rest[0] == '{'))
            name = reader.ReadLabels(_labels, name);
        if (name is null)
            throw new FormatException("The sample has no name. Add one.");
        RequireLabels(_labels);
        reader.SkipBlanks();
        var value = reader.ReadNumber("value");
        reader.SkipBlanks();
        var timestamp = UnixSeconds.None;
        if (!reader.AtEnd && reader.Rest[0] != '#')
            timestamp = reader.ReadTimestamp(_openMetrics);
        reader.SkipBlanks();
        var exemplar = reader.TryTake('#') ? ReadExemplar(ref reader) : null;
        if (!reader.AtEnd)
            throw new FormatException("Expected the end of the line after the sample.");
        var (family, suffix) = _families.FindOrAdd(name);
        RequireDistinct(family.Samples.Add(suffix, _labels, value, timestamp, exemplar));
        _validator?.AddSample(name, _labels, value, timestamp, exemplar);
    }

    private Exemplar ReadExemplar(ref LineReader reader)
    {
        if (!_openMetrics)
            throw new FormatException("Only OpenMetrics supports exemplars, and the text does not end with '# EOF'.");
        _exemplarLabels.Clear();
        reader.SkipBlanks();
        reader.ReadLabels(_exemplarLabels, name: "");
        reader.SkipBlanks();
        var value = reader.ReadNumber("exemplar value");
        reader.SkipBlanks();
        var timestamp = reader.AtEnd ? UnixSeconds.None : reader.ReadTimestamp(_openMetrics);
        reader.SkipBlanks();
        var labels = LabelPairs.SortByName(_exemplarLabels);
        RequireDistinct(ForeignSamples.FindDuplicate(labels));
        return new Exemplar(value, labels, timestamp);
    }

    /// <summary>Rejects labels that no reader accepts.</summary>
    private static void RequireLabels(List<KeyValuePair<string, string>> labels)
    {
        var legacy = true;
        foreach (var (label, _) in labels)
        {
            if (label == MetricNames.MetricNameLabel)
                throw new FormatException($"Label '{label}' is reserved for the metric name. Rename it.");
            legacy &= MetricNames.IsLegacyLabelName(label);
        }

        if (legacy)
            return;
        var escaped = labels.ConvertAll(label => EscapedName.EscapeLabelName(label.Key, EscapingScheme.Underscores));
        if (escaped.IndexOf(MetricNames.MetricNameLabel) is >= 0 and var reserved)
            throw new FormatException(
                $"Label '{labels[reserved].Key}' is escaped to '{MetricNames.MetricNameLabel}', which is reserved " +
                "for the metric name. Rename it.");
        if (escaped.Distinct().Count() < escaped.Count)
            throw new FormatException(
                "Two labels have the same name after escaping, as 'a.b' and 'a_b' would. Rename one of them.");
    }

    private static void RequireDistinct(string? duplicate)
    {
        if (duplicate is not null)
            throw new FormatException($"Label '{duplicate}' occurs twice.");
    }
}
