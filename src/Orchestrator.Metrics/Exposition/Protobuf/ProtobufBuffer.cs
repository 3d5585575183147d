using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics.Exposition.Protobuf;

/// <summary>
/// Writes the fields of protobuf messages to a span. The length in front of a nested message is filled in at its end.
/// Source: https://protobuf.dev/programming-guides/encoding.
/// </summary>
/// <param name="span">The span, large enough for everything that is written.</param>
internal ref struct ProtobufBuffer(Span<byte> span)
{
    /// <summary>The maximum length of a field that is a number, including its tag.</summary>
    public const int LongestNumber = 12;

    /// <summary>The number of payload bits in each byte of a varint.</summary>
    public const int BitsPerByte = 7;

    /// <summary>The bit that is set in each byte of a varint except the last one.</summary>
    public const int MoreBytes = 0x80;

    private const int VarintType = 0;
    private const int Fixed64Type = 1;
    private const int LengthType = 2;

    private readonly Span<byte> _span = span;

    /// <summary>The number of bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>The rest of the span, for bytes that are then added with <see cref="Advance"/>.</summary>
    public readonly Span<byte> Rest => _span[Length..];

    public void Advance(int length) => Length += length;

    /// <summary>Writes a field of type double.</summary>
    public void WriteDouble(int field, double value)
    {
        WriteVarint((uint)(field << 3 | Fixed64Type));
        BinaryPrimitives.WriteDoubleLittleEndian(Rest, value);
        Length += sizeof(double);
    }

    /// <summary>Writes a field of type uint64, uint32, int64 or enum.</summary>
    public void WriteNumber(int field, ulong value)
    {
        WriteVarint((uint)(field << 3 | VarintType));
        WriteVarint(value);
    }

    /// <summary>Writes a field of type sint64 or sint32.</summary>
    public void WriteSigned(int field, long value) => WriteNumber(field, (ulong)(value << 1 ^ value >> 63));

    /// <summary>Writes a field of type string.</summary>
    public void WriteString(int field, string text)
    {
        var start = Begin(field);
        Length += WriteText(text, Rest);
        End(start);
    }

    /// <summary>Begins a nested message and returns its position, for <see cref="End"/>.</summary>
    public int Begin(int field)
    {
        WriteVarint((uint)(field << 3 | LengthType));
        return ++Length;
    }

    /// <summary>
    /// Ends a nested message. One byte is reserved for its length; a longer length moves the message.
    /// </summary>
    public void End(int start)
    {
        var length = Length - start;
        var more = GetVarintLength((ulong)length) - 1;
        if (more > 0)
            _span[start..Length].CopyTo(_span[(start + more)..]);
        Length = start - 1;
        WriteVarint((ulong)length);
        Length += length;
    }

    /// <summary>Writes a number without a tag.</summary>
    public void WriteVarint(ulong value)
    {
        for (; value >= MoreBytes; value >>= BitsPerByte)
            _span[Length++] = (byte)(value | MoreBytes);
        _span[Length++] = (byte)value;
    }

    /// <summary>Returns the number of bytes of a varint.</summary>
    public static int GetVarintLength(ulong value) => (BitOperations.Log2(value | 1) + BitsPerByte) / BitsPerByte;

    /// <summary>Writes text as UTF-8 and returns its length. An unpaired surrogate becomes U+FFFD.</summary>
    public static int WriteText(string text, Span<byte> destination)
    {
        var plain = AsciiTranscoder.CopyAscii(text, destination);
        return plain == text.Length
            ? plain
            : plain + Encoding.UTF8.GetBytes(text.AsSpan(plain), destination[plain..]);
    }

    /// <summary>Returns the length of text in UTF-8, as <see cref="WriteText"/> writes it.</summary>
    public static int GetTextLength(string text) =>
        Ascii.IsValid(text) ? text.Length : Encoding.UTF8.GetByteCount(text);
}
