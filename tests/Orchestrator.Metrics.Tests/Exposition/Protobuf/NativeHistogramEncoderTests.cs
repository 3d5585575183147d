using CsCheck;
using Google.Protobuf.Collections;
using Orchestrator.Metrics.Tests.Messages;

namespace Orchestrator.Metrics.Tests.Exposition.Protobuf;

public class NativeHistogramEncoderTests
{
    private const double Inf = double.PositiveInfinity;

    private static readonly DateTimeOffset Time = DateTimeOffset.FromUnixTimeMilliseconds(1_500);

    [Test]
    public void Native_histogram_has_all_fields()
    {
        var histogram = Encode(
            MetricPoint.NativeHistogram(
                new NativeHistogram(
                    -2, -7.5, CreateBuckets((-1, 5)), CreateBuckets((0, 2), (1, 3)), 4, 0.25,
                    exemplars: [new(1, [new("trace", "a")], Time), new(-2, [])]),
                created: Time));

        Assert.That(histogram.ToString(), Is.EqualTo(
            """
            { "sampleCount": "14", "sampleSum": -7.5, "bucket": [ { "cumulativeCount": "14", "upperBound": "Infinity", "exemplar": { "value": -2 } } ], "schema": -2, "zeroThreshold": 0.25, "zeroCount": "4", "negativeSpan": [ { "offset": 0, "length": 2 } ], "negativeDelta": [ "2", "1" ], "positiveSpan": [ { "offset": -1, "length": 1 } ], "positiveDelta": [ "5" ], "createdTimestamp": "1970-01-01T00:00:01.500Z", "exemplars": [ { "label": [ { "name": "trace", "value": "a" } ], "value": 1, "timestamp": "1970-01-01T00:00:01.500Z" }, { "value": -2 } ] }
            """));
    }

    [Test]
    public void Gaps_of_one_or_two_buckets_are_filled_and_longer_gaps_start_a_span()
    {
        var histogram = Encode(MetricPoint.NativeHistogram(new NativeHistogram(
            0, 0, CreateBuckets((-3, 1), (-2, 4), (0, 2), (3, 2), (7, 9), (8, 9)))));

        Assert.Multiple(() =>
        {
            Assert.That(
                histogram.PositiveSpan.Select(span => (span.Offset, span.Length)), Is.EqualTo(new[] { (-3, 7u), (3, 2u) }));
            Assert.That(
                histogram.PositiveDelta, Is.EqualTo(new long[] { 1, 3, -4, 2, -2, 0, 2, 7, 0 }));
        });
    }

    [TestCase(0.0)]
    [TestCase(NativeHistogram.DefaultZeroThreshold)]
    public void Histogram_without_observations_has_an_empty_span(double zeroThreshold)
    {
        var histogram = Encode(MetricPoint.NativeHistogram(new NativeHistogram(3, 0, zeroThreshold: zeroThreshold)));
        Assert.Multiple(() =>
        {
            Assert.That(histogram.PositiveSpan.Single(), Is.EqualTo(new BucketSpan { Offset = 0, Length = 0 }));
            Assert.That(histogram.ZeroThreshold, Is.EqualTo(zeroThreshold));
            Assert.That((histogram.SampleCount, histogram.HasSchema, histogram.Bucket.Count), Is.EqualTo((0, true, 0)));
        });
    }

    [Test]
    public void Histogram_of_zeros_only_has_no_span()
    {
        var histogram = Encode(MetricPoint.NativeHistogram(new NativeHistogram(3, 0, zeroCount: 5)));
        Assert.That(
            (histogram.PositiveSpan.Count, histogram.NegativeSpan.Count, histogram.ZeroCount), Is.EqualTo((0, 0, 5)));
    }

    [Test]
    public void Classic_buckets_are_written_alongside_native_buckets()
    {
        var histogram = Encode(MetricPoint.NativeHistogram(
            new NativeHistogram(0, 3, CreateBuckets((0, 1), (1, 1))), [new(1, 1, new Exemplar(1, [])), new(Inf, 2)]));
        Assert.Multiple(() =>
        {
            Assert.That(
                histogram.Bucket.Select(bucket => (bucket.UpperBound, bucket.CumulativeCount, bucket.Exemplar?.Value)),
                Is.EqualTo(new (double, ulong, double?)[] { (1, 1, 1), (Inf, 2, null) }));
            Assert.That(histogram.PositiveDelta, Is.EqualTo(new long[] { 1, 0 }));
        });
    }

    [Test]
    public void Classic_histogram_has_no_native_field()
    {
        var histogram = Encode(MetricPoint.Histogram([new(Inf, 2)], 5));
        Assert.That(
            (histogram.HasSchema, histogram.HasZeroThreshold, histogram.HasZeroCount, histogram.PositiveSpan.Count),
            Is.EqualTo((false, false, false, 0)));
    }

    [Test]
    public void Merged_histograms_stay_native()
    {
        var native = MetricFamily.Histogram("wait", "", "a");
        native.Add(MetricPoint.NativeHistogram(new NativeHistogram(0, 3, CreateBuckets((0, 1)))), "x");
        var classic = MetricFamily.Histogram("wait", "", "b");
        classic.Add(MetricPoint.Histogram([new(Inf, 2)], 5), "y");
        var merged = ProtobufMessages.Read(ProtobufFamily.Write(
            ExpositionFormat.Protobuf, FamilyMerger.Merge([native, classic]))).Single();
        Assert.That(merged.Metric.Select(metric => metric.Histogram.HasSchema), Is.EqualTo(new[] { true, false }));
    }

    [Test]
    public void Any_buckets_are_read_back()
    {
        var buckets = Gen.Select(Gen.Int[-275_200, 262_145], Gen.Long[1, 1L << 50], KeyValuePair.Create)
            .Array[0, 20].Select(pairs => pairs.DistinctBy(pair => pair.Key).OrderBy(pair => pair.Key).ToArray());
        var near = Gen.Select(Gen.Int[-20, 20], Gen.Long[1, 5], KeyValuePair.Create)
            .Array[0, 20].Select(pairs => pairs.DistinctBy(pair => pair.Key).OrderBy(pair => pair.Key).ToArray());
        Gen.Select(buckets, near).Sample((positive, negative) =>
        {
            var histogram = Encode(MetricPoint.NativeHistogram(new NativeHistogram(8, 1, positive, negative)));
            return Decode(histogram.PositiveSpan, histogram.PositiveDelta).SequenceEqual(positive)
                && Decode(histogram.NegativeSpan, histogram.NegativeDelta).SequenceEqual(negative);
        });
    }

    private static IEnumerable<KeyValuePair<int, long>> Decode(
        RepeatedField<BucketSpan> spans, RepeatedField<long> deltas)
    {
        using var delta = deltas.GetEnumerator();
        var (index, count) = (0, 0L);
        foreach (var span in spans)
        {
            index += span.Offset;
            for (var i = 0; i < span.Length; i++, index++)
            {
                delta.MoveNext();
                count += delta.Current;
                if (count > 0)
                    yield return new(index, count);
            }
        }
    }

    private static Histogram Encode(MetricPoint point)
    {
        var family = MetricFamily.Histogram("wait", "");
        family.Add(point);
        return ProtobufMessages.Read(ProtobufFamily.Write(ExpositionFormat.Protobuf, family))
            .Single().Metric.Single().Histogram;
    }

    private static KeyValuePair<int, long>[] CreateBuckets(params (int Index, long Count)[] buckets) =>
        Array.ConvertAll(buckets, bucket => KeyValuePair.Create(bucket.Index, bucket.Count));
}
