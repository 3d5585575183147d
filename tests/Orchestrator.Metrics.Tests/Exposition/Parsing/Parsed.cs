using System.Text;

namespace Orchestrator.Metrics.Tests.Exposition.Parsing;

/// <summary>Texts as the parser takes them.</summary>
internal static class Parsed
{
    public static readonly ExpositionFormat[] Formats =
    [
        ExpositionFormat.PrometheusText,
        .. Enum.GetValues<EscapingScheme>().Select(ExpositionFormat.PrometheusTextV1.WithEscaping),
        .. Enum.GetValues<EscapingScheme>().Select(ExpositionFormat.OpenMetrics.WithEscaping),
    ];

    public static MetricsSnapshot Snapshot(string text) => new(Families(Encoding.UTF8.GetBytes(text)));

    public static IReadOnlyList<MetricFamily> Families(byte[] text) =>
        ExpositionParser.Parse(text, ofPrometheusNet: false, CancellationToken.None);

    /// <summary>The text again, after it was read.</summary>
    public static string Rewritten(string text, ExpositionFormat format) => Snapshot(text).ToText(format);

    /// <summary>The format that writes names a second time as they came: dots would double what it escaped.</summary>
    public static ExpositionFormat Again(ExpositionFormat format) =>
        format.Escaping == EscapingScheme.Dots ? format.WithEscaping(EscapingScheme.Underscores) : format;
}
