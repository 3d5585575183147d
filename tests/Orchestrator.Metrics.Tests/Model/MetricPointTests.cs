namespace Orchestrator.Metrics.Tests.Model;

public class MetricPointTests
{
    private const double Inf = double.PositiveInfinity;

    private static readonly double[] InvalidTotals = [-1, -double.Epsilon, double.NaN, double.NegativeInfinity];

    [TestCaseSource(nameof(InvalidTotals))]
    public void Totals_and_sums_are_neither_negative_nor_NaN(double value)
    {
        var shown = NumberFormat.FormatGo(value);
        Assert.Multiple(() =>
        {
            AssertRejected(() => MetricPoint.Counter(value), "The counter is " + shown);
            AssertRejected(() => MetricPoint.Summary(1, value), "The sum of a summary is " + shown);
            AssertRejected(
                () => MetricPoint.Histogram([new(1, 1), new(Inf, 1)], value), "The sum of a histogram is " + shown);
        });
    }

    [Test]
    public void Gauges_and_unknowns_accept_any_number()
    {
        foreach (var value in (double[])[0, -0.0, -1, double.NaN, Inf, -Inf, double.Epsilon, double.MaxValue])
        {
            Assert.Multiple(() =>
            {
                Assert.That(MetricPoint.Gauge(value).Samples[0].Value, Is.EqualTo(value));
                Assert.That(MetricPoint.Unknown(value).Samples[0].Value, Is.EqualTo(value));
            });
        }
    }

    [Test]
    public void Buckets_must_end_with_infinity()
    {
        foreach (var buckets in (HistogramBucket[][])[[], [new(1, 1)], [new(1, 1), new(2, 2)]])
            AssertBothReject(buckets, "must have the bound +Inf (double.PositiveInfinity)");
        AssertBothAccept([new(Inf, 0)]);
    }

    [Test]
    public void Bounds_must_ascend()
    {
        AssertBothReject(
            [new(2, 1), new(1, 1), new(Inf, 1)], "The bounds of the buckets must ascend: 1.0 comes after 2.0");
        AssertBothReject([new(1, 1), new(1, 1), new(Inf, 1)], "must ascend: 1.0 comes after 1.0");
        AssertBothReject([new(-0.0, 1), new(0.0, 1), new(Inf, 1)], "must ascend: 0.0 comes after -0.0");
        AssertBothReject([new(Inf, 1), new(Inf, 1)], "must ascend: +Inf comes after +Inf");
        AssertBothReject([new(double.NaN, 1), new(Inf, 1)], "A bucket has the bound NaN");
        AssertBothReject([new(1, 1), new(double.NaN, 1), new(Inf, 1)], "A bucket has the bound NaN");
        AssertBothReject([new(-Inf, 1), new(Inf, 1)], "A bucket has the bound -Inf");
        AssertBothAccept([new(-2, 1), new(-1, 1), new(0, 1), new(Math.BitIncrement(0.0), 1), new(Inf, 1)]);
    }

    [Test]
    public void Bucket_counts_must_be_cumulative()
    {
        AssertBothReject([new(1, 2), new(Inf, 1)], "Bucket count 1 comes after 2. Bucket counts are cumulative");
        AssertBothReject([new(1, -1), new(Inf, 1)], "Bucket count -1 comes after 0");
        AssertBothAccept([new(1, 0), new(2, 0), new(3, 5), new(Inf, 5)]);
    }

    [Test]
    public void Summary_count_must_not_be_negative()
    {
        AssertRejected(() => MetricPoint.Summary(-1, 1), "The count of a summary is -1.");
        Assert.That(() => MetricPoint.Summary(0, 0), Throws.Nothing);
    }

    [Test]
    public void Counts_above_2_to_the_53_are_rounded_to_the_nearest_double()
    {
        Assert.Multiple(() =>
        {
            Assert.That(MetricPoint.Summary(long.MaxValue, 1).Samples[0].Value, Is.EqualTo(9223372036854775807d));
            Assert.That(
                MetricPoint.Histogram([new(Inf, (1L << 53) + 1)]).Samples[0].Value, Is.EqualTo(9007199254740992d));
        });
    }

    [Test]
    public void Buckets_are_copied()
    {
        var buckets = new List<HistogramBucket> { new(1, 1), new(Inf, 2) };
        var point = MetricPoint.Histogram(buckets);
        buckets.Clear();

        Assert.That(point.Samples.Select(sample => sample.Value), Is.EqualTo(new[] { 1.0, 2.0 }));
    }

    [Test]
    public void Histogram_has_count_and_sum_if_a_sum_is_given_and_no_bound_is_negative()
    {
        Assert.Multiple(() =>
        {
            Assert.That(
                GetSuffixes(MetricPoint.Histogram([new(0, 1), new(Inf, 2)], sum: 3)),
                Is.EqualTo(new[] { SampleSuffix.Bucket, SampleSuffix.Bucket, SampleSuffix.Count, SampleSuffix.Sum }));
            Assert.That(
                GetSuffixes(MetricPoint.Histogram([new(Inf, 2)])), Is.EqualTo(new[] { SampleSuffix.Bucket }));
            Assert.That(
                GetSuffixes(MetricPoint.Histogram([new(-1, 1), new(Inf, 2)], sum: -3)),
                Is.EqualTo(new[] { SampleSuffix.Bucket, SampleSuffix.Bucket }));
            Assert.That(
                MetricPoint.Histogram([new(1, 1), new(Inf, 7)], sum: 3).Samples[2].Value,
                Is.EqualTo(7), "the count equals the count of the last bucket");
        });
    }

    [Test]
    public void Gauge_histogram_sum_may_be_negative_only_with_negative_bounds()
    {
        AssertRejected(
            () => MetricPoint.GaugeHistogram([new(0, 1), new(Inf, 1)], -1), "The sum of a gauge histogram is -1.0");
        AssertRejected(
            () => MetricPoint.GaugeHistogram([new(-1, 1), new(Inf, 1)], double.NaN), "gauge histogram is NaN");
        Assert.That(
            GetSuffixes(MetricPoint.GaugeHistogram([new(-1, 1), new(Inf, 1)], -1)),
            Does.Contain(SampleSuffix.GaugeSum).And.Contain(SampleSuffix.GaugeCount));
    }

    [Test]
    public void Quantiles_must_be_from_0_to_1_and_ascend()
    {
        foreach (var quantile in (double[])[-0.1, 1.1, double.NaN, Inf, -Inf])
        {
            AssertRejected(
                () => MetricPoint.Summary(1, 1, [new(quantile, 1)]),
                $"Quantile {NumberFormat.FormatGo(quantile)} is not between 0 and 1");
        }

        AssertRejected(() => MetricPoint.Summary(1, 1, [new(0.9, 1), new(0.5, 1)]), "0.5 comes after 0.9");
        AssertRejected(() => MetricPoint.Summary(1, 1, [new(0.5, 1), new(0.5, 1)]), "0.5 comes after 0.5");
        Assert.That(() => MetricPoint.Summary(1, 1, [new(0, 1), new(0.5, 0), new(1, 1)]), Throws.Nothing);
    }

    [Test]
    public void Quantile_value_may_be_NaN_but_not_negative()
    {
        Assert.Multiple(() =>
        {
            AssertRejected(() => MetricPoint.Summary(1, 1, [new(0.5, -1)]), "The value of quantile 0.5 is -1.0");
            AssertRejected(
                () => MetricPoint.Summary(1, 1, [new(0.5, double.NegativeInfinity)]), "quantile 0.5 is -Inf");
            Assert.That(() => MetricPoint.Summary(0, 0, [new(0.5, double.NaN)]), Throws.Nothing);
        });
    }

    [Test]
    public void State_names_are_unique_and_sorted_by_code_point()
    {
        Assert.Multiple(() =>
        {
            AssertRejected(
                () => MetricPoint.StateSet([new("a", true), new("b", true), new("a", false)]),
                "State 'a' occurs twice");
            AssertRejected(() => MetricPoint.StateSet([new(null!, true)]), "A state of a stateset is null");
            Assert.That(
                MetricPoint.StateSet(
                    [new("😀", true), new("\uFF5E", true), new("b", false), new("", true), new("B", true)])
                    .Samples.Select(state => (state.TypeLabel, state.Value)),
                Is.EqualTo(new[] { ("", 1.0), ("B", 1.0), ("b", 0.0), ("\uFF5E", 1.0), ("😀", 1.0) }));
        });
    }

    [Test]
    public void Info_point_is_validated_on_creation()
    {
        AssertRejected(() => MetricPoint.Info([new("a", "1"), new("a", "2")]), "Label 'a' of an info occurs twice");
        AssertRejected(() => MetricPoint.Info([new("a", null!)]), "Label 'a' of an info is null");
        AssertRejected(() => MetricPoint.Info([new("__x", "v")]), "Label '__x' of an info is reserved");
        AssertRejected(() => MetricPoint.Info([new("", "v")]), "'' is not a valid label name for an info");
    }

    [Test]
    public void Null_collections_are_rejected()
    {
        Assert.Multiple(() =>
        {
            Assert.That(() => MetricPoint.Histogram(null!), Throws.ArgumentNullException);
            Assert.That(() => MetricPoint.GaugeHistogram(null!), Throws.ArgumentNullException);
            Assert.That(() => MetricPoint.Info(null!), Throws.ArgumentNullException);
            Assert.That(() => MetricPoint.StateSet(null!), Throws.ArgumentNullException);
            Assert.That(() => MetricPoint.Summary(1, 1, quantiles: null), Throws.Nothing);
        });
    }

    private static IEnumerable<SampleSuffix> GetSuffixes(MetricPoint point) =>
        point.Samples.Select(sample => sample.Suffix);

    private static void AssertBothAccept(HistogramBucket[] buckets) => Assert.Multiple(() =>
    {
        Assert.That(() => MetricPoint.Histogram(buckets), Throws.Nothing);
        Assert.That(() => MetricPoint.GaugeHistogram(buckets), Throws.Nothing);
    });

    private static void AssertBothReject(HistogramBucket[] buckets, string message) => Assert.Multiple(() =>
    {
        AssertRejected(() => MetricPoint.Histogram(buckets), message);
        AssertRejected(() => MetricPoint.GaugeHistogram(buckets), message);
    });

    private static void AssertRejected(Func<MetricPoint> create, string message) =>
        Assert.That(create, Throws.InstanceOf<ArgumentException>().With.Message.Contains(message));
}
