using System.Globalization;
using System.Runtime.InteropServices;
using CsCheck;

namespace Orchestrator.Metrics.Tests.Model;

public class DuplicateFinderTests
{
    [Test]
    public void Label_values_with_colliding_quick_hashes_are_distinguished()
    {
        string[] values = [.. Enumerable.Range(0, 50_000).Select(CreateColliding)];
        Assert.That(values.Select(DuplicateFinder.ComputeQuickHash).Distinct().Count(), Is.EqualTo(1));
        Assert.That(values.Distinct().Count(), Is.EqualTo(values.Length));
        var family = MetricFamily.Gauge("acme", "", "value");
        foreach (var value in values)
            family.Add(1, value);

        Assert.That(family.Store.FindFirstDuplicate(), Is.Null);

        family.Add(1, values[123]);
        Assert.That(family.DescribeDuplicate(), Is.EqualTo($"with the labels {{value=\"{values[123]}\"}}"));
    }

    [Test]
    public void Duplicates_without_a_timestamp_are_found_even_if_another_sample_has_a_timestamp()
    {
        var family = MetricFamily.Counter("acme", "", "user");
        for (var i = 0; i < 40; i++)
            family.Add(1, i.ToString(CultureInfo.InvariantCulture));
        family.Add(MetricPoint.Counter(1, timestamp: DateTimeOffset.UnixEpoch), "0");
        Assert.That(family.DescribeDuplicate(), Is.Null);

        family.Add(1, "0");

        Assert.That(family.DescribeDuplicate(), Is.EqualTo("with the labels {user=\"0\"}"));
    }

    [TestCase("x 1\nx{tag=\"\"} 2\n", "with the labels {tag=\"\"}")]
    [TestCase("x{tag=\"\",site=\"a\"} 1\nx{site=\"a\"} 2\n", "with the labels {site=\"a\"}")]
    [TestCase("x{tag=\"\"} 1\nx{tag=\"a\"} 2\n", null)]
    public void Empty_label_equals_a_missing_one(string text, string? expected) =>
        Assert.That(MetricsSnapshot.Parse(text).Families[0].DescribeDuplicate(), Is.EqualTo(expected));

    [Test]
    public void Empty_label_of_an_info_equals_a_missing_one()
    {
        var info = MetricFamily.Info("acme", "");
        info.Add(MetricPoint.Info([new("version", "1")]));
        info.Add(MetricPoint.Info([new("edition", ""), new("version", "1")]));

        Assert.That(info.DescribeDuplicate(), Is.Not.Null);
    }

    [Test]
    public void Empty_label_equals_a_missing_one_with_randomized_hashes()
    {
        var family = MetricFamily.Gauge("acme", "", "value", "tag");
        foreach (var number in Enumerable.Range(0, 1_000))
            family.Add(1, CreateColliding(number), "");
        var pairs = new MetricFamilyBuilder(MetricType.Gauge, "acme");
        foreach (var sample in family.Samples)
            pairs.AddSample("acme", 1, sample.Labels);
        pairs.AddSample("acme", 1, [new("value", CreateColliding(7))]);

        Assert.That(pairs.Build().DescribeDuplicate(), Is.Not.Null);
    }

    [Test]
    public void First_duplicate_equals_that_found_with_a_set() =>
        Gen.Select(
            Gen.Enum<SampleSuffix>(), Gen.OneOf<string?>("", "a", "b", "ab", "a longer value of a label", null),
            Gen.Int[0, 2], Gen.Bool)
            .Array[0, 60]
            .Sample(samples =>
            {
                var store = new SampleStore(stride: 1);
                var seen = new HashSet<(SampleSuffix, string, int)>();
                double? expected = null;
                foreach (var (suffix, value, time, hasExemplar) in samples)
                {
                    var detail = SampleDetail.Create(suffix, hasExemplar ? new Exemplar(1, []) : null, null);
                    store.Add(store.Count, time == 0 ? UnixSeconds.None : time, detail)[0] = value;
                    if (!seen.Add((suffix, value ?? "", time)))
                        expected ??= store.Count - 1;
                }

                return store.FindFirstDuplicate()?.Value == expected;
            });

    [Test]
    public void Search_without_duplicates_allocates_nothing_per_sample()
    {
        var family = MetricFamily.Gauge("acme", "", "a", "b");
        for (var i = 0; i < 20_000; i++)
            family.Add(i, "north", i.ToString(CultureInfo.InvariantCulture));
        family.Store.FindFirstDuplicate();
        var before = GC.GetAllocatedBytesForCurrentThread();
        family.Store.FindFirstDuplicate();

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(1_000));
    }

    // The first four characters cancel the effect of the other eight on the quick hash.
    private static string CreateColliding(int number)
    {
        var middle = (ulong)number;
        const ulong Last = 7;
        ulong[] words =
            [(middle * DuplicateFinder.MiddleFactor) ^ unchecked(Last * DuplicateFinder.LastFactor), middle, Last];
        return new string(MemoryMarshal.Cast<ulong, char>(words));
    }
}
