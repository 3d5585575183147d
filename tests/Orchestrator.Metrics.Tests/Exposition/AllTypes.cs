namespace Orchestrator.Metrics.Tests.Exposition;

internal static class AllTypes
{
    private const double Inf = double.PositiveInfinity;

    private static readonly DateTimeOffset Created = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_123);

    private static readonly DateTimeOffset Measured = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_100_500);

    private static readonly Exemplar Trace = new(
        -1.5, [new("trace_id", "KOO5S4vxi0o"), new("span_id", "say \"hi\"\\\n")], Measured);

    public static MetricsSnapshot CreateSnapshot() => new(
    [
        CreateGauge(), CreateCounter(), CreateCounterInUtf8(), CreateSummary(), CreateHistogram(),
        CreateHistogramInUtf8(), CreateNegativeBuckets(), CreateGaugeHistogram(), CreateInfo(), CreateStateSet(),
        CreateStateSetInUtf8(), CreateUnknown(), MetricFamily.Gauge("acme_nothing", ""),
    ]);

    private static MetricFamily CreateGauge()
    {
        var family = MetricFamily.Create(
            MetricType.Gauge, "acme_temperature", "A \"quoted\" help,\nwith a line feed and a \\.", ["zone", "Room"],
            "celsius");
        family.Add(-3.5, "north", "1");
        family.Add(double.NaN, "a\"b\\c\nd\re", "");
        family.Add(MetricPoint.Gauge(1_000_000, Measured), "über", "日本 😀");
        return family;
    }

    private static MetricFamily CreateCounter()
    {
        var family = MetricFamily.Create(
            MetricType.Counter, "acme_cpu_seconds_total", "Time used.", ["core"], "seconds");
        family.Add(MetricPoint.Counter(17, Created, Trace, Measured), "0");
        family.Add(MetricPoint.Counter(3.25, exemplar: new Exemplar(1, [])), "1");
        family.Add(12345678, "2");
        return family;
    }

    private static MetricFamily CreateCounterInUtf8()
    {
        var family = CreateInUtf8(MetricType.Counter, "http.requests", "Requests.", "http.method");
        family.Add(MetricPoint.Counter(5, Created), "GET");
        return family;
    }

    private static MetricFamily CreateSummary()
    {
        var family = MetricFamily.Summary("acme_latency", "Latency.", "path");
        family.Add(
            MetricPoint.Summary(4, 2.5, [new(0, 0.1), new(0.5, 0.25), new(0.999, double.NaN), new(1, Inf)], Created),
            "/");
        family.Add(MetricPoint.Summary(0, 0, timestamp: Measured), "/api");
        return family;
    }

    private static MetricFamily CreateHistogram()
    {
        var family = MetricFamily.Histogram("acme_size_bytes", "Sizes.", "z", "a");
        family.Add(
            MetricPoint.Histogram(
                [new(0, 0), new(0.5, 1, Trace), new(1e7, 3), new(Inf, 4)], 20_000_000, Created, Measured),
            "1", "2");
        return family;
    }

    private static MetricFamily CreateHistogramInUtf8()
    {
        var family = MetricFamily.Create(
            MetricType.Histogram, "http.server.duration", "Durations.", ["über.label", "plain"], "seconds",
            NameValidationScheme.Utf8);
        family.Add(MetricPoint.Histogram([new(0.25, 1), new(Inf, 2)], 1, Created), "ü", "x");
        return family;
    }

    private static MetricFamily CreateNegativeBuckets()
    {
        var family = MetricFamily.Histogram("acme_delta", "With a negative bound there is neither sum nor count.");
        family.Add(MetricPoint.Histogram([new(-1, 1), new(Inf, 2)], sum: -5));
        return family;
    }

    private static MetricFamily CreateGaugeHistogram()
    {
        var family = MetricFamily.GaugeHistogram("acme_queue_age", "Ages.", "queue");
        family.Add(MetricPoint.GaugeHistogram([new(-1, 1, Trace), new(Inf, 3)], -2.5, Measured), "a");
        family.Add(MetricPoint.GaugeHistogram([new(Inf, 3)]), "b");
        return family;
    }

    private static MetricFamily CreateInfo()
    {
        var family = MetricFamily.Info("acme_build", "What runs.", "host");
        family.Add(MetricPoint.Info([new("version", "1.2.3"), new("commit", "abc")]), "a");
        family.Add(MetricPoint.Info([]), "b");
        return family;
    }

    private static MetricFamily CreateStateSet()
    {
        var family = MetricFamily.StateSet("acme_engine", "State.", "site");
        family.Add(MetricPoint.StateSet([new("RUNNING", true), new("PAUSED", false), new("a \"b\"", false)]), "x");
        return family;
    }

    private static MetricFamily CreateStateSetInUtf8()
    {
        var family = CreateInUtf8(MetricType.StateSet, "engine.state", "State.");
        family.Add(MetricPoint.StateSet([new("on", true)]));
        return family;
    }

    private static MetricFamily CreateUnknown()
    {
        var family = MetricFamily.Unknown("acme:raw", "");
        family.Add(-1e16);
        return family;
    }

    private static MetricFamily CreateInUtf8(MetricType type, string name, string help, params string[] labels) =>
        MetricFamily.Create(type, name, help, labels, nameValidation: NameValidationScheme.Utf8);
}
