namespace Orchestrator.Metrics.Testing;

/// <summary>
/// Parses the expected exposition of a test. The text may contain indentation, blank lines, comments, Windows line
/// endings, and lines in any order.
/// </summary>
internal static class ExpectedText
{
    private const string Eof = "# EOF";

    private static readonly string[] Keywords = ["HELP", "TYPE", "UNIT"];

    // Only OpenMetrics contains a line # EOF, and only newer formats quote names.
    public static ExpositionFormat DetectFormat(string text)
    {
        var lines = SplitLines(text);
        var isQuoted = lines.Any(HasQuotedName);
        var format = lines.Contains(Eof) ? ExpositionFormat.OpenMetrics
            : isQuoted ? ExpositionFormat.PrometheusTextV1
            : ExpositionFormat.PrometheusText;
        return isQuoted ? format.WithEscaping(EscapingScheme.AllowUtf8) : format;
    }

    public static ComparedFamily[] Parse(string text, bool openMetrics)
    {
        var lines = SplitLines(text);
        var metadata = ParseMetadata(lines);
        var ordered = Order(lines, metadata, openMetrics);
        try
        {
            var typed = metadata.Where(line => line.Keyword == "TYPE").Select(line => line.Name).ToHashSet();
            return
            [
                .. MetricsSnapshot.Parse(ordered).Families
                    .Select(family => new ComparedFamily(family, typed, openMetrics)),
            ];
        }
        catch (FormatException exception)
        {
            // The line numbers of the ordered text differ, so find the error in the original lines.
            for (var i = 0; i < lines.Length; i++)
                RequireValid(lines[i], i + 1, openMetrics);
            throw new FormatException($"The expected text is invalid. {GetCause(exception)}", exception);
        }
    }

    private static string[] SplitLines(string text) =>
        Array.ConvertAll(text.Split('\n'), line => line.Trim(' ', '\t', '\r'));

    /// <summary>
    /// Moves metadata before the samples, because the parser needs the type first, and groups the metadata of each
    /// family. Families of creation times, which are gauges in Prometheus text, come last: the parser recognizes them
    /// only after the family to which they belong. A gauge <c>x_sum</c> comes after a histogram <c>x</c>, so that the
    /// parser adds the samples <c>x_sum</c> to the gauge.
    /// </summary>
    private static string Order(
        string[] lines, (string Keyword, string Name, string Text)[] metadata, bool openMetrics)
    {
        var families = metadata.GroupBy(line => line.Name)
            .OrderBy(family => family.Key.TrimEnd('"').EndsWith("_created", StringComparison.Ordinal))
            .ThenBy(family => metadata.Count(
                line => family.Key.StartsWith(line.Name.TrimEnd('"') + "_", StringComparison.Ordinal)))
            .SelectMany(family => family.Select(line => $"# {line.Keyword} {line.Name} {line.Text}"));
        var samples = lines.Where(line => line.Length > 0 && line[0] != '#');
        return string.Concat(families.Concat(samples).Concat(openMetrics ? [Eof] : []).Select(line => line + "\n"));
    }

    private static (string Keyword, string Name, string Text)[] ParseMetadata(string[] lines)
    {
        var metadata = lines.Select(ParseMetadataLine).OfType<(string Keyword, string Name, string Text)>().ToArray();
        var repeated = metadata.GroupBy(line => (line.Keyword, line.Name)).FirstOrDefault(same => same.Count() > 1);
        return repeated is null
            ? metadata
            : throw new FormatException(
                $"The expected text is invalid. Metric family {repeated.Key.Name} has a second " +
                $"# {repeated.Key.Keyword}. Remove one of them.");
    }

    private static (string Keyword, string Name, string Text)? ParseMetadataLine(string line)
    {
        if (!line.StartsWith('#'))
            return null;
        var rest = line[1..].TrimStart(' ', '\t');
        var keyword = Array.Find(Keywords, word => rest.StartsWith(word, StringComparison.Ordinal));
        if (keyword is null || (rest.Length > keyword.Length && rest[keyword.Length] is not (' ' or '\t')))
            return null;
        rest = rest[keyword.Length..].TrimStart(' ', '\t');
        var end = rest.StartsWith('"') ? FindEndOfQuoted(rest) : rest.IndexOfAny([' ', '\t']);
        return end < 0 ? (keyword, rest, "") : (keyword, rest[..end], rest[end..].TrimStart(' ', '\t'));
    }

    private static int FindEndOfQuoted(string line, int start = 0)
    {
        for (var i = start + 1; i < line.Length; i++)
        {
            if (line[i] == '\\')
                i++;
            else if (line[i] == '"')
                return i + 1;
        }

        return line.Length;
    }

    private static bool HasQuotedName(string line)
    {
        if (line.StartsWith('#'))
            return ParseMetadataLine(line) is { Name: ['"', ..] };
        for (var i = line.IndexOf('"'); i >= 0; i = line.IndexOf('"', FindEndOfQuoted(line, i)))
        {
            if (line.AsSpan(0, i).TrimEnd(" \t") is not [.., '='])
                return true;
        }

        return false;
    }

    private static void RequireValid(string line, int number, bool openMetrics)
    {
        try
        {
            MetricsSnapshot.Parse(line == Eof ? "" : $"{line}\n{(openMetrics ? $"{Eof}\n" : "")}");
        }
        catch (FormatException exception)
        {
            throw new FormatException(
                $"Line {number} of the expected text is invalid. {GetCause(exception)} Line: " +
                VisibleText.Escape(line),
                exception);
        }
    }

    private static string GetCause(FormatException exception) =>
        exception.InnerException is FormatException cause ? cause.Message : exception.Message;
}
