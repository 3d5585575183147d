using Orchestrator.Metrics.Tests.Messages;

namespace Orchestrator.Metrics.Tests.Exposition.Protobuf;

public class ProtobufForeignTests
{
    [Test]
    public void Samples_of_a_metric_need_not_be_adjacent()
    {
        var family = ReadSingle(
            """
            # TYPE wait histogram
            wait_bucket{le="1",a="x"} 1
            wait_bucket{le="1",a="y"} 2
            wait_bucket{le="+Inf",a="x"} 3
            wait_bucket{le="+Inf",a="y"} 4
            wait_sum{a="x"} 5
            wait_sum{a="y"} 6
            wait_count{a="y"} 4
            wait_count{a="x"} 3
            wait_created{a="y"} 8
            # EOF

            """);

        Assert.That(
            family.Metric.Select(metric => (
                metric.Label.Single().Value, metric.Histogram.SampleCount, metric.Histogram.SampleSum,
                metric.Histogram.Bucket.Count, metric.Histogram.CreatedTimestamp?.Seconds)),
            Is.EqualTo(new (string, ulong, double, int, long?)[] { ("x", 3, 5, 2, null), ("y", 4, 6, 2, 8) }));
    }

    [Test]
    public void Points_of_different_times_are_separate_metrics()
    {
        var family = ReadSingle("# TYPE jobs counter\njobs_total 1 1\njobs_total 2 2\njobs_created 5\n# EOF\n");
        Assert.That(
            family.Metric.Select(metric => (
                metric.Counter.Value, metric.TimestampMs, metric.Counter.CreatedTimestamp?.Seconds)),
            Is.EqualTo(new (double, long, long?)[] { (1, 1000, null), (2, 2000, 5) }));
    }

    [Test]
    public void Creation_time_without_a_value_is_not_a_metric()
    {
        var text = "# TYPE jobs counter\njobs_created{a=\"x\"} 5\n# TYPE wait histogram\nwait_created 5\n# EOF\n";
        Assert.That(ReadFamilies(text), Is.Empty);
    }

    [TestCase("NaN")]
    [TestCase("+Inf")]
    [TestCase("-1e300")]
    [TestCase("253402300800")]
    public void Creation_time_outside_the_calendar_is_omitted(string time)
    {
        var family = ReadSingle($"# TYPE jobs counter\njobs_total 1\njobs_created {time}\n# EOF\n");
        Assert.That(family.Metric.Single().Counter.CreatedTimestamp, Is.Null);
    }

    [TestCase("-0.25", -1, 750_000_000)]
    [TestCase("253402300799.5", 253_402_300_799, 500_000_000)]
    [TestCase("1700000000.123", 1_700_000_000, 123_000_000)]
    [TestCase("0.9999999", 1, 0)]
    public void Creation_time_is_rounded_to_microseconds(string time, long seconds, int nanoseconds)
    {
        var created = ReadSingle($"# TYPE jobs counter\njobs_total 1\njobs_created {time}\n# EOF\n")
            .Metric.Single().Counter.CreatedTimestamp;
        Assert.That((created.Seconds, created.Nanos), Is.EqualTo((seconds, nanoseconds)));
    }

    [Test]
    public void Fractional_and_negative_counts_are_floats()
    {
        var histogram = ReadSingle(
            "# TYPE wait histogram\nwait_bucket{le=\"+Inf\"} 2.5\nwait_count -1\nwait_sum NaN\n# EOF\n")
            .Metric.Single().Histogram;
        Assert.Multiple(() =>
        {
            Assert.That(histogram.Bucket.Single().CumulativeCountFloat, Is.EqualTo(2.5));
            Assert.That(histogram.SampleCountFloat, Is.EqualTo(-1));
            Assert.That(histogram.SampleSum, Is.NaN);
        });
    }

    [Test]
    public void Histogram_without_a_count_has_the_count_of_its_last_bucket()
    {
        var histogram = ReadSingle("# TYPE wait histogram\nwait_bucket{le=\"+Inf\"} 2\n# EOF\n")
            .Metric.Single().Histogram;
        Assert.That((histogram.SampleCount, histogram.HasSampleSum), Is.EqualTo((2, false)));
    }

    [Test]
    public void Counter_without_total_keeps_its_name_and_type()
    {
        var family = ReadSingle("# TYPE jobs counter\njobs 3\n");
        Assert.That(
            (family.Name, family.Type, family.Metric.Single().Counter.Value),
            Is.EqualTo(("jobs", Messages.MetricType.Counter, 3.0)));
    }

    [Test]
    public void Every_point_may_have_a_different_label_name()
    {
        var builder = new MetricFamilyBuilder(MetricType.Histogram, "wait");
        for (var i = 0; i < 100; i++)
        {
            var label = $"label_{i}";
            builder.AddPoint(MetricPoint.Histogram([new(1, i), new(double.PositiveInfinity, 100)], 5), [new(label, "x")]);
        }

        var family = ReadSingle(builder.Build());
        Assert.Multiple(() =>
        {
            Assert.That(
                family.Metric.Select(metric => metric.Label.Single().Name),
                Is.EqualTo(Enumerable.Range(0, 100).Select(i => $"label_{i}")));
            Assert.That(
                family.Metric.Select(metric => (metric.Histogram.Bucket.Count, metric.Histogram.SampleCount)),
                Has.All.EqualTo((2, 100UL)));
        });
    }

    private static Messages.MetricFamily ReadSingle(string text) => ReadFamilies(text).Single();

    private static Messages.MetricFamily ReadSingle(MetricFamily family) =>
        ProtobufMessages.Read(ProtobufFamily.Write(ExpositionFormat.Protobuf, family)).Single();

    private static List<Messages.MetricFamily> ReadFamilies(string text) => ProtobufMessages.Read(
        ProtobufFamily.Write(ExpositionFormat.Protobuf, [.. MetricsSnapshot.Parse(text).Families]));
}
