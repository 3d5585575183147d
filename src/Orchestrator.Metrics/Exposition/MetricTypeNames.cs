namespace Orchestrator.Metrics.Exposition;

/// <summary>
/// The names of the metric types in <c># TYPE</c> lines. Prometheus text does not support infos, statesets or gauge
/// histograms, so each of them is written as the closest type.
/// </summary>
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

    /// <summary>Returns the type with a name; null if the format has no such type.</summary>
    public static MetricType? Find(string name, bool openMetrics)
    {
        var index = Array.FindIndex(Names, known => name == (openMetrics ? known.OpenMetrics : known.Text));
        return index < 0 ? null : Names[index].Type;
    }
}
