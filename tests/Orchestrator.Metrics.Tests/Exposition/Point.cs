using System.Globalization;

namespace Orchestrator.Metrics.Tests.Exposition;

/// <summary>
/// Data for a point of any type. Computes the samples that a parser must return, from the OpenMetrics specification and
/// independently of the library.
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

    private double GetSum(bool gauge) => gauge && Bounds[0] < 0 && !double.IsNaN(Value) ? Value : Positive;

    // The label names and values of an exemplar have at most 128 characters in total.
    private string TraceText => string.Concat(HostileText.ReplaceSurrogates(Trace.Text).EnumerateRunes().Take(100));

    // The value of an exemplar must not exceed the bound of its bucket.
    private Exemplar? CreateExemplarUpTo(double bound) =>
        Trace.Has ? new Exemplar(Math.Min(Trace.Value, bound), [new("t", TraceText)], Trace.Time) : null;

    private ReadSample? ExpectExemplarUpTo(double bound) => Trace.Has
        ? new ReadSample("", [new("t", TraceText)], Math.Min(Trace.Value, bound), ToSeconds(Trace.Time))
        : null;

    public MetricPoint Build(MetricType type) => type switch
    {
        MetricType.Gauge => MetricPoint.Gauge(Value, Time),
        MetricType.Unknown => MetricPoint.Unknown(Value, Time),
        MetricType.Counter => MetricPoint.Counter(Positive, Created, CreateExemplarUpTo(double.PositiveInfinity), Time),
        MetricType.Summary => MetricPoint.Summary(
            Total, Positive, Quantiles.Select(quantile => new SummaryQuantile(quantile, Positive)), Created, Time),
        MetricType.Histogram => MetricPoint.Histogram(Buckets, HasSum ? GetSum(gauge: false) : null, Created, Time),
        MetricType.GaugeHistogram => MetricPoint.GaugeHistogram(Buckets, HasSum ? GetSum(gauge: true) : null, Time),
        MetricType.Info => MetricPoint.Info(Texts.Select((text, i) => KeyValuePair.Create(GetInfoName(i), text)), Time),
        MetricType.StateSet => MetricPoint.StateSet(
            States.Select((state, i) => KeyValuePair.Create(state, i == Counts.Length)).Reverse(), Time),
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    public IEnumerable<ReadSample> GetExpectedSamples(
        string name, MetricType type, KeyValuePair<string, string>[] labels)
    {
        switch (type)
        {
            case MetricType.Gauge or MetricType.Unknown:
                yield return CreateSample("", Value);
                break;
            case MetricType.Counter:
                yield return CreateSample("_total", Positive) with
                {
                    Exemplar = ExpectExemplarUpTo(double.PositiveInfinity),
                };
                break;
            case MetricType.Info:
                yield return CreateSample(
                    "_info", 1, [.. Texts.Select((text, i) => KeyValuePair.Create(GetInfoName(i), text))]);
                break;
            case MetricType.StateSet:
                for (var i = 0; i < States.Length; i++)
                    yield return CreateSample(
                        "", i == Counts.Length ? 1 : 0, new KeyValuePair<string, string>(name, States[i]));
                break;
            case MetricType.Summary:
                foreach (var quantile in Quantiles)
                    yield return CreateSample("", Positive, CreateLabel("quantile", quantile));
                yield return CreateSample("_count", Total);
                yield return CreateSample("_sum", Positive);
                break;
            default:
                var letter = type == MetricType.GaugeHistogram ? "g" : "";
                for (var i = 0; i < Bounds.Length; i++)
                    yield return CreateSample("_bucket", CountUpTo(i), CreateLabel("le", Bounds[i])) with
                    {
                        Exemplar = i % 2 == 0 ? ExpectExemplarUpTo(Bounds[i]) : null,
                    };
                if (HasSum && (Bounds[0] >= 0 || letter == "g"))
                {
                    yield return CreateSample($"_{letter}count", Total);
                    yield return CreateSample($"_{letter}sum", GetSum(letter == "g"));
                }

                break;
        }

        var hasCreated = type is MetricType.Counter or MetricType.Summary or MetricType.Histogram;
        if (hasCreated && ToSeconds(Created) is { } created)
            yield return CreateSample("_created", created);

        ReadSample CreateSample(string suffix, double value, params KeyValuePair<string, string>[] own) => new(
            name + suffix,
            [
                .. labels.Concat(own).OrderBy(label => label.Key, CodePointComparer.Instance)
                    .Select(label => KeyValuePair.Create(label.Key, HostileText.ReplaceSurrogates(label.Value))),
            ],
            value, ToSeconds(Time));

        static KeyValuePair<string, string> CreateLabel(string label, double value) =>
            new(label, PythonNumbers.FloatToGoString(value));
    }

    private double[] Quantiles => [.. Enumerable.Range(0, Counts.Length).Select(i => i / 4.0)];

    private long Total => CountUpTo(Bounds.Length - 1);

    private HistogramBucket[] Buckets =>
        [.. Bounds.Select((bound, i) =>
            new HistogramBucket(bound, CountUpTo(i), i % 2 == 0 ? CreateExemplarUpTo(bound) : null))];

    private long CountUpTo(int bucket) => Counts.Take(bucket + 1).Sum(count => (long)count);

    private static string GetInfoName(int index) => "fact_" + index.ToString(CultureInfo.InvariantCulture);

    private static double? ToSeconds(DateTimeOffset? time) => time?.ToUnixTimeMilliseconds() / 1000.0;
}
