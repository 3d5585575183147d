namespace Orchestrator.Metrics.Tests.Model;

public class NativeHistogramTests
{
    private const double Inf = double.PositiveInfinity;

    private static readonly DateTimeOffset Time = DateTimeOffset.FromUnixTimeMilliseconds(1_500);

    [Test]
    public void Buckets_are_sorted_and_empty_buckets_are_omitted()
    {
        var histogram = new NativeHistogram(
            3, 12.5, new Dictionary<int, long> { [7] = 2, [-3] = 1, [0] = 0 }, [new(2, 4)], zeroCount: 5);

        Assert.Multiple(() =>
        {
            Assert.That(histogram.Schema, Is.EqualTo(3));
            Assert.That(histogram.Sum, Is.EqualTo(12.5));
            Assert.That(histogram.PositiveBuckets, Is.EqualTo(CreateBuckets((-3, 1), (7, 2))));
            Assert.That(histogram.NegativeBuckets, Is.EqualTo(CreateBuckets((2, 4))));
            Assert.That(histogram.ZeroCount, Is.EqualTo(5));
            Assert.That(histogram.ZeroThreshold, Is.EqualTo(Math.Pow(2, -128)));
            Assert.That(histogram.Count, Is.EqualTo(12));
            Assert.That(histogram.Exemplars, Is.Empty);
        });
    }

    [Test]
    public void Histogram_does_not_change_with_its_arguments()
    {
        var buckets = new Dictionary<int, long> { [1] = 1 };
        var exemplars = new List<Exemplar> { new(1, []) };
        var histogram = new NativeHistogram(0, 1, buckets, exemplars: exemplars);
        buckets[1] = 5;
        exemplars.Clear();
        Assert.Multiple(() =>
        {
            Assert.That(histogram.PositiveBuckets, Is.EqualTo(CreateBuckets((1, 1))));
            Assert.That(histogram.Exemplars, Has.Count.EqualTo(1));
        });
    }

    [TestCase(-5)]
    [TestCase(9)]
    [TestCase(int.MinValue)]
    [TestCase(int.MaxValue)]
    public void Schema_is_between_minus_4_and_8(int schema) =>
        AssertRejected(() => new NativeHistogram(schema, 0), $"Schema {schema} of a native histogram does not exist.");

    [TestCase(-4, -68, 65)]
    [TestCase(-1, -538, 513)]
    [TestCase(0, -1075, 1025)]
    [TestCase(8, -275200, 262145)]
    public void Bucket_indexes_are_limited_to_the_range_of_double(int schema, int smallest, int largest)
    {
        var histogram = new NativeHistogram(schema, 0, CreateBuckets((smallest, 1), (largest, 1)));
        Assert.That(histogram.PositiveBuckets, Has.Count.EqualTo(2));
        foreach (var index in (int[])[smallest - 1, largest + 1, int.MinValue, int.MaxValue])
        {
            var message = $"Bucket {index} of a native histogram of schema {schema} is outside the range of " +
                $"double. Use indexes from {smallest} to {largest}.";
            AssertRejected(() => new NativeHistogram(schema, 0, CreateBuckets((index, 1))), message);
            AssertRejected(() => new NativeHistogram(schema, 0, null, CreateBuckets((index, 0))), message);
        }
    }

    [Test]
    public void Negative_counts_are_rejected()
    {
        AssertRejected(
            () => new NativeHistogram(0, 0, CreateBuckets((3, -1))),
            "Bucket 3 of a native histogram has the count -1.");
        AssertRejected(() => new NativeHistogram(0, 0, zeroCount: -1), "The zero count of a native histogram is -1.");
    }

    [Test]
    public void Bucket_indexes_are_unique() => AssertRejected(
        () => new NativeHistogram(0, 0, CreateBuckets((3, 1), (4, 1), (3, 1))),
        "Bucket 3 of a native histogram occurs twice.");

    [TestCase(-1)]
    [TestCase(double.NaN)]
    [TestCase(Inf)]
    public void Zero_threshold_is_finite_and_not_negative(double threshold) => AssertRejected(
        () => new NativeHistogram(0, 0, zeroThreshold: threshold), "The zero threshold of a native histogram is");

    [Test]
    public void Count_equals_the_total_of_the_buckets_unless_the_sum_is_NaN()
    {
        Assert.That(new NativeHistogram(0, double.NaN, CreateBuckets((1, 2)), count: 3).Count, Is.EqualTo(3));
        AssertRejected(
            () => new NativeHistogram(0, 1, CreateBuckets((1, 2)), count: 3),
            "The count of a native histogram is 3, but its buckets, including the zero bucket, contain 2 observations.");
        AssertRejected(
            () => new NativeHistogram(0, double.NaN, CreateBuckets((1, 2)), count: 1),
            "The count of a native histogram");
    }

    [Test]
    public void Overflow_of_the_counts_is_an_error()
    {
        Func<object> create = () => new NativeHistogram(0, 0, CreateBuckets((1, long.MaxValue), (2, 1)));
        Assert.That(create, Throws.InstanceOf<OverflowException>());
    }

    [Test]
    public void Null_exemplar_is_rejected() =>
        AssertRejected(
            () => new NativeHistogram(0, 0, exemplars: [null!]), "An exemplar of a native histogram is null.");

    [Test]
    public void Classic_buckets_have_the_count_of_the_native_histogram()
    {
        var histogram = new NativeHistogram(0, 1, CreateBuckets((0, 2)));
        AssertRejected(
            () => MetricPoint.NativeHistogram(histogram, [new(1, 1), new(Inf, 1)]),
            "The classic buckets count 1 observations, but the native histogram counts 2.");
        AssertRejected(
            () => MetricPoint.NativeHistogram(histogram, [new(1, 2)]),
            "The last bucket of a histogram must have the bound +Inf");
        Assert.That(() => MetricPoint.NativeHistogram(null!), Throws.ArgumentNullException);
    }

    [Test]
    public void Text_has_count_sum_and_the_infinity_bucket()
    {
        var family = MetricFamily.Histogram("wait_seconds", "Wait.", ["site"], "seconds");
        var native = new NativeHistogram(
            3, 12.5, CreateBuckets((1, 2)), zeroCount: 1,
            exemplars: [new(1, [new("trace", "a")]), new(2, [new("trace", "b")], Time)]);
        family.Add(MetricPoint.NativeHistogram(native, created: Time, timestamp: Time), "oslo");

        Assert.Multiple(() =>
        {
            Assert.That(ExpositionText.Of(ExpositionFormat.OpenMetrics, family), Is.EqualTo(
                "# HELP wait_seconds Wait.\n# TYPE wait_seconds histogram\n# UNIT wait_seconds seconds\n" +
                "wait_seconds_bucket{le=\"+Inf\",site=\"oslo\"} 3.0 1.5 # {trace=\"b\"} 2.0 1.5\n" +
                "wait_seconds_count{site=\"oslo\"} 3.0 1.5\nwait_seconds_sum{site=\"oslo\"} 12.5 1.5\n" +
                "wait_seconds_created{site=\"oslo\"} 1.5 1.5\n# EOF\n"));
            Assert.That(ExpositionText.Of(ExpositionFormat.PrometheusText, family), Is.EqualTo(
                "# HELP wait_seconds Wait.\n# TYPE wait_seconds histogram\n" +
                "wait_seconds_bucket{le=\"+Inf\",site=\"oslo\"} 3.0 1500\n" +
                "wait_seconds_count{site=\"oslo\"} 3.0 1500\nwait_seconds_sum{site=\"oslo\"} 12.5 1500\n" +
                "# HELP wait_seconds_created Wait.\n# TYPE wait_seconds_created gauge\n" +
                "wait_seconds_created{site=\"oslo\"} 1.5 1500\n"));
        });
    }

    [Test]
    public void Text_has_classic_buckets_that_were_given()
    {
        var family = MetricFamily.Histogram("wait", "Wait.");
        var exemplar = new Exemplar(1, []);
        family.Add(MetricPoint.NativeHistogram(
            new NativeHistogram(0, 3, CreateBuckets((0, 1), (1, 1)), exemplars: [exemplar]), [new(1, 1), new(Inf, 2)]));

        Assert.That(ExpositionText.Of(ExpositionFormat.OpenMetrics, family), Is.EqualTo(
            "# HELP wait Wait.\n# TYPE wait histogram\nwait_bucket{le=\"1.0\"} 1.0\nwait_bucket{le=\"+Inf\"} 2.0\n" +
            "wait_count 2.0\nwait_sum 3.0\n# EOF\n"));
    }

    [Test]
    public void Text_has_neither_count_nor_sum_if_observations_are_negative_or_the_sum_is_NaN()
    {
        NativeHistogram[] histograms =
        [
            new(0, 5, CreateBuckets((4, 1)), CreateBuckets((0, 1))), new(0, -0.5, zeroCount: 2, zeroThreshold: 1),
            new(0, double.NaN, count: 2),
        ];
        foreach (var histogram in histograms)
        {
            var family = MetricFamily.Histogram("wait", "");
            family.Add(MetricPoint.NativeHistogram(histogram));
            var text = ExpositionText.Of(ExpositionFormat.OpenMetrics, family);
            Assert.That(text, Is.EqualTo(
                "# HELP wait \n# TYPE wait histogram\nwait_bucket{le=\"+Inf\"} 2.0\n# EOF\n"));
            Assert.That(
                () => MetricsSnapshot.Parse(text, ExpositionParseMode.StrictOpenMetrics), Throws.Nothing);
        }
    }

    [Test]
    public void Sample_of_the_last_bucket_has_the_native_histogram()
    {
        var family = MetricFamily.Histogram("wait", "");
        var histogram = new NativeHistogram(0, 3, CreateBuckets((0, 1), (1, 1)));
        family.Add(MetricPoint.NativeHistogram(histogram, [new(1, 1), new(Inf, 2)], Time));

        Assert.That(
            family.Samples.Select(sample => (sample.Name, sample.NativeHistogram)),
            Is.EqualTo(new (string, NativeHistogram?)[]
            {
                ("wait_bucket", null), ("wait_bucket", histogram), ("wait_count", null), ("wait_sum", null),
                ("wait_created", null),
            }));
    }

    [Test]
    public void Native_histograms_merge_with_classic_histograms_and_other_label_names()
    {
        var histogram = new NativeHistogram(0, 3, CreateBuckets((0, 2)));
        var native = MetricFamily.Histogram("wait", "", "site");
        native.Add(MetricPoint.NativeHistogram(histogram), "oslo");
        var classic = MetricFamily.Histogram("wait", "", "zone");
        classic.Add(MetricPoint.Histogram([new(Inf, 1)]), "a");
        var built = new MetricFamilyBuilder(MetricType.Histogram, "wait")
            .AddPoint(MetricPoint.NativeHistogram(histogram), [new("area", "b")]).Build();

        foreach (var families in (MetricFamily[][])[[native, native], [native, classic, built]])
        {
            var merged = FamilyMerger.Merge(families);
            Assert.That(
                merged.Samples.Select(sample => (sample.ToString(), sample.NativeHistogram)),
                Is.EqualTo(families.SelectMany(family => family.Samples)
                    .Select(sample => (sample.ToString(), sample.NativeHistogram))));
        }
    }

    [Test]
    public void Native_histograms_with_the_same_labels_are_duplicates()
    {
        var family = MetricFamily.Histogram("wait", "");
        family.Add(MetricPoint.NativeHistogram(new NativeHistogram(0, 3, CreateBuckets((0, 2)))));
        family.Add(MetricPoint.NativeHistogram(new NativeHistogram(1, 5, CreateBuckets((0, 3)))));
        Assert.That(family.DescribeDuplicate(), Is.EqualTo("with the labels {le=\"+Inf\"}"));
    }

    private static KeyValuePair<int, long>[] CreateBuckets(params (int Index, long Count)[] buckets) =>
        Array.ConvertAll(buckets, bucket => KeyValuePair.Create(bucket.Index, bucket.Count));

    private static void AssertRejected(Func<object> create, string message) => Assert.That(
        create, Throws.InstanceOf<ArgumentException>().With.Message.StartsWith(message));
}
