using System.Text;

namespace Orchestrator.Metrics.PrometheusNet;

/// <summary>
/// Corrects the OpenMetrics text of prometheus-net. Escapes line feeds in help texts, as OpenMetrics requires. Changes
/// the type of counters without the suffix <c>_total</c>, which prometheus-net writes as unknown, to counter.
/// </summary>
internal static class PrometheusNetText
{
    /// <summary>Corrects the text; in place only if no help text contains a line feed.</summary>
    public static ReadOnlyMemory<byte> Correct(Memory<byte> text)
    {
        var span = text.Span;
        if (!span.EndsWith("# EOF\n"u8))
            throw new FormatException(
                "The exposition of prometheus-net does not end with '# EOF', so it is truncated.");
        var lineFeeds = new List<int>();
        HashSet<string>? totalNames = null;
        var start = span.StartsWith("# HELP "u8) ? 0 : span.Length;
        while (start < span.Length)
        {
            var (type, next) = Split(span[start..]);
            for (var i = start; i < start + type; i++)
            {
                if (span[i] == '\n')
                    lineFeeds.Add(i);
            }

            CorrectType(span[(start + type)..(start + next)], span, ref totalNames);
            start += next;
        }

        return lineFeeds.Count == 0 ? text : Escape(span, lineFeeds);
    }

    /// <summary>
    /// Returns the position of the line feed before the # TYPE of the first family, and the start of the next family.
    /// </summary>
    private static (int Type, int Next) Split(ReadOnlySpan<byte> text)
    {
        var name = text["# HELP ".Length..];
        name = name[..Math.Max(name.IndexOfAny((byte)' ', (byte)'\n'), 0)];
        byte[] type = [.. "\n# TYPE "u8, .. name, (byte)' '];
        var first = Math.Max(text.IndexOf(type), 0);
        var next = text[(first + 1)..].IndexOf("\n# HELP "u8);
        var end = next < 0 ? text.Length : first + next + 2;

        // The help text may also contain such a line, so the last such line is the right one.
        return (Math.Max(text[..end].LastIndexOf(type), 0), end);
    }

    /// <summary>
    /// Changes the type of a family from unknown to counter if it has samples. Without samples, the parser would assume
    /// that the counter has the suffix <c>_total</c>. A counter would conflict with another family of that name.
    /// </summary>
    private static void CorrectType(Span<byte> family, ReadOnlySpan<byte> text, ref HashSet<string>? totalNames)
    {
        var end = family[1..].IndexOf((byte)'\n') + 1;
        var hasSamples = family.Length > end + 1 && family[end + 1] != '#';
        if (!hasSamples || !family[..end].EndsWith(" unknown"u8))
            return;
        var name = Encoding.UTF8.GetString(family["\n# TYPE ".Length..(end - " unknown".Length)]);
        if (!(totalNames ??= GetTotalNames(text)).Contains(name))
            "counter"u8.CopyTo(family[(end - "counter".Length)..]);
    }

    /// <summary>Returns the names of metrics that have the suffix <c>_total</c>, without the suffix.</summary>
    private static HashSet<string> GetTotalNames(ReadOnlySpan<byte> text)
    {
        var names = new HashSet<string>();
        foreach (var part in text.Split("\n# TYPE "u8))
        {
            var line = text[part];
            line = line[..Math.Max(line.IndexOf((byte)'\n'), 0)];
            var name = line[..Math.Max(line.IndexOf((byte)' '), 0)];
            if (name.EndsWith("_total"u8))
                names.Add(Encoding.UTF8.GetString(name[..^"_total".Length]));
            else if (line.EndsWith(" counter"u8))
                names.Add(Encoding.UTF8.GetString(name));
        }

        return names;
    }

    private static byte[] Escape(ReadOnlySpan<byte> text, List<int> lineFeeds)
    {
        var escaped = new byte[text.Length + lineFeeds.Count];
        var (read, written) = (0, 0);
        foreach (var lineFeed in lineFeeds)
        {
            text[read..lineFeed].CopyTo(escaped.AsSpan(written));
            written += lineFeed - read;
            "\\n"u8.CopyTo(escaped.AsSpan(written));
            written += 2;
            read = lineFeed + 1;
        }

        text[read..].CopyTo(escaped.AsSpan(written));
        return escaped;
    }
}
