namespace Orchestrator.Metrics.Tests;

internal static class ExpositionText
{
    public static string Of(ExpositionFormat format, params MetricFamily[] families) =>
        new MetricsSnapshot(families).ToText(format);
}
