using System.Text;

namespace Orchestrator.Metrics.Exposition;

/// <summary>
/// UTF-8 text that is written repeatedly, such as a label name with its punctuation. Short text is copied together with
/// its padding, because a copy of constant length compiles to one vector operation.
/// </summary>
internal readonly struct Utf8Literal
{
    /// <summary>The maximum number of bytes after the text that may be overwritten.</summary>
    public const int Slack = 32;

    private readonly byte[] _padded;

    public Utf8Literal(string text)
        : this(Encoding.UTF8.GetBytes(text))
    {
    }

    /// <summary>Creates a literal from bytes that need not be text, such as a protobuf field.</summary>
    public Utf8Literal(byte[] bytes)
    {
        Length = bytes.Length;
        Array.Resize(ref bytes, Math.Max(Length, Slack));
        _padded = bytes;
    }

    public int Length { get; }

    /// <summary>Copies the text. Up to <see cref="Slack"/> bytes after it may be overwritten.</summary>
    /// <returns>The length of the text, in bytes.</returns>
    public int CopyTo(Span<byte> destination)
    {
        if (Length <= Slack && destination.Length >= Slack)
            _padded.AsSpan(0, Slack).CopyTo(destination);
        else
            _padded.AsSpan(0, Length).CopyTo(destination);
        return Length;
    }
}
