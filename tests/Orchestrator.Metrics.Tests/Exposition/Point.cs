using System.Globalization;

namespace Orchestrator.Metrics.Tests.Exposition;

/// <summary>
/// Data for a point of any type, and its expected samples, implemented a second time from the OpenMetrics
/// specification.
/// </summary>
internal sealed record Point(
    double Value, int[] Counts, double[] RawBounds, string[] Labels, string[] Texts,
    DateTimeOffset? Time, DateTimeOffset? Created, bool HasSum,
    (double Value, string Text, DateTimeOffset? Time, bool Has) Trace)
{
    private double Positive => double.IsNaN(Value) ? 0 : Math.Abs(Value);

    private double[] Bounds => [.. RawBounds.Distinct().Order().Append(double.PositiveInfinity)];

    private string[] States =>
        [.. Texts.Select(HostileText.ReplaceSurrogates).Distinct().OrderBy(text => text, CodePointComparer.Instance)];

    private double Sum(bool gauge) => gauge && Bounds[0] < 0 && !double.IsNaN(Value) ? Value : Positive;

    // Names and values together have at most 128 characters.
    private string TraceText => string.Concat(HostileText.ReplaceSurrogates(Trace.Text).EnumerateRunes().Take(100));

    // The exemplar of a bucket is at most its bound.
    private Exemplar? ExemplarUpTo(double bound) =>
        Trace.Has ? new Exemplar(Math.Min(Trace.Value, bound), [new("t", TraceText)], Trace.Time) : null;

    private ReadSample? ReadExemplarUpTo(double bound) => Trace.Has
        ? new ReadSample("", [new("t", TraceText)], Math.Min(Trace.Value, bound), Seconds(Trace.Time))
        : null;

    public MetricPoint Build(MetricType type) => type switch
    {
        MetricType.Gauge => MetricPoint.Gauge(Value, Time),
        MetricType.Unknown => MetricPoint.Unknown(Value, Time),
        MetricType.Counter => MetricPoint.Counter(Positive, Created, ExemplarUpTo(double.PositiveInfinity), Time),
        MetricType.Summary => MetricPoint.Summary(
            Total, Positive, Quantiles.Select(quantile => new SummaryQuantile(quantile, Positive)), Created, Time),
        MetricType.Histogram => MetricPoint.Histogram(Buckets, HasSum ? Sum(gauge: false) : null, Created, Time),
        MetricType.GaugeHistogram => MetricPoint.GaugeHistogram(Buckets, HasSum ? Sum(gauge: true) : null, Time),
        MetricType.Info => MetricPoint.Info(Texts.Select((text, i) => KeyValuePair.Create(InfoName(i), text)), Time),
        MetricType.StateSet => MetricPoint.StateSet(
            States.Select((state, i) => KeyValuePair.Create(state, i == Counts.Length)).Reverse(), Time),
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    public IEnumerable<ReadSample> Expected(string name, MetricType type, KeyValuePair<string, string>[] labels)
    {
        switch (type)
        {
            case MetricType.Gauge or MetricType.Unknown:
                yield return Sample("", Value);
                break;
            case MetricType.Counter:
                yield return Sample("_total", Positive) with { Exemplar = ReadExemplarUpTo(double.PositiveInfinity) };
                break;
            case MetricType.Info:
                yield return Sample("_info", 1, [.. Texts.Select((text, i) => KeyValuePair.Create(InfoName(i), text))]);
                break;
            case MetricType.StateSet:
                for (var i = 0; i < States.Length; i++)
                    yield return Sample(
                        "", i == Counts.Length ? 1 : 0, new KeyValuePair<string, string>(name, States[i]));
                break;
            case MetricType.Summary:
                foreach (var quantile in Quantiles)
                    yield return Sample("", Positive, Own("quantile", quantile));
                yield return Sample("_count", Total);
                yield return Sample("_sum", Positive);
                break;
            default:
                var letter = type == MetricType.GaugeHistogram ? "g" : "";
                for (var i = 0; i < Bounds.Length; i++)
                    yield return Sample("_bucket", CountUpTo(i), Own("le", Bounds[i])) with
                    {
                        Exemplar = i % 2 == 0 ? ReadExemplarUpTo(Bounds[i]) : null,
                    };
                if (HasSum && (Bounds[0] >= 0 || letter == "g"))
                {
                    yield return Sample($"_{letter}count", Total);
                    yield return Sample($"_{letter}sum", Sum(letter == "g"));
                }

                break;
        }

        var hasCreated = type is MetricType.Counter or MetricType.Summary or MetricType.Histogram;
        if (hasCreated && Seconds(Created) is { } created)
            yield return Sample("_created", created);

        ReadSample Sample(string suffix, double value, params KeyValuePair<string, string>[] own) => new(
            name + suffix,
            [
                .. labels.Concat(own).OrderBy(label => label.Key, CodePointComparer.Instance)
                    .Select(label => KeyValuePair.Create(label.Key, HostileText.ReplaceSurrogates(label.Value))),
            ],
            value, Seconds(Time));

        static KeyValuePair<string, string> Own(string label, double value) =>
            new(label, PythonNumbers.FloatToGoString(value));
    }

    private double[] Quantiles => [.. Enumerable.Range(0, Counts.Length).Select(i => i / 4.0)];

    private long Total => CountUpTo(Bounds.Length - 1);

    private HistogramBucket[] Buckets =>
        [.. Bounds.Select((bound, i) => new HistogramBucket(bound, CountUpTo(i), i % 2 == 0 ? ExemplarUpTo(bound) : null))];

    private long CountUpTo(int bucket) => Counts.Take(bucket + 1).Sum(count => (long)count);

    private static string InfoName(int index) => "fact_" + index.ToString(CultureInfo.InvariantCulture);

    private static double? Seconds(DateTimeOffset? time) => time?.ToUnixTimeMilliseconds() / 1000.0;
}
