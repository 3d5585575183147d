using System.Buffers.Binary;
using System.Text;
using Orchestrator.Metrics.Model;
using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics.Exposition.Protobuf;

/// <summary>
/// Encodes metrics that are a plain number with labels in columns, which nearly all metrics are: the same bytes as
/// <see cref="MetricEncoder"/>, with the label names encoded once, and with a length that needs no encoding.
/// </summary>
internal sealed class NumberEncoder
{
    // Up to this length, a length takes one byte.
    private const int Short = 0x7F;

    // The field of the metric, the length, the field of the value, and the value.
    private const int ValueLength = 3 + sizeof(double);

    // Two bytes for the length of a metric suit nearly all; one byte for the field.
    private const int MetricStart = 3;

    private readonly byte[][] _labelNames;
    private readonly Utf8Literal[] _labels;
    private readonly byte _numberTag;
    private readonly int _fixedLength;

    public NumberEncoder(MetricFamily family, EscapingScheme escaping)
    {
        _labelNames = Array.ConvertAll(
            family.SortedLabelNames, name => Encoding.UTF8.GetBytes(EscapedName.Label(name, escaping)));
        _labels = Array.ConvertAll(_labelNames, name => new Utf8Literal(LabelStart(name)));
        _numberTag = (byte)(MetricEncoder.NumberField(family.Type) << 3 | 2);
        _fixedLength = _labels.Sum(label => label.Length + 2 * ProtobufBuffer.LongestNumber)
            + 4 * ProtobufBuffer.LongestNumber + Utf8Literal.Slack;
    }

    /// <summary>Returns the length of a metric with its field.</summary>
    public int Length(SampleStore.Chunk chunk, int index)
    {
        var length = ContentLength(chunk, index);
        return 1 + ProtobufBuffer.VarintLength((uint)length) + length;
    }

    public void Write(ref Utf8Output output, SampleStore.Chunk chunk, int index)
    {
        ReadOnlySpan<string?> values = chunk.LabelsAt(index);
        var characters = 0;
        foreach (var value in values)
            characters += value?.Length ?? 0;
        var metric = output.Room(_fixedLength + characters * EscapedText.MaxBytesPerChar);
        var used = MetricStart;
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] is { } value)
                used += WriteLabel(i, value, metric[used..]);
        }

        metric[used] = _numberTag;
        metric[used + 1] = 1 + sizeof(double);
        metric[used + 2] = Fields.Number.Value << 3 | 1;
        BinaryPrimitives.WriteDoubleLittleEndian(metric[(used + 3)..], chunk.Values[index]);
        used += ValueLength;
        if (chunk.Timestamps is { } timestamps && !double.IsNaN(timestamps[index]))
        {
            var rest = new ProtobufBuffer(metric[used..]);
            rest.Number(Fields.Metric.TimestampMilliseconds, MetricEncoder.Milliseconds(timestamps[index], chunk));
            used += rest.Length;
        }

        output.Advance(WriteMetricStart(metric, used - MetricStart));
    }

    private static int WriteMetricStart(Span<byte> metric, int content)
    {
        metric[0] = Fields.Family.Metric << 3 | 2;
        var bytes = ProtobufBuffer.VarintLength((uint)content);
        if (1 + bytes != MetricStart)
            metric.Slice(MetricStart, content).CopyTo(metric[(1 + bytes)..]);
        var length = new ProtobufBuffer(metric[1..]);
        length.Varint((uint)content);
        return 1 + bytes + content;
    }

    private int WriteLabel(int label, string value, Span<byte> destination)
    {
        var start = _labels[label].CopyTo(destination);
        var length = ProtobufBuffer.WriteText(value, destination[(start + 1)..]);
        var pair = start - 1 + length;
        if (pair > Short)
            return WriteLongLabel(label, value, destination);
        destination[1] = (byte)pair;
        destination[start] = (byte)length;
        return start + 1 + length;
    }

    private int WriteLongLabel(int label, string value, Span<byte> destination)
    {
        var buffer = new ProtobufBuffer(destination);
        var start = buffer.Begin(Fields.Metric.Label);
        var name = buffer.Begin(Fields.LabelPair.Name);
        _labelNames[label].CopyTo(buffer.Rest);
        buffer.Advance(_labelNames[label].Length);
        buffer.End(name);
        buffer.Text(Fields.LabelPair.Value, value);
        buffer.End(start);
        return buffer.Length;
    }

    private int ContentLength(SampleStore.Chunk chunk, int index)
    {
        ReadOnlySpan<string?> values = chunk.LabelsAt(index);
        var total = ValueLength;
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] is not { } value)
                continue;
            var length = ProtobufBuffer.TextLength(value);
            var pair = _labels[i].Length - 1 + length;
            total += pair <= Short ? 2 + pair : LongLabelLength(_labelNames[i].Length, length);
        }

        return chunk.Timestamps is { } timestamps && !double.IsNaN(timestamps[index])
            ? total + 1 + ProtobufBuffer.VarintLength(MetricEncoder.Milliseconds(timestamps[index], chunk))
            : total;
    }

    private static int LongLabelLength(int name, int value)
    {
        var pair = TextFieldLength(name) + TextFieldLength(value);
        return 1 + ProtobufBuffer.VarintLength((uint)pair) + pair;

        static int TextFieldLength(int text) => 1 + ProtobufBuffer.VarintLength((uint)text) + text;
    }

    /// <summary>Returns a label up to the field of the value, with a place for the length of the label.</summary>
    private static byte[] LabelStart(byte[] name)
    {
        var bytes = new byte[name.Length + 2 * ProtobufBuffer.LongestNumber];
        var buffer = new ProtobufBuffer(bytes);
        buffer.Begin(Fields.Metric.Label);
        var start = buffer.Begin(Fields.LabelPair.Name);
        name.CopyTo(buffer.Rest);
        buffer.Advance(name.Length);
        buffer.End(start);
        buffer.Varint(Fields.LabelPair.Value << 3 | 2);
        return bytes[..buffer.Length];
    }
}
