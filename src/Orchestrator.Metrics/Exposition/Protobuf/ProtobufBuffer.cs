using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics.Exposition.Protobuf;

/// <summary>
/// Writes the fields of protobuf messages to a span, which must be large enough. Source:
/// https://protobuf.dev/programming-guides/encoding.
/// </summary>
internal ref struct ProtobufBuffer(Span<byte> span)
{
    /// <summary>The maximum length of a number with its tag, in bytes.</summary>
    public const int LongestNumber = 12;

    // Each byte of a varint has seven bits of the number. The highest bit is set in all bytes but the last.
    public const int BitsPerByte = 7;
    public const int MoreBytes = 0x80;

    private const int VarintType = 0;
    private const int Fixed64Type = 1;
    private const int LengthType = 2;

    private readonly Span<byte> _span = span;

    public int Length { get; private set; }

    public readonly Span<byte> Rest => _span[Length..];

    public void Advance(int length) => Length += length;

    public void WriteDouble(int field, double value)
    {
        WriteVarint((uint)(field << 3 | Fixed64Type));
        BinaryPrimitives.WriteDoubleLittleEndian(Rest, value);
        Length += sizeof(double);
    }

    // For the types uint64, uint32, int64 and enum.
    public void WriteNumber(int field, ulong value)
    {
        WriteVarint((uint)(field << 3 | VarintType));
        WriteVarint(value);
    }

    // For the types sint64 and sint32.
    public void WriteSigned(int field, long value) => WriteNumber(field, (ulong)(value << 1 ^ value >> 63));

    public void WriteString(int field, string text)
    {
        var start = Begin(field);
        Length += WriteText(text, Rest);
        End(start);
    }

    /// <summary>Begins a nested message or a string. Returns the position for <see cref="End"/>.</summary>
    public int Begin(int field)
    {
        WriteVarint((uint)(field << 3 | LengthType));
        return ++Length;
    }

    // One byte is reserved for the length. A longer length moves the message.
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

    public void WriteVarint(ulong value)
    {
        for (; value >= MoreBytes; value >>= BitsPerByte)
            _span[Length++] = (byte)(value | MoreBytes);
        _span[Length++] = (byte)value;
    }

    public static int GetVarintLength(ulong value) => (BitOperations.Log2(value | 1) + BitsPerByte) / BitsPerByte;

    // An unpaired surrogate becomes U+FFFD.
    public static int WriteText(string text, Span<byte> destination)
    {
        var plain = AsciiTranscoder.CopyAscii(text, destination);
        return plain == text.Length
            ? plain
            : plain + Encoding.UTF8.GetBytes(text.AsSpan(plain), destination[plain..]);
    }

    public static int GetTextLength(string text) =>
        Ascii.IsValid(text) ? text.Length : Encoding.UTF8.GetByteCount(text);
}
