using System.Text;

namespace Orchestrator.Metrics;

/// <summary>Writes the sample lines of one section. What the lines have in common is encoded once, here.</summary>
internal sealed class SampleLines
{
    private readonly ExpositionFormat _format;
    private readonly Section _section;
    private readonly Name[] _names = new Name[(int)SampleSuffix.GaugeSum + 1];
    private readonly byte[][] _labels;

    public SampleLines(Section section, ExpositionFormat format)
    {
        _section = section;
        _format = format;
        foreach (var suffix in SampleSuffixes.Each)
            _names[(int)suffix] = new Name(section.QuotedName(suffix.Text(section.Family.Type), format.Escaping), format);
        _labels = Array.ConvertAll(section.Family.SortedLabelNames, LabelStart);
    }

    public void Write(ref Utf8Output output, SampleStore.Chunk chunk, int index)
    {
        var detail = chunk.Details?[index];
        var suffix = detail?.Suffix ?? SampleSuffix.Main;
        if ((suffix & _section.Samples) == 0)
            return;

        var name = _names[(int)suffix];
        output.Write(name.Start);
        var labels = detail?.Labels is { } own
            ? WriteOwnLabels(ref output, name, own)
            : WriteLabels(ref output, name, chunk.LabelValues.AsSpan(index * _labels.Length, _labels.Length));
        output.Write(labels ? "\"} "u8 : name.EndWithoutLabels);
        output.WriteNumber(chunk.Values[index]);
        WriteTimestamp(ref output, chunk.Timestamps is { } timestamps ? timestamps[index] : UnixSeconds.None);
        if (detail?.Exemplar is { } exemplar && _format.IsOpenMetrics)
            WriteExemplar(ref output, exemplar);
        output.Write("\n"u8);
    }

    private bool WriteLabels(ref Utf8Output output, Name name, ReadOnlySpan<string?> values)
    {
        var any = false;
        for (var i = 0; i < values.Length; i++)
        {
            // The type's own label is null in samples that do not have it, such as the _sum of a histogram.
            if (values[i] is not { } value)
                continue;
            output.Write(any ? "\","u8 : name.BeforeFirstLabel);
            output.Write(_labels[i]);
            output.WriteQuoted(value);
            any = true;
        }

        return any;
    }

    private bool WriteOwnLabels(ref Utf8Output output, Name name, KeyValuePair<string, string>[] labels)
    {
        for (var i = 0; i < labels.Length; i++)
        {
            output.Write(i > 0 ? "\","u8 : name.BeforeFirstLabel);
            output.Write(LabelStart(labels[i].Key));
            output.WriteQuoted(labels[i].Value);
        }

        return labels.Length > 0;
    }

    private byte[] LabelStart(string label) =>
        Encoding.UTF8.GetBytes(Section.QuotedLabel(label, _format.Escaping) + "=\"");

    private void WriteTimestamp(ref Utf8Output output, double seconds)
    {
        if (double.IsNaN(seconds))
            return;
        output.Write(" "u8);
        if (_format.IsOpenMetrics)
            output.WriteSeconds(seconds);
        else
            output.WriteMilliseconds(seconds);
    }

    private static void WriteExemplar(ref Utf8Output output, Exemplar exemplar)
    {
        output.Write(" # {"u8);
        for (var i = 0; i < exemplar.Labels.Length; i++)
        {
            if (i > 0)
                output.Write(","u8);
            output.WriteUnquoted(exemplar.Labels[i].Key);
            output.Write("=\""u8);
            output.WriteQuoted(exemplar.Labels[i].Value);
            output.Write("\""u8);
        }

        output.Write("} "u8);
        output.WriteNumber(exemplar.Value);
        if (!double.IsNaN(exemplar.TimestampSeconds))
        {
            output.Write(" "u8);
            output.WriteSeconds(exemplar.TimestampSeconds);
        }
    }

    /// <summary>
    /// A sample name and what surrounds the labels. A name in quotes stands inside the braces, before the labels;
    /// OpenMetrics puts a space between them, the text formats do not, as in <c>prometheus_client</c>.
    /// </summary>
    private sealed class Name
    {
        public Name(string name, ExpositionFormat format)
        {
            var quoted = name.StartsWith('"');
            Start = Encoding.UTF8.GetBytes(quoted ? "{" + name : name);
            BeforeFirstLabel = Encoding.UTF8.GetBytes(!quoted ? "{" : format.IsOpenMetrics ? ", " : ",");
            EndWithoutLabels = Encoding.UTF8.GetBytes(quoted ? "} " : " ");
        }

        public byte[] Start { get; }

        public byte[] BeforeFirstLabel { get; }

        public byte[] EndWithoutLabels { get; }
    }
}
