namespace Orchestrator.Metrics.Tests.Model;

internal static class Families
{
    public static readonly (MetricType Type, Func<string, string, string[], MetricFamily> Create)[] Factories =
    [
        (MetricType.Gauge, (name, help, labels) => MetricFamily.Gauge(name, help, labels)),
        (MetricType.Counter, (name, help, labels) => MetricFamily.Counter(name, help, labels)),
        (MetricType.Summary, (name, help, labels) => MetricFamily.Summary(name, help, labels)),
        (MetricType.Histogram, (name, help, labels) => MetricFamily.Histogram(name, help, labels)),
        (MetricType.GaugeHistogram, (name, help, labels) => MetricFamily.GaugeHistogram(name, help, labels)),
        (MetricType.Info, (name, help, labels) => MetricFamily.Info(name, help, labels)),
        (MetricType.StateSet, (name, help, labels) => MetricFamily.StateSet(name, help, labels)),
        (MetricType.Unknown, (name, help, labels) => MetricFamily.Unknown(name, help, labels)),
    ];

    public static MetricFamily CreateUtf8(string name, params string[] labels) => MetricFamily.Create(
        MetricType.Gauge, name, "Help.", labels, nameValidation: NameValidationScheme.Utf8);
}
