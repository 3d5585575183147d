namespace Orchestrator.Metrics.Exposition;

// Prometheus text has no infos, statesets or gauge histograms: each becomes the closest type.
internal static class MetricTypeNames
{
    // In Prometheus text, a name denotes the first type with that name.
    private static readonly (MetricType Type, string OpenMetrics, string Text)[] Names =
    [
        (MetricType.Gauge, "gauge", "gauge"),
        (MetricType.Counter, "counter", "counter"),
        (MetricType.Summary, "summary", "summary"),
        (MetricType.Histogram, "histogram", "histogram"),
        (MetricType.GaugeHistogram, "gaugehistogram", "histogram"),
        (MetricType.Info, "info", "gauge"),
        (MetricType.StateSet, "stateset", "gauge"),
        (MetricType.Unknown, "unknown", "untyped"),
    ];

    public static string GetOpenMetricsName(MetricType type) =>
        Array.Find(Names, name => name.Type == type).OpenMetrics;

    public static string GetTextName(MetricType type) => Array.Find(Names, name => name.Type == type).Text;

    public static MetricType? Find(string name, bool openMetrics)
    {
        var index = Array.FindIndex(Names, known => name == (openMetrics ? known.OpenMetrics : known.Text));
        return index < 0 ? null : Names[index].Type;
    }
}
