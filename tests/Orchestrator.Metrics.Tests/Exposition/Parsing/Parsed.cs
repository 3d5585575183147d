namespace Orchestrator.Metrics.Tests.Exposition.Parsing;

/// <summary>Helpers for tests of the parser.</summary>
internal static class Parsed
{
    public static readonly ExpositionFormat[] Formats =
    [
        ExpositionFormat.PrometheusText,
        .. Enum.GetValues<EscapingScheme>().Select(ExpositionFormat.PrometheusTextV1.WithEscaping),
        .. Enum.GetValues<EscapingScheme>().Select(ExpositionFormat.OpenMetrics.WithEscaping),
    ];

    public static IReadOnlyList<MetricFamily> Families(byte[] text) =>
        ExpositionParser.Parse(
            text, ExpositionParseMode.Lenient, requireFinalLineFeed: true, CancellationToken.None);

    /// <summary>The text after it was parsed and written.</summary>
    public static string Rewritten(string text, ExpositionFormat format) => MetricsSnapshot.Parse(text).ToText(format);

    /// <summary>The format that preserves names when they are written again; "dots" would escape them twice.</summary>
    public static ExpositionFormat Again(ExpositionFormat format) =>
        format.Escaping == EscapingScheme.Dots ? format.WithEscaping(EscapingScheme.Underscores) : format;
}
