using System.Text;

namespace Orchestrator.Metrics.Exposition;

/// <summary>
/// UTF-8 text that is written repeatedly, such as a label name with its punctuation. Short text is copied together with
/// its padding, because a copy of constant length compiles to one vector operation.
/// </summary>
internal readonly struct Utf8Literal
{
    public const int Slack = 32;

    private readonly byte[] _padded;

    public Utf8Literal(string text)
        : this(Encoding.UTF8.GetBytes(text))
    {
    }

    public Utf8Literal(byte[] bytes)
    {
        Length = bytes.Length;
        Array.Resize(ref bytes, Math.Max(Length, Slack));
        _padded = bytes;
    }

    public int Length { get; }

    /// <summary>Copies the text and returns its length. May overwrite up to <see cref="Slack"/> bytes after it.</summary>
    public int CopyTo(Span<byte> destination)
    {
        if (Length <= Slack && destination.Length >= Slack)
            _padded.AsSpan(0, Slack).CopyTo(destination);
        else
            _padded.AsSpan(0, Length).CopyTo(destination);
        return Length;
    }
}
