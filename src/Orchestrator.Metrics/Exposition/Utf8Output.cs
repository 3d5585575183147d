using System.Buffers;
using System.Globalization;

namespace Orchestrator.Metrics;

/// <summary>Appends UTF-8 text to an <see cref="IBufferWriter{T}"/>, asking it for memory as seldom as it can.</summary>
internal ref struct Utf8Output(IBufferWriter<byte> output, int blockSize)
{
    private Span<byte> _block;
    private int _used;

    public int Written { get; private set; }

    public void Write(ReadOnlySpan<byte> text)
    {
        text.CopyTo(Room(text.Length));
        _used += text.Length;
    }

    public void WriteQuoted(ReadOnlySpan<char> text) =>
        _used += EscapedText.WriteQuoted(text, Room(text.Length * EscapedText.MaxBytesPerChar));

    public void WriteUnquoted(ReadOnlySpan<char> text) =>
        _used += EscapedText.WriteUnquoted(text, Room(text.Length * EscapedText.MaxBytesPerChar));

    public void WriteNumber(double value) => _used += NumberFormat.WriteGo(value, Room(NumberFormat.MaxLength));

    public void WriteSeconds(double value) => _used += NumberFormat.WriteRepr(value, Room(NumberFormat.MaxLength));

    public void WriteMilliseconds(double seconds)
    {
        // Truncated towards zero, as in prometheus_client.
        ((long)(seconds * 1000)).TryFormat(
            Room(NumberFormat.MaxLength), out var written, default, CultureInfo.InvariantCulture);
        _used += written;
    }

    /// <summary>Hands what was written to the output. Must be called at the end.</summary>
    public void Flush()
    {
        output.Advance(_used);
        Written += _used;
        _block = default;
        _used = 0;
    }

    private Span<byte> Room(int length)
    {
        if (_block.Length - _used < length)
        {
            Flush();
            _block = output.GetSpan(Math.Max(length, blockSize));
        }

        return _block[_used..];
    }
}
