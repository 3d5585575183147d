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

    // The maximum for a character of a label name or value, in every escaping scheme.
    private const int MaxEscapedBytesPerChar = 8;

    private readonly ExpositionFormat _format;
    private readonly ExpositionSection _section;
    private readonly Utf8Literal[] _names = new Utf8Literal[(int)SampleSuffix.GaugeSum + 1];

    // A quoted name precedes the labels inside the braces. As in prometheus_client, a space separates them in
    // OpenMetrics, but not in the text formats.
    private readonly string _beforeFirstLabel;
    private readonly Utf8Literal _endWithoutLabels;

    // Each label name in two forms: as the first label, and after another label.
    private readonly Utf8Literal[] _firstLabels;
    private readonly Utf8Literal[] _nextLabels;
    private readonly int _fixedLength;

    // The label values before the one that the type adds, and their text.
    private readonly string?[] _shared;
    private byte[] _sharedText = [];
    private int _sharedLength;
    private int _sharedCharacters;

    // The same for labels that samples store themselves, encoded at first use.
    private readonly Dictionary<string, (Utf8Literal First, Utf8Literal Next)> _ownLabels = [];

    // Series that started together have the same created timestamp, whose digits are expensive to compute.
    private readonly byte[] _created = new byte[NumberFormat.MaxLength];
    private double _createdValue = double.NaN;
    private int _createdLength;


    public SampleWriter(ExpositionSection section, ExpositionFormat format)
    {
        _section = section;
        _format = format;
        var quoted = section.QuotedName("", format.Escaping).StartsWith('"');
        _beforeFirstLabel = !quoted ? "{" : format.IsOpenMetrics ? ", " : ",";
        _endWithoutLabels = new(quoted ? "} " : " ");
        foreach (var suffix in SampleSuffixes.Each)
        {
            var name = section.QuotedName(suffix.Text(section.Family.OpenMetricsType), format.Escaping);
            _names[(int)suffix] = new(quoted ? "{" + name : name);
        }

        var labels = section.Family.SortedLabelNames;
        _firstLabels = Array.ConvertAll(labels, FirstLabel);
        _nextLabels = Array.ConvertAll(labels, NextLabel);
        var ownLabel = MetricFamilyRules.OwnLabelName(section.Family.Type, section.Family.Name);
        _shared = new string?[Math.Max(Array.IndexOf(labels, ownLabel), 0)];
        _fixedLength = _names.Max(name => name.Length) + _nextLabels.Sum(label => label.Length)
            + _beforeFirstLabel.Length + 4 * NumberFormat.MaxLength + Utf8Literal.Slack;
    }

    public void Write(ref Utf8Output output, SampleStore.Chunk chunk, int index)
    {
        var detail = chunk.Details?[index];
        var suffix = detail?.Suffix ?? SampleSuffix.Main;
        if ((suffix & _section.Samples) == 0)
            return;

        ReadOnlySpan<string?> values = chunk.LabelsAt(index);
        if (_shared.Length > 0)
            SetShared(values[.._shared.Length]);
        var line = output.Room(LongestLine(values, detail));
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
    /// Returns an upper bound for the length of a line, so space is requested once per line. Rough for labels of the
    /// sample itself and for exemplars, because both are rare.
    /// </summary>
    private int LongestLine(ReadOnlySpan<string?> values, SampleDetail? detail)
    {
        var characters = _sharedCharacters + Characters(values[_shared.Length..]);
        return _fixedLength + characters * EscapedText.MaxBytesPerChar
            + (detail is null ? 0 : Longest(detail.Labels) + Longest(detail.Exemplar?.SortedLabels));
    }

    private static int Longest(KeyValuePair<string, string>[]? labels)
    {
        var bytes = 0;
        foreach (var (label, value) in labels ?? [])
            bytes += (label.Length + value.Length) * MaxEscapedBytesPerChar + Utf8Literal.Slack;
        return bytes;
    }

    private int WriteLabels(ReadOnlySpan<string?> values, Span<byte> line)
    {
        _sharedText.AsSpan(0, _sharedLength).CopyTo(line);
        var used = AppendLabels(values, _shared.Length, line, _sharedLength);
        return used + (used > 0 ? End : _endWithoutLabels).CopyTo(line[used..]);
    }

    /// <summary>Encodes the labels that precede the one that the type adds, once per point.</summary>
    private void SetShared(ReadOnlySpan<string?> values)
    {
        var i = 0;
        while (i < values.Length && ReferenceEquals(values[i], _shared[i]))
            i++;
        if (i == values.Length)
            return;
        values.CopyTo(_shared);
        _sharedCharacters = Characters(values);
        var longest = _fixedLength + _sharedCharacters * EscapedText.MaxBytesPerChar;
        if (_sharedText.Length < longest)
            _sharedText = new byte[longest];
        _sharedLength = AppendLabels(values, 0, _sharedText, 0);
    }

    private static int Characters(ReadOnlySpan<string?> values)
    {
        var characters = 0;
        foreach (var value in values)
            characters += value?.Length ?? 0;
        return characters;
    }

    private int AppendLabels(ReadOnlySpan<string?> values, int first, Span<byte> line, int used)
    {
        var labels = used > 0 ? _nextLabels : _firstLabels;
        for (var i = first; i < values.Length; i++)
        {
            // The type's own label is null in samples that do not have it, such as the _sum of a histogram.
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
                _ownLabels.Add(label, texts = (FirstLabel(label), NextLabel(label)));
            used += (used > 0 ? texts.Next : texts.First).CopyTo(line[used..]);
            used += EscapedText.WriteQuoted(value, line[used..]);
        }

        return used + (used > 0 ? End : _endWithoutLabels).CopyTo(line[used..]);
    }

    private Utf8Literal FirstLabel(string label) => new(_beforeFirstLabel + LabelStart(label));

    private Utf8Literal NextLabel(string label) => new("\"," + LabelStart(label));

    private string LabelStart(string label) => ExpositionSection.QuotedLabel(label, _format.Escaping) + "=\"";

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
                MetricNames.IsLegacyLabelName(name) ? name : ExpositionSection.QuotedLabel(name, _format.Escaping),
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
