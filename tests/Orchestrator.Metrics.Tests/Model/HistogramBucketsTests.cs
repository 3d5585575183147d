using CsCheck;

namespace Orchestrator.Metrics.Tests.Model;

public class HistogramBucketsTests
{
    private static readonly double[] Bounds = [0.1, 1, 10];

    [Test]
    public void Observations_are_counted_up_to_inclusive_bounds()
    {
        var buckets = HistogramBuckets.FromObservations(
            [10, 0.1, -5, 0.2, 1, 10.0000001, double.PositiveInfinity, double.NegativeInfinity], Bounds);

        HistogramBucket[] expected = [new(0.1, 3), new(1, 5), new(10, 6), new(double.PositiveInfinity, 8)];
        Assert.That(buckets, Is.EqualTo(expected));
    }

    [Test]
    public void Counts_of_buckets_are_added_up()
    {
        var buckets = HistogramBuckets.FromCounts(Bounds, [2, 0, 5, 1]);

        HistogramBucket[] expected = [new(0.1, 2), new(1, 2), new(10, 7), new(double.PositiveInfinity, 8)];
        Assert.That(buckets, Is.EqualTo(expected));
    }

    [Test]
    public void Infinity_may_be_passed_as_the_last_bound()
    {
        double[] bounds = [.. Bounds, double.PositiveInfinity];

        Assert.That(
            HistogramBuckets.FromCounts(bounds, [1, 2, 3, 4]),
            Is.EqualTo(HistogramBuckets.FromCounts(Bounds, [1, 2, 3, 4])));
        Assert.That(
            HistogramBuckets.FromObservations([7, 70], bounds),
            Is.EqualTo(HistogramBuckets.FromObservations([7, 70], Bounds)));
    }

    [Test]
    public void Buckets_become_the_samples_of_a_histogram()
    {
        var family = MetricFamily.Histogram("acme_job_duration", "Duration of jobs.", ["queue"], "seconds");
        double[] seconds = [0.5, 20, 0.5];
        family.Add(MetricPoint.Histogram(HistogramBuckets.FromObservations(seconds, 1, 10), seconds.Sum()), "a");
        family.Add(MetricPoint.Histogram(HistogramBuckets.FromCounts([1, 10], [3, 0, 1])), "b");

        Assert.That(ExpositionText.Of(ExpositionFormat.OpenMetrics, family), Is.EqualTo("""
            # HELP acme_job_duration_seconds Duration of jobs.
            # TYPE acme_job_duration_seconds histogram
            # UNIT acme_job_duration_seconds seconds
            acme_job_duration_seconds_bucket{le="1.0",queue="a"} 2.0
            acme_job_duration_seconds_bucket{le="10.0",queue="a"} 2.0
            acme_job_duration_seconds_bucket{le="+Inf",queue="a"} 3.0
            acme_job_duration_seconds_count{queue="a"} 3.0
            acme_job_duration_seconds_sum{queue="a"} 21.0
            acme_job_duration_seconds_bucket{le="1.0",queue="b"} 3.0
            acme_job_duration_seconds_bucket{le="10.0",queue="b"} 3.0
            acme_job_duration_seconds_bucket{le="+Inf",queue="b"} 4.0
            # EOF

            """));
    }

    [Test]
    public void FromObservations_and_FromCounts_agree_on_generated_observations() =>
        Gen.Select(
            Gen.Double[-10, 10].Array[0, 50],
            Gen.Int[-10, 10].HashSet[0, 8].Select(bounds => bounds.Order().Select(bound => (double)bound).ToArray()))
        .Sample((observations, bounds) =>
        {
            double[] all = [double.NegativeInfinity, .. bounds, double.PositiveInfinity];
            var counts = Enumerable.Range(1, all.Length - 1)
                .Select(i => observations.LongCount(x => x > all[i - 1] && x <= all[i])).ToArray();

            return HistogramBuckets.FromObservations(observations, bounds)
                .SequenceEqual(HistogramBuckets.FromCounts(bounds, counts));
        });

    [Test]
    public void Histogram_without_bounds_has_one_bucket()
    {
        HistogramBucket[] expected = [new(double.PositiveInfinity, 2)];

        Assert.That(HistogramBuckets.FromObservations([1, 2]), Is.EqualTo(expected));
        Assert.That(HistogramBuckets.FromCounts([], [2]), Is.EqualTo(expected));
    }

    [Test]
    public void NaN_among_the_observations_is_rejected() => Assert.That(
        () => HistogramBuckets.FromObservations([1, double.NaN], Bounds),
        Throws.ArgumentException.With.Message.StartsWith("An observation is NaN"));

    [TestCase(1.0, 1.0)]
    [TestCase(2.0, 1.0)]
    [TestCase(double.PositiveInfinity, 1.0)]
    [TestCase(double.NaN, 1.0, "bound NaN")]
    [TestCase(1.0, double.NaN, "bound NaN")]
    [TestCase(double.NegativeInfinity, 1.0, "bound -Inf")]
    public void Bounds_that_do_not_ascend_are_rejected(double first, double second, string cause = "must ascend")
    {
        Assert.That(
            () => HistogramBuckets.FromObservations([], first, second),
            Throws.ArgumentException.With.Message.Contains(cause));
        Assert.That(
            () => HistogramBuckets.FromCounts([first, second], [0, 0, 0]),
            Throws.ArgumentException.With.Message.Contains(cause));
    }

    [TestCase(3)]
    [TestCase(5)]
    public void Wrong_number_of_counts_is_rejected(int counts) => Assert.That(
        () => HistogramBuckets.FromCounts(Bounds, new long[counts]),
        Throws.ArgumentException.With.Message.StartsWith(
            $"The number of counts is {counts}, but the number of buckets, including the one up to +Inf, is 4."));

    [Test]
    public void Negative_count_is_rejected() => Assert.That(
        () => HistogramBuckets.FromCounts(Bounds, [5, -1, 0, 0]),
        Throws.ArgumentException.With.Message.StartsWith("The count of the bucket up to 1.0 is -1."));

    [Test]
    public void Overflow_of_the_counts_is_an_error() => Assert.That(
        () => HistogramBuckets.FromCounts([1], [long.MaxValue, 1]), Throws.InstanceOf<OverflowException>());
}
