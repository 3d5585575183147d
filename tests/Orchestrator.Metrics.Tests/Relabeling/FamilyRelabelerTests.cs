using CsCheck;

namespace Orchestrator.Metrics.Tests.Relabeling;

/// <summary>Generated families whose labels are dropped or mapped, compared with plain sums.</summary>
public class FamilyRelabelerTests
{
    private static readonly Gen<string> Value = Gen.OneOf("", "a", "b", "a b", "é");

    private static readonly Gen<(string[] Labels, int Count)[]> Points =
        Gen.Select(Value.Array[3], Gen.Int[0, 1000]).Array[0, 40].Select(
            points => points.DistinctBy(point => string.Join('|', point.Item1)).ToArray());

    private static readonly Gen<LabelChanges> Changes = Gen.Select(
        Gen.OneOf("one", "two", "three", "other").Array[0, 3], Gen.Bool, Gen.Bool,
        (dropped, maps, adds) => new LabelChanges(
            dropped.ToHashSet(),
            maps ? new Dictionary<string, Func<string, string>> { ["two"] = Map } : [],
            adds ? new Dictionary<string, string> { ["added"] = "x" } : [],
            adds ? "acme_" : ""));

    [Test]
    public void Relabeled_gauges_equal_a_plain_sum() => Gen.Select(Points, Changes).Sample(
        (points, changes) =>
        {
            var family = MetricFamily.Gauge("jobs", "", "one", "two", "three");
            foreach (var (labels, count) in points)
                family.Add(count, labels);

            var expected = points.GroupBy(point => FormatLabels(point.Labels, changes))
                .ToDictionary(group => group.Key, group => (double)group.Sum(point => point.Count));
            return GetValues(Relabel(family, changes)).SequenceEqual(Sort(expected));
        });

    [TestCase("one", "")]
    [TestCase("other", "acme_")]
    public void Native_histograms_that_are_not_summed_are_kept(string dropped, string prefix)
    {
        var family = MetricFamily.Histogram("jobs", "", "one", "two");
        var positive = new NativeHistogram(0, 8, new Dictionary<int, long> { [1] = 3 });
        var negative = new NativeHistogram(0, -8, negativeBuckets: new Dictionary<int, long> { [1] = 3 });
        family.Add(MetricPoint.NativeHistogram(positive), "a", "b");
        family.Add(MetricPoint.NativeHistogram(negative), "a", "c");

        var relabeled = FamilyRelabeler.Apply(family, Drop(dropped) with { NamePrefix = prefix });

        Assert.That(
            relabeled.Samples.Select(sample => sample.NativeHistogram).Where(native => native is not null),
            Is.EqualTo(new[] { positive, negative }));
    }

    [Test]
    public void Native_histogram_that_is_summed_with_a_classic_one_loses_its_buckets([Values] bool nativeFirst)
    {
        var family = MetricFamily.Histogram("jobs", "", "one");
        MetricPoint[] points =
        [
            MetricPoint.NativeHistogram(new NativeHistogram(0, 3, new Dictionary<int, long> { [1] = 3 })),
            MetricPoint.Histogram([new(1, 1), new(double.PositiveInfinity, 1)], 1),
        ];
        family.Add(points[nativeFirst ? 0 : 1], "a");
        family.Add(points[nativeFirst ? 1 : 0], "b");

        var relabeled = FamilyRelabeler.Apply(family, Drop("one"));

        Assert.That(relabeled.Samples.Select(sample => sample.NativeHistogram), Is.All.Null);
        Assert.That(
            relabeled.Samples.Single(sample => sample.Name == "jobs_count").Value, Is.EqualTo(4));
    }

    [Test]
    public void Small_and_large_values_are_summed_without_loss()
    {
        var family = MetricFamily.Gauge("seconds", "", "user");
        for (var i = 0; i < 1000; i++)
        {
            family.Add(i % 2 == 0 ? 1e16 : -1e16, $"large {i}");
            family.Add(0.1, $"small {i}");
        }

        var relabeled = Relabel(family, Drop("user"));

        Assert.That(relabeled.Samples.Single().Value, Is.EqualTo(100).Within(1e-11));
    }

    [Test]
    public void Sums_with_infinity_or_NaN_are_infinity_or_NaN()
    {
        var family = MetricFamily.Gauge("seconds", "", "user", "site");
        family.Add(double.PositiveInfinity, "a", "infinite");
        family.Add(1, "b", "infinite");
        family.Add(double.NaN, "a", "undefined");
        family.Add(1, "b", "undefined");

        var relabeled = Relabel(family, Drop("user"));

        Assert.That(
            relabeled.Samples.Select(sample => sample.Value),
            Is.EqualTo(new[] { double.PositiveInfinity, double.NaN }));
    }

    [Test]
    public void Parsed_samples_with_different_labels_are_summed()
    {
        var snapshot = MetricsSnapshot.Parse(
            "# TYPE x untyped\n" +
            string.Concat(Enumerable.Range(0, 100).Select(i => $"x{{user=\"u{i % 2}\",l{i}=\"1\"}} 1\n")) +
            "x{user=\"a\"} 2 1000\nx{user=\"b\"} 3 2000\nx 4\n");

        var relabeled = Relabel(snapshot.Families[0], Drop("user", "l1", "l99"));

        var text = new MetricsSnapshot([relabeled]).ToString();
        Assert.That(text, Does.Contain("\nx 11.0 2000\n").And.Contain("\nx{l98=\"1\"} 1.0\n"));
        Assert.That(relabeled.SampleCount, Is.EqualTo(99));
    }

    [Test]
    public void Parsed_histograms_with_different_labels_are_summed_and_keep_their_bounds()
    {
        var snapshot = MetricsSnapshot.Parse("""
            # TYPE x histogram
            x_bucket{user="a",le="1"} 1
            x_bucket{user="a",le="+Inf"} 3
            x_count{user="a"} 3
            x_sum{user="a"} 7
            x_bucket{user="b",site="n",le="1"} 2
            x_bucket{user="b",site="n",le="+Inf"} 4
            x_count{user="b",site="n"} 4
            x_sum{user="b",site="n"} 9
            x_bucket{user="c",site="n",le="1"} 1
            x_bucket{user="c",site="n",le="+Inf"} 1
            x_count{user="c",site="n"} 1
            x_sum{user="c",site="n"} 0.5

            """);

        var relabeled = Relabel(snapshot.Families[0], Drop("user"));

        Assert.That(new MetricsSnapshot([relabeled]).ToString(), Is.EqualTo("""
            # HELP x 
            # TYPE x histogram
            x_bucket{le="1.0"} 1.0
            x_bucket{le="+Inf"} 3.0
            x_count 3.0
            x_sum 7.0
            x_bucket{le="1.0",site="n"} 3.0
            x_bucket{le="+Inf",site="n"} 5.0
            x_count{site="n"} 5.0
            x_sum{site="n"} 9.5

            """));
    }

    [Test]
    public void Latest_exemplar_is_kept_and_replaces_one_without_a_time()
    {
        var sum = new SeriesSum();
        Exemplar[] exemplars =
        [
            CreateExemplar("none", null), CreateExemplar("early", 3), CreateExemplar("late", 5),
            CreateExemplar("also late", 5), CreateExemplar("earlier", 4),
        ];
        var kept = exemplars.Select(exemplar =>
        {
            sum.Add(1, double.NaN, exemplar);
            return sum.Exemplar!.Labels["id"];
        });

        Assert.That(kept, Is.EqualTo(new[] { "none", "early", "late", "late", "late" }));

        static Exemplar CreateExemplar(string id, long? seconds) =>
            new(1, [new("id", id)], seconds is { } at ? DateTimeOffset.FromUnixTimeSeconds(at) : null);
    }

    private static string Map(string value) => value.Length == 0 ? "none" : value[..1];

    private static LabelChanges Drop(params string[] labels) =>
        LabelChanges.None with { Dropped = labels.ToHashSet() };

    private static MetricFamily Relabel(MetricFamily family, LabelChanges changes)
    {
        family.MakeReadOnly();
        var relabeled = FamilyRelabeler.Apply(family, changes);
        Assert.That(relabeled.Name, Is.EqualTo(changes.NamePrefix + "jobs").Or.EqualTo(family.Name));
        Assert.That(relabeled.Store.FindFirstDuplicate(), Is.Null);
        return relabeled;
    }

    private static string FormatLabels(string[] values, LabelChanges changes)
    {
        string[] names = ["one", "two", "three"];
        var labels = names.Zip(values).Where(label => !changes.Dropped.Contains(label.First))
            .Select(label => (label.First, changes.Maps.ContainsKey(label.First) ? Map(label.Second) : label.Second))
            .Concat(changes.Added.Select(label => (label.Key, label.Value)));
        return string.Join(',', labels.OrderBy(label => label.Item1, StringComparer.Ordinal)
            .Select(label => $"{label.Item1}={label.Item2}"));
    }

    private static IEnumerable<KeyValuePair<string, double>> GetValues(MetricFamily family) => Sort(
        family.Samples.ToDictionary(
            sample => string.Join(',', sample.Labels.Select(label => $"{label.Key}={label.Value}")),
            sample => sample.Value));

    private static IEnumerable<KeyValuePair<string, double>> Sort(Dictionary<string, double> values) =>
        values.OrderBy(value => value.Key, StringComparer.Ordinal);
}
