namespace Orchestrator.Metrics.Tests.Model;

public class FamilyMergerTests
{
    private static readonly DateTimeOffset Time = DateTimeOffset.FromUnixTimeMilliseconds(1_001);

    [Test]
    public void Single_family_is_returned_unchanged()
    {
        var family = MetricFamily.Gauge("acme", "Help.");
        Assert.That(FamilyMerger.Merge([family]), Is.SameAs(family));
    }

    [Test]
    public void Samples_with_the_same_label_names_in_any_order_are_merged()
    {
        var merged = FamilyMerger.Merge(
        [
            CreateGauge(["b", "a"], (1, ["b1", "a1"]), (2, ["b2", "a2"])),
            CreateGauge(["a", "b"], (3, ["a3", "b3"])),
            CreateGauge(["a", "b"]),
        ]);

        Assert.Multiple(() =>
        {
            Assert.That(
                ExpositionText.Of(ExpositionFormat.PrometheusText, merged),
                Is.EqualTo("# HELP acme Help.\n# TYPE acme gauge\nacme{a=\"a1\",b=\"b1\"} 1.0\n" +
                    "acme{a=\"a2\",b=\"b2\"} 2.0\nacme{a=\"a3\",b=\"b3\"} 3.0\n"));
            Assert.That(merged.SampleCount, Is.EqualTo(3));
            Assert.That(merged.LabelNames, Is.EqualTo(new[] { "a", "b" }));
        });
    }

    [Test]
    public void Samples_with_different_label_names_keep_their_label_names()
    {
        var merged = FamilyMerger.Merge(
            [CreateGauge(["b"], (1, ["x"])), CreateGauge(["a", "c"], (2, ["y", "z"])), CreateGauge([], (3, []))]);

        Assert.That(
            merged.Samples.Select(sample => sample.ToString()),
            Is.EqualTo(new[] { "acme{b=\"x\"} 1.0", "acme{a=\"y\",c=\"z\"} 2.0", "acme{} 3.0" }));
    }

    [Test]
    public void Merged_family_is_read_only()
    {
        var merged = FamilyMerger.Merge([CreateGauge([]), CreateGauge([])]);
        Assert.That(() => merged.Add(1), Throws.InvalidOperationException);
    }

    [Test]
    public void Merging_does_not_change_the_families()
    {
        var first = CreateGauge(["a"], (1, ["x"]));
        var second = CreateGauge(["b"], (2, ["y"]));
        var before = ExpositionText.Of(ExpositionFormat.PrometheusText, first);
        FamilyMerger.Merge([first, second]);
        FamilyMerger.Merge([first, first]);
        Assert.That(ExpositionText.Of(ExpositionFormat.PrometheusText, first), Is.EqualTo(before));
    }

    [Test]
    public void Every_type_merges_with_a_family_of_another_library([Values] MetricType type, [Values] bool sameLabels)
    {
        var own = CreateFamily(type, sameLabels ? "zone" : "area", "a");
        var foreign = Parse(ExpositionText.Of(ExpositionFormat.OpenMetrics, CreateFamily(type, "zone", "b"))).Single();
        Assert.That(FamilyMerger.DescribeDifference(own, foreign), Is.Null);

        var merged = FamilyMerger.Merge([own, foreign]);

        Assert.That(
            GetSampleLines(ExpositionText.Of(ExpositionFormat.OpenMetrics, merged)),
            Is.EqualTo(
                GetSampleLines(ExpositionText.Of(ExpositionFormat.OpenMetrics, own))
                    .Concat(GetSampleLines(ExpositionText.Of(ExpositionFormat.OpenMetrics, foreign)))));
        Assert.That(merged.Store.FindFirstDuplicate(), Is.Null);
        Assert.That(FamilyMerger.Merge([own, foreign, foreign]).Store.FindFirstDuplicate(), Is.Not.Null);
        Assert.That(FamilyMerger.Merge([merged, own]).Store.FindFirstDuplicate(), Is.Not.Null);
    }

    [Test]
    public void Timestamps_are_written_as_in_the_unmerged_family([Values] bool sameLabels)
    {
        // Like prometheus_client, text truncates timestamps, which lowers some whole milliseconds by one.
        var own = MetricFamily.Gauge("acme", "", sameLabels ? "zone" : "area");
        own.Add(MetricPoint.Gauge(1, Time), "a");
        var foreign = Parse("# HELP acme \n# TYPE acme gauge\nacme{zone=\"b\"} 1.0 1001\n").Single();

        Assert.That(
            GetSampleLines(ExpositionText.Of(ExpositionFormat.PrometheusText, FamilyMerger.Merge([own, foreign]))),
            Is.EqualTo(
                GetSampleLines(ExpositionText.Of(ExpositionFormat.PrometheusText, own))
                    .Concat(GetSampleLines(ExpositionText.Of(ExpositionFormat.PrometheusText, foreign)))));
    }

    [Test]
    public void Equal_info_labels_are_duplicates_whether_on_the_family_or_the_point()
    {
        var point = MetricFamily.Info("build", "");
        point.Add(MetricPoint.Info([new("version", "1"), new("zone", "a")]));
        var family = MetricFamily.Info("build", "", "zone");
        family.Add(MetricPoint.Info([new("version", "1")]), "a");
        var foreign = Parse("# HELP build \n# TYPE build info\nbuild_info{version=\"1\",zone=\"a\"} 1\n# EOF\n").Single();

        Assert.Multiple(() =>
        {
            foreach (var pair in (MetricFamily[][])[[point, family], [point, foreign], [foreign, family]])
                Assert.That(FamilyMerger.Merge(pair).Store.FindFirstDuplicate(), Is.Not.Null);
        });
    }

    [Test]
    public void Merge_conflict_names_the_difference()
    {
        var family = MetricFamily.Gauge("acme", "Help.");
        var counters = Parse("# HELP a_total \n# TYPE a_total counter\na_total 1\n# HELP b \n# TYPE b counter\nb 1\n");

        Assert.Multiple(() =>
        {
            Assert.That(FamilyMerger.DescribeDifference(family, MetricFamily.Gauge("acme", "Help.", "label")), Is.Null);
            Assert.That(
                FamilyMerger.DescribeDifference(family, MetricFamily.Unknown("acme", "Help.")),
                Is.EqualTo("types Gauge and Unknown"));
            Assert.That(
                FamilyMerger.DescribeDifference(
                    MetricFamily.Gauge("acme_bytes", ""), MetricFamily.Gauge("acme", "", [], "bytes")),
                Is.EqualTo("units '' and 'bytes'"));
            Assert.That(
                FamilyMerger.DescribeDifference(family, MetricFamily.Gauge("acme", "help.")),
                Is.EqualTo("help texts 'Help.' and 'help.'"));
            Assert.That(
                FamilyMerger.DescribeDifference(counters[0], counters[1]),
                Is.EqualTo("sample names with and without the suffix '_total'"));
        });
    }

    private static string[] GetSampleLines(string text) =>
        [.. text.Split('\n').Where(line => line.Length > 0 && line[0] != '#')];

    private static IReadOnlyList<MetricFamily> Parse(string text) => MetricsSnapshot.Parse(text).Families;

    private static MetricFamily CreateGauge(string[] labels, params (double Value, string[] Labels)[] samples)
    {
        var family = MetricFamily.Gauge("acme", "Help.", labels);
        foreach (var (value, values) in samples)
            family.Add(value, values);
        family.MakeReadOnly();
        return family;
    }

    private static MetricFamily CreateFamily(MetricType type, string label, string value)
    {
        var exemplar = new Exemplar(1, [new("trace_id", "4bf9")], Time);
        HistogramBucket[] buckets = [new(1, 1, exemplar), new(double.PositiveInfinity, 2)];
        var family = MetricFamily.Create(type, "acme", "Help.", [label]);
        family.Add(
            type switch
            {
                MetricType.Gauge => MetricPoint.Gauge(1, Time),
                MetricType.Counter => MetricPoint.Counter(1, Time, exemplar, Time),
                MetricType.Summary => MetricPoint.Summary(1, 1, [new(0.5, 1)], Time, Time),
                MetricType.Histogram => MetricPoint.Histogram(buckets, 3, Time, Time),
                MetricType.GaugeHistogram => MetricPoint.GaugeHistogram(buckets, 3, Time),
                MetricType.Info => MetricPoint.Info([new("version", "1")], Time),
                MetricType.StateSet => MetricPoint.StateSet([new("on", true), new("off", false)], Time),
                _ => MetricPoint.Unknown(1, Time),
            },
            value);
        family.MakeReadOnly();
        return family;
    }
}
