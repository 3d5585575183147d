using System.Buffers;
using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics.Exposition;

/// <summary>Appends UTF-8 text to an <see cref="IBufferWriter{T}"/>, with few requests for memory.</summary>
internal ref struct Utf8Output(IBufferWriter<byte> output, int blockSize)
{
    private Span<byte> _block;
    private int _used;
    private int _flushed;

    public readonly int Written => _flushed + _used;

    public void Write(ReadOnlySpan<byte> text)
    {
        var room = GetSpan(text.Length);
        text.CopyTo(room);
        _used += text.Length;
    }

    public void WriteQuoted(ReadOnlySpan<char> text)
    {
        var room = GetSpan(text.Length * EscapedText.MaxBytesPerChar);
        _used += EscapedText.WriteQuoted(text, room);
    }

    public void WriteUnquoted(ReadOnlySpan<char> text)
    {
        var room = GetSpan(text.Length * EscapedText.MaxBytesPerChar);
        _used += EscapedText.WriteUnquoted(text, room);
    }

    public void Advance(int length) => _used += length;

    // Call it after the last write.
    public void Flush()
    {
        // Kestrel rejects Advance before the first GetSpan, even for zero bytes.
        if (_used > 0)
            output.Advance(_used);
        _flushed += _used;
        _block = default;
        _used = 0;
    }

    /// <summary>
    /// Returns at least <paramref name="length"/> bytes of memory. May begin a new block, so call it before reading
    /// <c>_used</c>.
    /// </summary>
    public Span<byte> GetSpan(int length)
    {
        if (_block.Length - _used < length)
        {
            Flush();
            _block = output.GetSpan(Math.Max(length, blockSize));
        }

        return _block[_used..];
    }
}
