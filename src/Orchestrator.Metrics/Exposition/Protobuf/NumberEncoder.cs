using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Text;
using Orchestrator.Metrics.Model;
using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics.Exposition.Protobuf;

/// <summary>
/// Encodes metrics that consist of one number, with labels in columns, as nearly all metrics do. Writes the same bytes
/// as <see cref="MetricEncoder"/>, but encodes each label name once and computes lengths without encoding.
/// </summary>
/// <remarks>
/// A metric is plain if it has all labels and no timestamp, its label values are ASCII, and each label is at most 127
/// bytes long. Nearly all metrics are plain. Their lengths are known before the text is written, and the length of each
/// label takes one byte.
/// </remarks>
internal sealed class NumberEncoder
{
    private const int LongestPlainLabel = 0x7F;

    // The tag and the length of the number message, the tag of its value, and the value.
    private const int NumberLength = 3 + sizeof(double);

    // One byte for the tag of a metric, and two bytes for its length, which suffice for nearly all metrics.
    private const int MetricStart = 3;

    private readonly byte[][] _names;
    private readonly LabelStart[] _labels;
    private readonly string?[] _noValues;
    private readonly byte _numberTag;
    private readonly int _plainLength;
    private readonly int _longestPlain;

    public NumberEncoder(MetricFamily family, EscapingScheme escaping)
    {
        _names = Array.ConvertAll(
            family.SortedLabelNames, name => Encoding.UTF8.GetBytes(EscapedName.EscapeLabelName(name, escaping)));
        _labels = Array.ConvertAll(_names, name => new LabelStart(name));
        _noValues = new string?[_labels.Length];
        _numberTag = (byte)(MetricEncoder.GetNumberField(family.Type) << 3 | 2);
        _plainLength = _labels.Sum(label => label.Text.Length + 1) + NumberLength;
        _longestPlain = MetricStart + _plainLength + _labels.Length * LongestPlainLabel + Utf8Literal.Slack;
    }

    public long ComputeLength(SampleStore.Chunk chunk)
    {
        var total = 0L;
        ReadOnlySpan<string?> plain = _noValues;
        for (var i = 0; i < chunk.Count; i++)
        {
            ReadOnlySpan<string?> values = chunk.GetLabels(i);
            if (chunk.Timestamps is null && TryGetPlainLength(values, plain, out var length))
            {
                total += GetFieldLength(length);
                plain = values;
            }
            else
            {
                total += ComputeLength(chunk, i);
            }
        }

        return total;
    }

    private int ComputeLength(SampleStore.Chunk chunk, int index)
    {
        ReadOnlySpan<string?> values = chunk.GetLabels(index);
        var length = NumberLength;
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] is { } value)
                length += GetFieldLength(
                    GetFieldLength(_names[i].Length) + GetFieldLength(ProtobufBuffer.GetTextLength(value)));
        }

        if (chunk.Timestamps is { } timestamps && !double.IsNaN(timestamps[index]))
            length += 1 + ProtobufBuffer.GetVarintLength(MetricEncoder.ToMilliseconds(timestamps[index], chunk));
        return GetFieldLength(length);
    }

    public void Write(ref Utf8Output output, SampleStore.Chunk chunk, int index)
    {
        if (chunk.Timestamps is not null || !TryWritePlain(ref output, chunk.GetLabels(index), chunk.Values[index]))
            WriteAny(ref output, chunk, index);
    }

    private void WriteAny(ref Utf8Output output, SampleStore.Chunk chunk, int index)
    {
        ReadOnlySpan<string?> values = chunk.GetLabels(index);
        var buffer = new ProtobufBuffer(output.GetSpan(GetMaxLength(values)));
        var metric = buffer.Begin(Fields.Family.Metric);
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] is { } value)
                WriteLabel(ref buffer, _names[i], value);
        }

        WriteNumber(buffer.Rest, chunk.Values[index]);
        buffer.Advance(NumberLength);
        if (chunk.Timestamps is { } timestamps && !double.IsNaN(timestamps[index]))
            buffer.WriteNumber(
                Fields.Metric.TimestampMilliseconds, MetricEncoder.ToMilliseconds(timestamps[index], chunk));
        buffer.End(metric);
        output.Advance(buffer.Length);
    }

    /// <summary>
    /// Returns whether the metric is plain. <paramref name="plain"/> contains the label values of another plain metric,
    /// or nulls. The length excludes the tag and the length of the metric.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryGetPlainLength(ReadOnlySpan<string?> values, ReadOnlySpan<string?> plain, out int length)
    {
        ReadOnlySpan<LabelStart> labels = _labels;
        var characters = Vector128<ushort>.Zero;
        length = _plainLength;
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] is not { } value || value.Length > labels[i].LongestValue)
                return false;
            length += value.Length;

            // Consecutive metrics often share the objects, especially long values such as identifiers.
            if (!ReferenceEquals(value, plain[i]))
                characters |= AsciiTranscoder.Combine(value);
        }

        return AsciiTranscoder.IsAscii(characters);
    }

    private bool TryWritePlain(ref Utf8Output output, ReadOnlySpan<string?> values, double number)
    {
        ReadOnlySpan<LabelStart> labels = _labels;
        var metric = output.GetSpan(_longestPlain);
        var rest = metric[MetricStart..];
        for (var i = 0; i < labels.Length; i++)
        {
            if (values[i] is not { } value || value.Length > labels[i].LongestValue)
                return false;
            var start = labels[i].Text.CopyTo(rest);
            var text = rest[start..];
            if (AsciiTranscoder.CopyAscii(value, text[1..]) != value.Length)
                return false;
            rest[1] = (byte)(start - 1 + value.Length);
            text[0] = (byte)value.Length;
            rest = text[(1 + value.Length)..];
        }

        WriteNumber(rest, number);
        output.Advance(WriteMetricStart(metric, metric.Length - rest.Length + NumberLength - MetricStart));
        return true;
    }

    private static int WriteMetricStart(Span<byte> metric, int content)
    {
        metric[0] = Fields.Family.Metric << 3 | 2;
        if (content is >= 1 << ProtobufBuffer.BitsPerByte and < 1 << 2 * ProtobufBuffer.BitsPerByte)
        {
            metric[1] = (byte)(content | ProtobufBuffer.MoreBytes);
            metric[2] = (byte)(content >> ProtobufBuffer.BitsPerByte);
            return MetricStart + content;
        }

        var bytes = ProtobufBuffer.GetVarintLength((uint)content);
        metric.Slice(MetricStart, content).CopyTo(metric[(1 + bytes)..]);
        var length = new ProtobufBuffer(metric[1..]);
        length.WriteVarint((uint)content);
        return 1 + bytes + content;
    }

    private static void WriteLabel(ref ProtobufBuffer buffer, byte[] name, string value)
    {
        var label = buffer.Begin(Fields.Metric.Label);
        WriteName(ref buffer, name);
        buffer.WriteString(Fields.LabelPair.Value, value);
        buffer.End(label);
    }

    private static void WriteName(ref ProtobufBuffer buffer, byte[] name)
    {
        var start = buffer.Begin(Fields.LabelPair.Name);
        name.CopyTo(buffer.Rest);
        buffer.Advance(name.Length);
        buffer.End(start);
    }

    private void WriteNumber(Span<byte> destination, double value)
    {
        destination[0] = _numberTag;
        destination[1] = 1 + sizeof(double);
        destination[2] = Fields.Number.Value << 3 | 1;
        BinaryPrimitives.WriteDoubleLittleEndian(destination[3..], value);
    }

    private int GetMaxLength(ReadOnlySpan<string?> values)
    {
        var bytes = (3 + 3 * values.Length) * ProtobufBuffer.LongestNumber;
        for (var i = 0; i < values.Length; i++)
            bytes += _names[i].Length + (values[i]?.Length ?? 0) * EscapedText.MaxBytesPerChar;
        return bytes;
    }

    private static int GetFieldLength(int content) => 1 + ProtobufBuffer.GetVarintLength((uint)content) + content;

    /// <summary>
    /// The start of a label, up to the tag of its value. One byte is reserved for the length of the label.
    /// </summary>
    private readonly struct LabelStart
    {
        public LabelStart(byte[] name)
        {
            var bytes = new byte[name.Length + 3 * ProtobufBuffer.LongestNumber];
            var buffer = new ProtobufBuffer(bytes);
            buffer.Begin(Fields.Metric.Label);
            WriteName(ref buffer, name);
            buffer.WriteVarint(Fields.LabelPair.Value << 3 | 2);
            Text = new(bytes[..buffer.Length]);
            LongestValue = LongestPlainLabel + 1 - Text.Length;
        }

        public Utf8Literal Text { get; }

        // A longer value would need two bytes for the length of the label.
        public int LongestValue { get; }
    }
}
