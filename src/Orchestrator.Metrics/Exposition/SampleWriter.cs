using System.Text;
using Orchestrator.Metrics.Model;
using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics.Exposition;

/// <summary>Writes the sample lines of one section. Text that the lines share is encoded once.</summary>
internal sealed class SampleWriter
{
    private static readonly Utf8Literal End = new("\"} ");
    private static readonly Utf8Literal ExemplarStart = new(" # {");
    private static readonly Utf8Literal ExemplarEnd = new("} ");
    private static readonly Utf8Literal ValueStart = new("=\"");

    // The maximum number of bytes for a character of a label name or value, in any escaping scheme.
    private const int MaxEscapedBytesPerChar = 8;

    private readonly ExpositionFormat _format;
    private readonly ExpositionSection _section;
    private readonly Utf8Literal[] _names = new Utf8Literal[(int)SampleSuffix.GaugeSum + 1];

    // A quoted name precedes the labels inside the braces.
    private readonly string _beforeFirstLabel;
    private readonly Utf8Literal _endWithoutLabels;

    // Each label name in two forms: as the first label, and after another label.
    private readonly Utf8Literal[] _firstLabels;
    private readonly Utf8Literal[] _nextLabels;
    private readonly int _fixedLength;

    // The position of the label that the type adds; negative if there is none.
    private readonly int _typeLabel;

    // The label values of the current point, their total number of characters, and the encoded labels before and after
    // the one that the type adds. The text after that label starts with its closing quote, and includes the closing
    // brace.
    private readonly string?[] _shared;
    private int _sharedCharacters;
    private byte[] _textBefore = [];
    private byte[] _textAfter = [];
    private int _lengthBefore;
    private int _lengthAfter;

    // Both forms of the label names that samples store themselves, encoded on first use.
    private readonly Dictionary<string, (Utf8Literal First, Utf8Literal Next)> _ownLabels = [];

    // Series that started together have the same creation time, whose digits are expensive to compute.
    private readonly byte[] _created = new byte[NumberFormat.MaxLength];
    private double _createdValue = double.NaN;
    private int _createdLength;

    public SampleWriter(ExpositionSection section, ExpositionFormat format)
    {
        _section = section;
        _format = format;
        var quoted = section.FormatName("", format.Escaping).StartsWith('"');
        _beforeFirstLabel = quoted ? "," : "{";
        _endWithoutLabels = new(quoted ? "} " : " ");
        foreach (var suffix in SampleSuffixes.Each.Where(suffix => (suffix & section.Samples) != 0))
        {
            var name = section.FormatName(suffix.GetText(section.Family.OpenMetricsType), format.Escaping);
            _names[(int)suffix] = new(quoted ? "{" + name : name);
        }

        var labels = section.Family.SortedLabelNames;
        var starts = Array.ConvertAll(labels, FormatLabelStart);
        _firstLabels = Array.ConvertAll(starts, CreateFirstLabel);
        _nextLabels = Array.ConvertAll(starts, CreateNextLabel);
        _typeLabel = Array.IndexOf(
            labels, MetricFamilyRules.GetTypeLabelName(section.Family.Type, section.Family.Name));
        _shared = new string?[labels.Length];
        _fixedLength = _names.Max(name => name.Length) + _nextLabels.Sum(label => label.Length)
            + _beforeFirstLabel.Length + 4 * NumberFormat.MaxLength + Utf8Literal.Slack;
    }

    public void Write(ref Utf8Output output, SampleStore.Chunk chunk, int index)
    {
        var detail = chunk.Details?[index];
        var suffix = detail?.Suffix ?? SampleSuffix.Main;
        if ((suffix & _section.Samples) == 0)
            return;

        ReadOnlySpan<string?> values = chunk.GetLabels(index);
        if (_typeLabel >= 0)
            SetShared(values);
        var line = output.GetSpan(GetMaxLineLength(values, detail));
        var used = _names[(int)suffix].CopyTo(line);
        used += detail?.Labels is { } own ? WriteOwnLabels(own, line[used..]) : WriteLabels(values, line[used..]);
        var value = chunk.Values[index];
        used += suffix == SampleSuffix.Created
            ? WriteCreated(value, line[used..])
            : NumberFormat.WriteGo(value, line[used..]);
        if (chunk.Timestamps is { } timestamps)
            used += WriteTimestamp(timestamps[index], chunk.IsParsed, line[used..]);
        if (detail?.Exemplar is { } exemplar && _format.IsOpenMetrics)
            used += WriteExemplar(exemplar, line[used..]);
        line[used] = (byte)'\n';
        output.Advance(used + 1);
    }

    /// <summary>
    /// Returns an upper bound for the length of a line, so space is requested once per line. The bound is rough for
    /// exemplars and for labels that the sample stores itself, because both are rare.
    /// </summary>
    private int GetMaxLineLength(ReadOnlySpan<string?> values, SampleDetail? detail)
    {
        var characters = _typeLabel < 0
            ? CountCharacters(values)
            : _sharedCharacters + (values[_typeLabel]?.Length ?? 0);
        return _fixedLength + characters * EscapedText.MaxBytesPerChar
            + (detail is null or { Labels: null, Exemplar: null }
                ? 0
                : GetMaxLength(detail.Labels) + GetMaxLength(detail.Exemplar?.SortedLabels));
    }

    private static int GetMaxLength(KeyValuePair<string, string>[]? labels)
    {
        var bytes = 0;
        foreach (var (label, value) in labels ?? [])
            bytes += (label.Length + value.Length) * MaxEscapedBytesPerChar + Utf8Literal.Slack;
        return bytes;
    }

    private int WriteLabels(ReadOnlySpan<string?> values, Span<byte> line)
    {
        int used;
        if (_typeLabel >= 0)
        {
            _textBefore.AsSpan(0, _lengthBefore).CopyTo(line);
            used = AppendLabels(values, _typeLabel, _typeLabel + 1, line, _lengthBefore, isFirst: _lengthBefore == 0);
            if (used > 0)
            {
                _textAfter.AsSpan(0, _lengthAfter).CopyTo(line[used..]);
                return used + _lengthAfter;
            }
        }

        used = AppendLabels(values, 0, values.Length, line, 0, isFirst: true);
        return used + (used > 0 ? End : _endWithoutLabels).CopyTo(line[used..]);
    }

    /// <summary>Encodes the labels around the one that the type adds, once per point.</summary>
    private void SetShared(ReadOnlySpan<string?> values)
    {
        var next = _typeLabel + 1;
        if (_lengthAfter > 0 && AreShared(values[.._typeLabel], 0) && AreShared(values[next..], next))
            return;
        values.CopyTo(_shared);
        _shared[_typeLabel] = null;
        _sharedCharacters = CountCharacters(_shared);
        var longest = _fixedLength + _sharedCharacters * EscapedText.MaxBytesPerChar;
        if (_textBefore.Length < longest)
            (_textBefore, _textAfter) = (new byte[longest], new byte[longest]);
        _lengthBefore = AppendLabels(_shared, 0, _typeLabel, _textBefore, 0, isFirst: true);
        _lengthAfter = AppendLabels(_shared, _typeLabel + 1, _shared.Length, _textAfter, 0, isFirst: false);
        _lengthAfter += End.CopyTo(_textAfter.AsSpan(_lengthAfter));
    }

    private bool AreShared(ReadOnlySpan<string?> values, int first)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (!ReferenceEquals(values[i], _shared[first + i]))
                return false;
        }

        return true;
    }

    private static int CountCharacters(ReadOnlySpan<string?> values)
    {
        var characters = 0;
        foreach (var value in values)
            characters += value?.Length ?? 0;
        return characters;
    }

    private int AppendLabels(
        ReadOnlySpan<string?> values, int first, int end, Span<byte> line, int used, bool isFirst)
    {
        var labels = isFirst ? _firstLabels : _nextLabels;
        for (var i = first; i < end; i++)
        {
            // The label that the type adds is null in samples without it, such as the _sum of a histogram.
            if (values[i] is not { } value)
                continue;
            used += labels[i].CopyTo(line[used..]);
            used += EscapedText.WriteQuoted(value, line[used..]);
            labels = _nextLabels;
        }

        return used;
    }

    private int WriteOwnLabels(KeyValuePair<string, string>[] labels, Span<byte> line)
    {
        var used = 0;
        foreach (var (label, value) in labels)
        {
            if (!_ownLabels.TryGetValue(label, out var texts))
            {
                var start = FormatLabelStart(label);
                _ownLabels.Add(label, texts = (CreateFirstLabel(start), CreateNextLabel(start)));
            }

            used += (used > 0 ? texts.Next : texts.First).CopyTo(line[used..]);
            used += EscapedText.WriteQuoted(value, line[used..]);
        }

        return used + (used > 0 ? End : _endWithoutLabels).CopyTo(line[used..]);
    }

    private Utf8Literal CreateFirstLabel(string start) => new(_beforeFirstLabel + start);

    private static Utf8Literal CreateNextLabel(string start) => new("\"," + start);

    private string FormatLabelStart(string label) => ExpositionSection.FormatLabelName(label, _format.Escaping) + "=\"";

    private int WriteCreated(double seconds, Span<byte> line)
    {
        if (!seconds.Equals(_createdValue) || _createdLength == 0)
            (_createdValue, _createdLength) = (seconds, NumberFormat.WriteGo(seconds, _created));
        _created.AsSpan(0, _createdLength).CopyTo(line);
        return _createdLength;
    }

    private int WriteTimestamp(double seconds, bool isParsed, Span<byte> line)
    {
        if (double.IsNaN(seconds))
            return 0;
        line[0] = (byte)' ';
        return 1 + (_format.IsOpenMetrics
            ? NumberFormat.WriteRepr(seconds, line[1..])
            : NumberFormat.WriteMilliseconds(seconds, line[1..], exactly: isParsed));
    }

    private int WriteExemplar(Exemplar exemplar, Span<byte> line)
    {
        var used = ExemplarStart.CopyTo(line);
        var labels = exemplar.SortedLabels;
        for (var i = 0; i < labels.Length; i++)
        {
            if (i > 0)
                line[used++] = (byte)',';
            var name = labels[i].Key;
            used += Encoding.UTF8.GetBytes(
                MetricNames.IsLegacyLabelName(name) ? name : ExpositionSection.FormatLabelName(name, _format.Escaping),
                line[used..]);
            used += ValueStart.CopyTo(line[used..]);
            used += EscapedText.WriteQuoted(labels[i].Value, line[used..]);
            line[used++] = (byte)'"';
        }

        used += ExemplarEnd.CopyTo(line[used..]);
        used += NumberFormat.WriteGo(exemplar.Value, line[used..]);
        if (exemplar.TimestampSeconds is not { } seconds)
            return used;
        line[used++] = (byte)' ';
        return used + NumberFormat.WriteRepr(seconds, line[used..]);
    }
}
