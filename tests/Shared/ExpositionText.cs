using System.Text;

namespace Orchestrator.Metrics.Tests;

/// <summary>Expositions as strings.</summary>
internal static class ExpositionText
{
    public static string Of(ExpositionFormat format, params MetricFamily[] families) =>
        new MetricsSnapshot(families).ToText(format);

    public static string ToText(this MetricsSnapshot snapshot, ExpositionFormat format)
    {
        using var stream = new MemoryStream();
        snapshot.WriteAsync(stream, format).GetAwaiter().GetResult();
        return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(stream.ToArray());
    }

    public static async Task<string> ToTextAsync(this OrchestratorMetricsRegistry registry, ExpositionFormat format)
    {
        using var stream = new MemoryStream();
        await registry.WriteAsync(stream, format);
        return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(stream.ToArray());
    }
}
