namespace Orchestrator.Metrics.Tests.Exposition.Parsing;

internal static class TextRewriter
{
    public static readonly ExpositionFormat[] Formats =
    [
        ExpositionFormat.PrometheusText,
        .. Enum.GetValues<EscapingScheme>().Select(ExpositionFormat.PrometheusTextV1.WithEscaping),
        .. Enum.GetValues<EscapingScheme>().Select(ExpositionFormat.OpenMetrics.WithEscaping),
    ];

    public static IReadOnlyList<MetricFamily> ParseFamilies(byte[] text) =>
        ExpositionParser.Parse(
            text, ExpositionParseMode.Lenient, requireFinalLineFeed: true, CancellationToken.None);

    public static string Rewrite(string text, ExpositionFormat format) => MetricsSnapshot.Parse(text).ToText(format);

    // Dots would escape the names twice.
    public static ExpositionFormat GetRewriteFormat(ExpositionFormat format) =>
        format.Escaping == EscapingScheme.Dots ? format.WithEscaping(EscapingScheme.Underscores) : format;
}
