namespace Orchestrator.Metrics.Tests.Exposition.Parsing;

/// <summary>Parses text, and writes the parsed families again.</summary>
internal static class TextRewriter
{
    /// <summary>The text formats under every escaping scheme.</summary>
    public static readonly ExpositionFormat[] Formats =
    [
        ExpositionFormat.PrometheusText,
        .. Enum.GetValues<EscapingScheme>().Select(ExpositionFormat.PrometheusTextV1.WithEscaping),
        .. Enum.GetValues<EscapingScheme>().Select(ExpositionFormat.OpenMetrics.WithEscaping),
    ];

    public static IReadOnlyList<MetricFamily> ParseFamilies(byte[] text) =>
        ExpositionParser.Parse(
            text, ExpositionParseMode.Lenient, requireFinalLineFeed: true, CancellationToken.None);

    /// <summary>Parses a text and writes it in a format.</summary>
    public static string Rewrite(string text, ExpositionFormat format) => MetricsSnapshot.Parse(text).ToText(format);

    /// <summary>
    /// Returns a format that preserves the names in a text of the given format. Dots would escape the names twice.
    /// </summary>
    public static ExpositionFormat GetRewriteFormat(ExpositionFormat format) =>
        format.Escaping == EscapingScheme.Dots ? format.WithEscaping(EscapingScheme.Underscores) : format;
}
