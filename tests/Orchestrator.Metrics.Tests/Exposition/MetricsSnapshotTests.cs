namespace Orchestrator.Metrics.Tests.Exposition;

public class MetricsSnapshotTests
{
    private static readonly string[] Everything =
        ["hits", "lag", "empty", "size", "depth", "build", "state", "raw"];

    [TestCase(MetricType.Histogram, "_count")]
    [TestCase(MetricType.Histogram, "_sum")]
    [TestCase(MetricType.Histogram, "_bucket")]
    [TestCase(MetricType.Histogram, "_created")]
    [TestCase(MetricType.Histogram, "")]
    [TestCase(MetricType.GaugeHistogram, "_gcount")]
    [TestCase(MetricType.GaugeHistogram, "_gsum")]
    [TestCase(MetricType.GaugeHistogram, "_bucket")]
    [TestCase(MetricType.Summary, "_count")]
    [TestCase(MetricType.Summary, "_sum")]
    [TestCase(MetricType.Summary, "_created")]
    [TestCase(MetricType.Counter, "_total")]
    [TestCase(MetricType.Counter, "_created")]
    [TestCase(MetricType.Counter, "")]
    [TestCase(MetricType.Info, "_info")]
    [TestCase(MetricType.Gauge, "")]
    public void Conflicting_sample_names_are_rejected_in_either_order(MetricType type, string suffix)
    {
        foreach (var reverse in (bool[])[false, true])
        {
            MetricFamily[] families =
                [MetricFamily.Create(type, "acme", "Help."), MetricFamily.Gauge("acme" + suffix, "Help.")];
            if (reverse)
                Array.Reverse(families);
            Assert.That(
                () => new MetricsSnapshot(families),
                Throws.ArgumentException.With.Message.StartsWith(
                    $"Metric families '{families[0].Name}' and '{families[1].Name}' write samples of the same name. " +
                    "Rename one of them."));
        }
    }

    [TestCase(MetricType.Gauge, "_count")]
    [TestCase(MetricType.Gauge, "_total")]
    [TestCase(MetricType.Histogram, "_gcount")]
    [TestCase(MetricType.Histogram, "_total")]
    [TestCase(MetricType.Summary, "_bucket")]
    [TestCase(MetricType.Counter, "_count")]
    [TestCase(MetricType.StateSet, "_info")]
    [TestCase(MetricType.Unknown, "_total")]
    public void Similar_names_without_a_conflict_are_accepted(MetricType type, string suffix) =>
        Assert.That(
            () => new MetricsSnapshot(
                [MetricFamily.Create(type, "acme", "Help."), MetricFamily.Gauge("acme" + suffix, "Help.")]),
            Throws.Nothing);

    [Test]
    public void Null_collection_and_null_family_are_rejected()
    {
        Assert.Multiple(() =>
        {
            Assert.That(
                () => new MetricsSnapshot(null!),
                Throws.ArgumentNullException.With.Property("ParamName").EqualTo("families"));
            Assert.That(() => new MetricsSnapshot([null!]), Throws.InstanceOf<ArgumentException>());
        });
    }

    [Test]
    public void Families_keep_their_order() =>
        Assert.That(CreateSnapshot().Families.Select(family => family.Name), Is.EqualTo(Everything));

    [Test]
    public void Empty_snapshot_is_an_empty_string_in_Prometheus_text_and_only_EOF_in_OpenMetrics()
    {
        Assert.Multiple(() =>
        {
            Assert.That(new MetricsSnapshot([]).ToText(ExpositionFormat.PrometheusText), Is.Empty);
            Assert.That(new MetricsSnapshot([]).ToText(ExpositionFormat.OpenMetrics), Is.EqualTo("# EOF\n"));
        });
    }

    [TestCase("hits", "hits_total hits_created")]
    [TestCase("hits_total", "hits_total")]
    [TestCase("hits_created", "hits_created")]
    [TestCase("lag", "lag_bucket lag_bucket lag_count lag_sum lag_created")]
    [TestCase("lag_bucket", "lag_bucket lag_bucket")]
    [TestCase("lag_count", "lag_count")]
    [TestCase("lag_sum,lag_count", "lag_count lag_sum")]
    [TestCase("size_gcount", "size_gcount")]
    [TestCase("size_gsum,size_bucket", "size_bucket size_bucket size_gsum")]
    [TestCase("depth", "depth depth_count depth_sum")]
    [TestCase("depth_sum", "depth_sum")]
    [TestCase("build", "build_info")]
    [TestCase("build_info", "build_info")]
    [TestCase("state", "state state")]
    [TestCase("raw", "raw")]
    [TestCase("raw,hits_total", "hits_total raw", Description = "in the order of the snapshot, not of the request")]
    [TestCase("lag_gcount", "")]
    [TestCase("raw_total", "")]
    [TestCase("hits_", "")]
    [TestCase("Raw", "")]
    [TestCase("nonsense", "")]
    [TestCase("", "")]
    [TestCase("empty", "", Description = "a family without samples is omitted, as in prometheus_client")]
    public void Restrict_selects_by_the_names_of_families_and_samples(string names, string expected)
    {
        var restricted = CreateSnapshot().Restrict(names.Split(','));
        var lines = restricted.ToText(ExpositionFormat.OpenMetrics).Split('\n').Where(line => !line.StartsWith('#'));

        Assert.Multiple(() =>
        {
            Assert.That(
                string.Join(' ', lines.Where(line => line.Length > 0).Select(line => line.Split(' ', '{')[0])),
                Is.EqualTo(expected));
            Assert.That(restricted.Families.Select(family => family.SampleCount), Has.None.Zero);
            Assert.That(restricted.Families, Has.Count.EqualTo(
                expected.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                    .Select(name => name.Split('_')[0]).Distinct().Count()));
        });
    }

    [Test]
    public void Restrict_keeps_only_the_headers_of_the_selected_families() =>
        Assert.That(
            CreateSnapshot().Restrict(["lag_sum", "lag_created", "size_gsum"]).ToText(ExpositionFormat.PrometheusText),
            Is.EqualTo("# HELP lag \n# TYPE lag histogram\nlag_sum 3.0\n" +
                "# HELP lag_created \n# TYPE lag_created gauge\nlag_created 1.0\n" +
                "# HELP size \n# TYPE size histogram\n# HELP size_gsum \n# TYPE size_gsum gauge\nsize_gsum 3.0\n"),
            "like prometheus_client, with the header of size");

    [Test]
    public void Restrict_to_all_names_drops_empty_families_only() =>
        Assert.That(
            CreateSnapshot().Restrict(Everything).Families.Select(family => family.Name),
            Is.EqualTo(Everything.Where(name => name != "empty")));

    [Test]
    public void Restrict_twice_keeps_the_intersection()
    {
        var once = CreateSnapshot().Restrict(["lag_bucket", "lag_sum", "raw"]);
        Assert.That(
            once.Restrict(["lag_sum", "lag_count"]).ToText(ExpositionFormat.OpenMetrics),
            Is.EqualTo("# HELP lag \n# TYPE lag histogram\nlag_sum 3.0\n# EOF\n"));
    }

    [Test]
    public void Restrict_does_not_change_the_snapshot()
    {
        var snapshot = CreateSnapshot();
        var before = snapshot.ToText(ExpositionFormat.OpenMetrics);
        snapshot.Restrict(["raw"]);
        Assert.That(snapshot.ToText(ExpositionFormat.OpenMetrics), Is.EqualTo(before));
    }

    [Test]
    public void Restrict_rejects_null() =>
        Assert.That(() => CreateSnapshot().Restrict(null!), Throws.ArgumentNullException);

    [Test]
    public void Value_is_found_by_the_name_and_all_labels_of_its_sample()
    {
        var waiting = MetricFamily.Gauge("acme_jobs_waiting", "", "priority", "zone");
        waiting.Add(3, "high", "a");
        waiting.Add(4, "high", "");
        var snapshot = new MetricsSnapshot([MetricFamily.Gauge("acme", ""), waiting]);

        Assert.Multiple(() =>
        {
            Assert.That(FindValue(snapshot, "acme_jobs_waiting", ("priority", "high"), ("zone", "a")), Is.EqualTo(3));
            Assert.That(FindValue(snapshot, "acme_jobs_waiting", ("zone", ""), ("priority", "high")), Is.EqualTo(4));
            Assert.That(FindValue(snapshot, "acme_jobs_waiting", ("priority", "high")), Is.Null);
            Assert.That(FindValue(snapshot, "acme_jobs_waiting"), Is.Null);
            Assert.That(
                FindValue(snapshot, "acme_jobs_waiting", ("priority", "high"), ("priority", "high")), Is.Null);
            Assert.That(
                FindValue(snapshot, "acme_jobs_waiting", ("priority", "high"), ("zone", "a"), ("x", "")), Is.Null);
            Assert.That(FindValue(snapshot, "acme_jobs", ("priority", "high"), ("zone", "a")), Is.Null);
            Assert.That(FindValue(snapshot, "acme"), Is.Null);
            Assert.That(() => snapshot.TryGetValue(null!, out _), Throws.ArgumentNullException);
        });
    }

    [TestCase("hits_total", 1)]
    [TestCase("hits_created", 1)]
    [TestCase("hits", null)]
    [TestCase("lag_count", 2)]
    [TestCase("lag_sum", 3)]
    [TestCase("lag", null)]
    [TestCase("size_gsum", 3)]
    [TestCase("raw", 1)]
    [TestCase("raw_total", null)]
    public void Value_is_found_by_the_suffix_of_its_sample(string name, double? expected) =>
        Assert.That(FindValue(CreateSnapshot(), name), Is.EqualTo(expected));

    [Test]
    public void Value_is_found_by_the_label_of_its_type() => Assert.Multiple(() =>
    {
        Assert.That(FindValue(CreateSnapshot(), "lag_bucket", ("le", "1.0")), Is.EqualTo(1));
        Assert.That(FindValue(CreateSnapshot(), "lag_bucket", ("le", "+Inf")), Is.EqualTo(2));
        Assert.That(FindValue(CreateSnapshot(), "depth", ("quantile", "0.5")), Is.EqualTo(1));
        Assert.That(FindValue(CreateSnapshot(), "build_info", ("v", "1")), Is.EqualTo(1));
        Assert.That(FindValue(CreateSnapshot(), "state", ("state", "off")), Is.Zero);
    });

    [Test]
    public void Value_omitted_by_Restrict_is_not_found() => Assert.Multiple(() =>
    {
        var restricted = CreateSnapshot().Restrict(["lag_sum"]);
        Assert.That(FindValue(restricted, "lag_sum"), Is.EqualTo(3));
        Assert.That(FindValue(restricted, "lag_count"), Is.Null);
        Assert.That(FindValue(restricted, "raw"), Is.Null);
    });

    [Test]
    public void ToString_is_the_Prometheus_text()
    {
        Assert.Multiple(() =>
        {
            Assert.That(
                CreateSnapshot().ToString(), Is.EqualTo(CreateSnapshot().ToText(ExpositionFormat.PrometheusText)));
            Assert.That(
                CreateSnapshot().Restrict(["raw"]).ToString(),
                Is.EqualTo("# HELP raw \n# TYPE raw untyped\nraw 1.0\n"));
        });
    }

    private static double? FindValue(
        MetricsSnapshot snapshot, string name, params ReadOnlySpan<(string Name, string Value)> labels) =>
        snapshot.TryGetValue(name, out var value, labels) ? value : null;

    private static MetricsSnapshot CreateSnapshot()
    {
        var epoch = DateTimeOffset.UnixEpoch.AddSeconds(1);
        HistogramBucket[] buckets = [new(1, 1), new(double.PositiveInfinity, 2)];
        var families = new List<MetricFamily>();
        AddFamily(MetricType.Counter, "hits", MetricPoint.Counter(1, epoch));
        AddFamily(MetricType.Histogram, "lag", MetricPoint.Histogram(buckets, 3, epoch));
        AddFamily(MetricType.Gauge, "empty", null);
        AddFamily(MetricType.GaugeHistogram, "size", MetricPoint.GaugeHistogram(buckets, 3));
        AddFamily(MetricType.Summary, "depth", MetricPoint.Summary(1, 1, [new(0.5, 1)]));
        AddFamily(MetricType.Info, "build", MetricPoint.Info([new("v", "1")]));
        AddFamily(MetricType.StateSet, "state", MetricPoint.StateSet([new("on", true), new("off", false)]));
        AddFamily(MetricType.Unknown, "raw", MetricPoint.Unknown(1));
        return new MetricsSnapshot(families);

        void AddFamily(MetricType type, string name, MetricPoint? point)
        {
            var family = MetricFamily.Create(type, name, "");
            if (point is not null)
                family.Add(point);
            families.Add(family);
        }
    }
}
