namespace Orchestrator.Metrics.PrometheusNet;

/// <summary>
/// Corrects the Prometheus text of prometheus-net. Escapes line feeds in help texts, as the format requires. Writes
/// bucket bounds and quantiles as in OpenMetrics: <c>1.0</c>, not <c>1</c>.
/// </summary>
internal static class PrometheusNetText
{
    /// <summary>Returns the corrected text; the same memory if there is nothing to correct.</summary>
    public static ReadOnlyMemory<byte> Correct(Memory<byte> text)
    {
        ReadOnlySpan<byte> span = text.Span;

        // The positions of line feeds in help texts, and of the closing quotes of whole numbers.
        var replaced = new List<int>();
        var family = span.StartsWith("# HELP "u8) ? 0 : span.Length;
        while (family < span.Length)
        {
            var (type, next) = Split(span[family..]);
            for (var i = family; i < family + type; i++)
            {
                if (span[i] == '\n')
                    replaced.Add(i);
            }

            AddWholeNumbers(span[(family + type)..(family + next)], family + type, replaced);
            family += next;
        }

        return replaced.Count == 0 ? text : Replace(span, replaced);
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

    /// <summary>Adds the positions of the closing quotes of bounds and quantiles that are whole numbers.</summary>
    /// <param name="family">The text of a family, from the line feed before its # TYPE.</param>
    /// <param name="start">The position of that line feed.</param>
    /// <param name="positions">The list to add to.</param>
    private static void AddWholeNumbers(ReadOnlySpan<byte> family, int start, List<int> positions)
    {
        var type = family[..(family[1..].IndexOf((byte)'\n') + 1)];
        var label = type.EndsWith(" histogram"u8) ? "le=\""u8 : type.EndsWith(" summary"u8) ? "quantile=\""u8 : [];
        if (label.IsEmpty)
            return;
        foreach (var line in family.Split((byte)'\n'))
        {
            // The label that the type adds is the last one. Quotes within a label value are escaped.
            var value = family[line];
            value = value[..Math.Max(value.LastIndexOf("\"} "u8), 0)];
            var before = value.TrimEnd("-0123456789"u8);
            if (before.Length < value.Length && before.EndsWith(label)
                && before[^(label.Length + 1)] is (byte)'{' or (byte)',')
                positions.Add(start + line.Start.Value + value.Length);
        }
    }

    private static ReadOnlyMemory<byte> Replace(ReadOnlySpan<byte> text, List<int> positions)
    {
        var corrected = new byte[text.Length + (2 * positions.Count)];
        var (read, written) = (0, 0);
        foreach (var position in positions)
        {
            Write(text[read..position]);
            Write(text[position] == '\n' ? "\\n"u8 : ".0\""u8);
            read = position + 1;
        }

        Write(text[read..]);
        return corrected.AsMemory(0, written);

        void Write(ReadOnlySpan<byte> part)
        {
            part.CopyTo(corrected.AsSpan(written));
            written += part.Length;
        }
    }
}
