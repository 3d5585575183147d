namespace Orchestrator.Metrics.Tests;

/// <summary>Families of every type, some with labels, timestamps and exemplars, or names that need quotes.</summary>
internal static class AllKinds
{
    private static readonly DateTimeOffset Time = DateTimeOffset.FromUnixTimeMilliseconds(1_790_000_000_123);

    /// <summary>Creates a point with all samples that its type can have.</summary>
    public static MetricPoint CreatePoint(MetricType type)
    {
        HistogramBucket[] buckets = [new(1, 1), new(double.PositiveInfinity, 2)];
        return type switch
        {
            MetricType.Gauge => MetricPoint.Gauge(1),
            MetricType.Counter => MetricPoint.Counter(1, created: Time),
            MetricType.Summary => MetricPoint.Summary(1, 1, [new(0.5, 1)], created: Time),
            MetricType.Histogram => MetricPoint.Histogram(buckets, sum: 3, created: Time),
            MetricType.GaugeHistogram => MetricPoint.GaugeHistogram(buckets, sum: 3),
            MetricType.Info => MetricPoint.Info([new("version", "1")]),
            MetricType.StateSet => MetricPoint.StateSet([new("on", true)]),
            _ => MetricPoint.Unknown(1),
        };
    }

    public static MetricFamily[] CreateFamilies()
    {
        var exemplar = new Exemplar(0.05, [new("trace_id", "a\"b # {c}"), new("b", "")], Time);
        var gauge = MetricFamily.Gauge("acme_gauge", "Help with \"quotes\", \\ and\na line feed.", "label");
        gauge.Add(double.NaN, "");
        gauge.Add(MetricPoint.Gauge(-1.5, Time), "\"\\\n# ");
        var counter = MetricFamily.Create(MetricType.Counter, "acme_counter", "A counter.", unit: "bytes");
        counter.Add(MetricPoint.Counter(3, created: Time, exemplar: exemplar, timestamp: Time));
        var summary = MetricFamily.Summary("acme_summary", "A summary.", "label");
        summary.Add(MetricPoint.Summary(3, 4.5, [new(0.5, 1), new(0.99, double.NaN)], Time), "x");
        var histogram = MetricFamily.Histogram("acme_histogram", "A histogram.", "label");
        histogram.Add(
            MetricPoint.Histogram([new(0.1, 1, exemplar), new(double.PositiveInfinity, 3)], 4.5, Time), "x");
        var ages = MetricFamily.GaugeHistogram("acme_ages", "Ages.");
        ages.Add(MetricPoint.GaugeHistogram([new(1, 1), new(double.PositiveInfinity, 2)], 3));
        var info = MetricFamily.Create(
            MetricType.Info, "acme_build", "A build.", ["label"], nameValidation: NameValidationScheme.Utf8);
        info.Add(MetricPoint.Info([new("version", "1"), new("os.name", "x")]), "x");
        var states = MetricFamily.StateSet("acme_state", "A state.");
        states.Add(MetricPoint.StateSet([new("on", true), new("off", false)]));
        var unknown = MetricFamily.Unknown("acme_unknown", "Unknown.");
        unknown.Add(double.NegativeInfinity);
        var utf8 = MetricFamily.Create(
            MetricType.Gauge, "acme.größe in \"m\"", "Any name.", ["label.name"],
            nameValidation: NameValidationScheme.Utf8);
        utf8.Add(1, "x");
        var bare = MetricFamily.Create(
            MetricType.Counter, "acme.bare", "Any name.", nameValidation: NameValidationScheme.Utf8);
        bare.Add(1);
        return
        [
            gauge, counter, summary, histogram, ages, info, states, unknown, utf8, bare,
            MetricFamily.Histogram("acme_empty", "No samples."),
        ];
    }
}
