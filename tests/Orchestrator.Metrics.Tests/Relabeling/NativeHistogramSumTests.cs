using CsCheck;

namespace Orchestrator.Metrics.Tests.Relabeling;

/// <summary>Sums of native histograms, compared with a histogram of all observations.</summary>
public class NativeHistogramSumTests
{
    private static readonly Gen<double> Observation = Gen.OneOf(
        Gen.Double[-10, 10], Gen.Int[-64, 64].Select(value => (double)value), Gen.OneOf(0, 1e-300, 1e300, -1e-40));

    [Test]
    public void Sum_equals_the_histogram_of_all_observations() => Gen.Select(
        Gen.Int[-4, 8], Gen.Int[-4, 8], Observation.Array[0, 30], Observation.Array[0, 30]).Sample(
        (first, second, some, others) =>
        {
            var sum = NativeHistogramSum.Compute(
                [CreateHistogram(first, 1e-30, some), CreateHistogram(second, 1e-30, others)]);

            AssertEqual(sum, CreateHistogram(Math.Min(first, second), 1e-30, [.. some, .. others]));
        });

    [Test]
    public void Observations_within_the_widest_zero_bucket_are_counted_in_the_zero_bucket()
    {
        var narrow = CreateHistogram(schema: 0, threshold: 0.01, [0.001, 0.3, -0.3, 3]);
        var wide = CreateHistogram(schema: 0, threshold: 0.4, [0.1, -5]);

        // The bucket from 0.25 to 0.5 contains 0.4, so the zero bucket of the sum extends to 0.5.
        AssertEqual(
            NativeHistogramSum.Compute([narrow, wide]), CreateHistogram(0, 0.5, [0.001, 0.3, -0.3, 3, 0.1, -5]));
    }

    [Test]
    public void Zero_bucket_does_not_grow_if_its_threshold_is_the_bound_of_a_bucket()
    {
        var narrow = CreateHistogram(schema: 0, threshold: 0.01, [0.3, 0.6]);
        var wide = CreateHistogram(schema: 0, threshold: 0.5, [0.1]);

        AssertEqual(NativeHistogramSum.Compute([narrow, wide]), CreateHistogram(0, 0.5, [0.3, 0.6, 0.1]));
    }

    [Test]
    public void Counts_that_overflow_are_an_error()
    {
        var histogram = new NativeHistogram(0, 1, [new(0, long.MaxValue)]);

        Assert.That(() => NativeHistogramSum.Compute([histogram, histogram]), Throws.TypeOf<OverflowException>());
    }

    [Test]
    public void Exemplars_are_in_the_order_of_their_times()
    {
        var first = new NativeHistogram(0, 0, exemplars: [CreateExemplar("a", 3), CreateExemplar("b", 5)]);
        var second = new NativeHistogram(0, 0, exemplars: [CreateExemplar("c", 4)]);

        Assert.That(
            NativeHistogramSum.Compute([first, second]).Exemplars.Select(exemplar => exemplar.Labels["trace_id"]),
            Is.EqualTo(new[] { "a", "c", "b" }));
    }

    [Test]
    public void NaN_observations_are_counted_but_are_in_no_bucket()
    {
        var sum = NativeHistogramSum.Compute(
            [new NativeHistogram(0, double.NaN, count: 2), CreateHistogram(schema: 0, threshold: 1, [3])]);

        Assert.That((sum.Count, sum.Sum, sum.PositiveBuckets.Count), Is.EqualTo((3L, double.NaN, 1)));
    }

    private static Exemplar CreateExemplar(string trace, long seconds) =>
        new(1, [new("trace_id", trace)], DateTimeOffset.FromUnixTimeSeconds(seconds));

    private static NativeHistogram CreateHistogram(int schema, double threshold, double[] observations)
    {
        return new NativeHistogram(
            schema, observations.Sum(), CountBuckets(1), CountBuckets(-1),
            observations.Count(value => Math.Abs(value) <= threshold), threshold);

        IEnumerable<KeyValuePair<int, long>> CountBuckets(int sign) => observations
            .Where(value => sign * value > threshold)
            .GroupBy(value => (int)Math.Ceiling(Math.Log2(sign * value) * Math.Pow(2, schema)))
            .Select(bucket => KeyValuePair.Create(bucket.Key, (long)bucket.Count()));
    }

    private static void AssertEqual(NativeHistogram actual, NativeHistogram expected)
    {
        Assert.That(
            (actual.Schema, actual.Count, actual.ZeroCount, actual.ZeroThreshold),
            Is.EqualTo((expected.Schema, expected.Count, expected.ZeroCount, expected.ZeroThreshold)));
        Assert.That(actual.PositiveBuckets, Is.EqualTo(expected.PositiveBuckets));
        Assert.That(actual.NegativeBuckets, Is.EqualTo(expected.NegativeBuckets));
        Assert.That(actual.Sum, Is.EqualTo(expected.Sum).Within(Math.Abs(expected.Sum) * 1e-12 + 1e-12));
    }
}
