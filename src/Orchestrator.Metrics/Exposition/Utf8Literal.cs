using System.Text;

namespace Orchestrator.Metrics.Exposition;

/// <summary>
/// UTF-8 that is written again and again, such as a label name with what stands around it. A short one is copied
/// together with what pads it: the compiler turns a constant length into one vector.
/// </summary>
internal readonly struct Utf8Literal
{
    /// <summary>How many bytes behind the text may be overwritten.</summary>
    public const int Slack = 32;

    private readonly byte[] _padded;

    public Utf8Literal(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Length = bytes.Length;
        Array.Resize(ref bytes, Math.Max(Length, Slack));
        _padded = bytes;
    }

    public int Length { get; }

    /// <summary>Copies the text. Bytes behind it may be overwritten, <see cref="Slack"/> of them at most.</summary>
    /// <returns>Its length.</returns>
    public int CopyTo(Span<byte> destination)
    {
        if (Length <= Slack && destination.Length >= Slack)
            _padded.AsSpan(0, Slack).CopyTo(destination);
        else
            _padded.AsSpan(0, Length).CopyTo(destination);
        return Length;
    }
}
