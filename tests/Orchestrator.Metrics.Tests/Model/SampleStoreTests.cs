using System.Globalization;

namespace Orchestrator.Metrics.Tests.Model;

public class SampleStoreTests
{
    private static readonly int[] Counts = [0, 1, 15, 16, 17, 31, 32, 33, 64, 65, 10_000];

    [Test]
    public void Samples_are_kept_in_order_across_chunks(
        [ValueSource(nameof(Counts))] int count, [Values(0, 1, 3, 7, 600, 9_000)] int stride)
    {
        // Ten thousand samples with nine thousand labels would test the memory of the machine instead of the chunks.
        count = Math.Min(count, 500_000 / Math.Max(stride, 1));
        var store = new SampleStore(stride);
        for (var i = 0; i < count; i++)
        {
            var place = store.Add(i, UnixSeconds.None, detail: null);
            if (place.Length != stride)
                Assert.Fail($"The place of sample {i} has the length {place.Length}.");
            for (var label = 0; label < stride; label++)
            {
                if (place[label] is not null)
                    Assert.Fail($"The place of sample {i} was used before.");
                place[label] = FormatValue(i, label);
            }
        }

        var read = 0;
        foreach (var chunk in store.Chunks)
        {
            Assert.That(chunk.Count, Is.GreaterThan(0), "no chunk is empty");
            for (var i = 0; i < chunk.Count; i++, read++)
            {
                var matches = chunk.Values[i] == read;
                for (var label = 0; label < stride; label++)
                    matches &= chunk.LabelValues[(i * stride) + label] == FormatValue(read, label);
                if (!matches)
                    Assert.Fail($"Sample {read} differs from the added sample.");
            }
        }

        Assert.Multiple(() =>
        {
            Assert.That(read, Is.EqualTo(count));
            Assert.That(store.Count, Is.EqualTo(count));
            Assert.That(store.Suffixes, Is.EqualTo(count > 0 ? SampleSuffix.Main : 0));
        });

        static string FormatValue(int sample, int label) =>
            ((sample * 31) + label).ToString(CultureInfo.InvariantCulture);
    }

    [Test]
    public void No_array_reaches_the_large_object_heap([Values(0, 1, 7, 400)] int stride)
    {
        const int LargeObject = 85_000;
        var store = new SampleStore(stride);
        for (var i = 0; i < 20_000; i++)
            store.Add(i, 1, new SampleDetail(SampleSuffix.Main));

        foreach (var chunk in store.Chunks)
        {
            Assert.That(chunk.LabelValues.Length * IntPtr.Size, Is.LessThan(LargeObject));
            Assert.That(chunk.Values.Length * sizeof(double), Is.LessThan(LargeObject));
        }
    }

    [Test]
    public void Sparse_timestamps_and_details_stay_with_their_samples()
    {
        var store = new SampleStore(stride: 0);
        var detail = new SampleDetail(SampleSuffix.Sum);
        for (var i = 0; i < 1000; i++)
            store.Add(i, i % 100 == 17 ? i : UnixSeconds.None, i % 100 == 18 ? detail : null);

        var index = 0;
        foreach (var chunk in store.Chunks)
        {
            for (var i = 0; i < chunk.Count; i++, index++)
            {
                Assert.That(
                    chunk.Timestamps?[i] ?? UnixSeconds.None, Is.EqualTo(index % 100 == 17 ? index : double.NaN));
                Assert.That(chunk.Details?[i], Is.SameAs(index % 100 == 18 ? detail : null));
            }
        }

        Assert.That(store.Suffixes, Is.EqualTo(SampleSuffix.Main | SampleSuffix.Sum));
    }

    [TestCase(1, 2)]
    [TestCase(0, 9_999, Description = "the first and the last chunk")]
    [TestCase(15, 16, Description = "both sides of a chunk boundary")]
    public void Duplicate_is_found_at_any_position(int first, int second)
    {
        var family = MetricFamily.Gauge("acme", "Help.", "zone", "n");
        for (var i = 0; i < 10_000; i++)
            family.Add(i, "z", (i == second ? first : i).ToString(CultureInfo.InvariantCulture));

        Assert.That(family.DescribeDuplicate(), Is.EqualTo($"with the labels {{n=\"{first}\",zone=\"z\"}}"));
    }

    [Test]
    public void Label_values_with_equal_concatenation_are_not_duplicates()
    {
        var family = MetricFamily.Gauge("acme", "Help.", "a", "b");
        family.Add(1, "xy", "z");
        family.Add(1, "x", "yz");
        family.Add(1, "", "xyz");

        Assert.That(family.DescribeDuplicate(), Is.Null);
    }

    [Test]
    public void Second_point_with_the_same_labels_is_a_duplicate() => Assert.Multiple(() =>
    {
        Assert.That(AddTwice(MetricFamily.Gauge("a", ""), MetricPoint.Gauge(1)), Is.EqualTo("without labels"));
        Assert.That(AddTwice(MetricFamily.Counter("a", ""), MetricPoint.Counter(1)), Is.Not.Null);
        Assert.That(AddTwice(MetricFamily.Summary("a", ""), MetricPoint.Summary(1, 1)), Is.Not.Null);
        Assert.That(
            AddTwice(MetricFamily.Histogram("a", ""), MetricPoint.Histogram([new(double.PositiveInfinity, 1)])),
            Is.EqualTo("with the labels {le=\"+Inf\"}"));
        Assert.That(AddTwice(MetricFamily.StateSet("a", ""), MetricPoint.StateSet([new("s", true)])), Is.Not.Null);
        Assert.That(
            AddTwice(MetricFamily.Info("a", ""), MetricPoint.Info([new("k", "v")])),
            Is.EqualTo("with the labels {k=\"v\"}"));
    });

    [Test]
    public void Infos_that_differ_in_a_label_name_or_value_are_not_duplicates()
    {
        var family = MetricFamily.Info("acme", "Help.", "m");
        family.Add(MetricPoint.Info([new("a", "1")]), "m");
        family.Add(MetricPoint.Info([new("b", "1")]), "m");
        family.Add(MetricPoint.Info([new("a", "2")]), "m");
        family.Add(MetricPoint.Info([new("a", "1"), new("b", "1")]), "m");
        family.Add(MetricPoint.Info([]), "m");
        family.Add(MetricPoint.Info([new("a", "1")]), "n");
        Assert.That(family.DescribeDuplicate(), Is.Null);

        family.Add(MetricPoint.Info([new("b", "1"), new("a", "1")]), "m");
        Assert.That(family.DescribeDuplicate(), Is.EqualTo("with the labels {a=\"1\",b=\"1\",m=\"m\"}"));
    }

    private static string? AddTwice(MetricFamily family, MetricPoint point)
    {
        family.Add(point);
        Assert.That(family.DescribeDuplicate(), Is.Null);
        family.Add(point);
        return family.DescribeDuplicate();
    }
}
