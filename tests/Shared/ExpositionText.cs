namespace Orchestrator.Metrics.Tests;

/// <summary>Writes expositions as strings.</summary>
internal static class ExpositionText
{
    public static string Of(ExpositionFormat format, params MetricFamily[] families) =>
        new MetricsSnapshot(families).ToText(format);
}
