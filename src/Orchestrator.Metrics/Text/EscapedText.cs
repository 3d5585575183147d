using System.Buffers;
using System.Text;

namespace Orchestrator.Metrics.Text;

/// <summary>
/// Writes text as UTF-8. Escapes only the backslash, the line feed and, in quoted text, the double quote, each with a
/// backslash. An unpaired surrogate becomes U+FFFD, so the output is always valid.
/// </summary>
internal static class EscapedText
{
    /// <summary>The maximum number of bytes per character, escaped and encoded.</summary>
    public const int MaxBytesPerChar = 3;

    private static readonly SearchValues<char> Unquoted = SearchValues.Create("\\\n");
    private static readonly SearchValues<char> Quoted = SearchValues.Create("\\\n\"");

    public static int WriteQuoted(ReadOnlySpan<char> text, Span<byte> destination)
    {
        var plain = AsciiTranscoder.CopyUnescaped(text, destination);
        return plain == text.Length ? plain : plain + Write(text[plain..], destination[plain..], Quoted);
    }

    public static int WriteUnquoted(ReadOnlySpan<char> text, Span<byte> destination) =>
        Write(text, destination, Unquoted);

    private static int Write(ReadOnlySpan<char> text, Span<byte> destination, SearchValues<char> escaped)
    {
        var written = 0;
        for (int next; (next = text.IndexOfAny(escaped)) >= 0; text = text[(next + 1)..])
        {
            written += Encoding.UTF8.GetBytes(text[..next], destination[written..]);
            destination[written++] = (byte)'\\';
            destination[written++] = text[next] == '\n' ? (byte)'n' : (byte)text[next];
        }

        return written + Encoding.UTF8.GetBytes(text, destination[written..]);
    }
}
