namespace Orchestrator.Metrics.Tests.Model;

public class MetricFamilyBuilderTests
{
    private static readonly DateTimeOffset Time = DateTimeOffset.FromUnixTimeMilliseconds(1_500);

    [Test]
    public void Built_family_has_metadata_labels_timestamps_and_exemplars() => Assert.That(
        BuildText(new MetricFamilyBuilder(MetricType.Histogram, "wait_seconds", "Wait.", "seconds")
            .AddSample(
                "wait_seconds_bucket", 1, [new("site", "oslo"), new("le", "0.5")], Time,
                new Exemplar(0.25, [new("trace", "x")]))
            .AddSample("wait_seconds_bucket", 2, [new("le", "+Inf")])
            .AddSample("wait_seconds_sum", -1)
            .AddSample("wait_seconds_created", 5)),
        Is.EqualTo(
            "# HELP wait_seconds Wait.\n# TYPE wait_seconds histogram\n# UNIT wait_seconds seconds\n" +
            "wait_seconds_bucket{le=\"0.5\",site=\"oslo\"} 1.0 1.5 # {trace=\"x\"} 0.25\n" +
            "wait_seconds_bucket{le=\"+Inf\"} 2.0\nwait_seconds_sum -1.0\nwait_seconds_created 5.0\n# EOF\n"));

    [TestCase("jobs")]
    [TestCase("jobs_total")]
    public void Counter_is_built_with_or_without_total_in_its_name(string name) => Assert.That(
        BuildText(new MetricFamilyBuilder(MetricType.Counter, name)
            .AddSample("jobs_total", double.NaN).AddSample("jobs_created", 1)),
        Is.EqualTo("# HELP jobs \n# TYPE jobs counter\njobs_total NaN\njobs_created 1.0\n# EOF\n"));

    [TestCase("jobs")]
    [TestCase("_total")]
    public void Counter_without_total_is_unknown_in_OpenMetrics_only(string name)
    {
        var family = new MetricFamilyBuilder(MetricType.Counter, name).AddSample(name, 1).Build();

        Assert.Multiple(() =>
        {
            Assert.That(family.Type, Is.EqualTo(MetricType.Counter));
            Assert.That(
                ExpositionText.Of(ExpositionFormat.PrometheusText, family),
                Is.EqualTo($"# HELP {name} \n# TYPE {name} counter\n{name} 1.0\n"));
            Assert.That(
                ExpositionText.Of(ExpositionFormat.OpenMetrics, family),
                Is.EqualTo($"# HELP {name} \n# TYPE {name} unknown\n{name} 1.0\n# EOF\n"));
        });
    }

    [TestCase(MetricType.Counter, "jobs", "jobs", "jobs_total")]
    [TestCase(MetricType.Counter, "jobs", "jobs_total", "jobs")]
    [TestCase(MetricType.Counter, "jobs", "jobs", "jobs_created")]
    [TestCase(MetricType.Counter, "jobs_total", "jobs_total", "jobs")]
    [TestCase(MetricType.Gauge, "jobs", "jobs", "jobs_total")]
    [TestCase(MetricType.Info, "build", "build_info", "build")]
    [TestCase(MetricType.Histogram, "wait", "wait_sum", "wait")]
    public void Sample_with_a_foreign_name_is_rejected(MetricType type, string family, string valid, string invalid)
    {
        var builder = new MetricFamilyBuilder(type, family).AddSample(valid, 1);

        Assert.That(
            () => builder.AddSample(invalid, 1),
            Throws.ArgumentException.With.Message.StartsWith(
                $"'{invalid}' is not a sample name of metric family '{family}' of type {type}. Use one of: '"));
    }

    [TestCase("jobs", "'jobs'")]
    [TestCase("jobs_total", "'jobs_total', 'jobs_created'")]
    public void Message_suggests_the_sample_names_that_a_counter_still_accepts(string valid, string suggested)
    {
        var builder = new MetricFamilyBuilder(MetricType.Counter, "jobs").AddSample(valid, 1);

        Assert.That(
            () => builder.AddSample("other", 1),
            Throws.ArgumentException.With.Message.EndsWith($" Use one of: {suggested}."));
    }

    [Test]
    public void Names_may_be_any_Unicode_and_labels_must_be_distinct_after_escaping()
    {
        var builder = new MetricFamilyBuilder(MetricType.Gauge, "http.size").AddSample("http.size", 1, [new("a.b", "")]);

        Assert.That(
            () => builder.AddSample("http.size", 1, [new("a.b", ""), new("a_b", "")]), Throws.ArgumentException);
        Assert.That(() => builder.AddSample("http.size", 1, [new("a", null!)]), Throws.ArgumentException);
        Assert.That(builder.Build().SampleCount, Is.EqualTo(1));
    }

    [Test]
    public void Name_must_be_valid_and_end_in_the_unit()
    {
        Assert.That(() => new MetricFamilyBuilder(MetricType.Gauge, ""), Throws.ArgumentException);
        Assert.That(
            () => new MetricFamilyBuilder(MetricType.Gauge, "jobs", unit: "seconds"),
            Throws.ArgumentException.With.Message.Contains("Append '_seconds' to the name"));
        Assert.That(
            new MetricFamilyBuilder(MetricType.Counter, "run_seconds_total", unit: "seconds").Build().Unit,
            Is.EqualTo("seconds"));
        Assert.That(
            () => new MetricFamilyBuilder((MetricType)99, "jobs"), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Built_family_is_read_only_and_its_builder_accepts_no_more_samples()
    {
        var builder = new MetricFamilyBuilder(MetricType.Gauge, "jobs");
        var family = builder.Build();

        Assert.That(() => family.Add(1), Throws.InvalidOperationException);
        Assert.That(() => builder.AddSample("jobs", 1), Throws.InvalidOperationException);
    }

    [Test]
    public void Points_of_a_family_may_have_different_label_names()
    {
        var time = DateTimeOffset.UnixEpoch.AddSeconds(9);
        var wait = new MetricFamilyBuilder(MetricType.Histogram, "wait")
            .AddPoint(MetricPoint.Histogram([new(1, 1), new(double.PositiveInfinity, 2)], 3, time), [new("b", "x")])
            .AddPoint(MetricPoint.NativeHistogram(new NativeHistogram(0, -1, zeroCount: 4)), [new("z", "y")]);
        var build = new MetricFamilyBuilder(MetricType.Info, "build")
            .AddPoint(MetricPoint.Info([new("version", "1")], Time), [new("app", "x")]);
        var jobs = new MetricFamilyBuilder(MetricType.Counter, "jobs_total")
            .AddPoint(MetricPoint.Counter(1, created: time)).AddSample("jobs_total", -5, [new("a", "b")]);

        Assert.Multiple(() =>
        {
            Assert.That(BuildText(wait), Is.EqualTo(
                "# HELP wait \n# TYPE wait histogram\nwait_bucket{b=\"x\",le=\"1.0\"} 1.0\n" +
                "wait_bucket{b=\"x\",le=\"+Inf\"} 2.0\nwait_count{b=\"x\"} 2.0\nwait_sum{b=\"x\"} 3.0\n" +
                "wait_created{b=\"x\"} 9.0\nwait_bucket{le=\"+Inf\",z=\"y\"} 4.0\n# EOF\n"));
            Assert.That(BuildText(build), Is.EqualTo(
                "# HELP build \n# TYPE build info\nbuild_info{app=\"x\",version=\"1\"} 1.0 1.5\n# EOF\n"));
            Assert.That(BuildText(jobs), Is.EqualTo(
                "# HELP jobs \n# TYPE jobs counter\njobs_total 1.0\njobs_created 9.0\njobs_total{a=\"b\"} -5.0\n" +
                "# EOF\n"));
        });
    }

    [Test]
    public void Point_of_another_type_or_with_a_reserved_label_is_rejected()
    {
        var builder = new MetricFamilyBuilder(MetricType.Histogram, "wait");
        var histogram = MetricPoint.Histogram([new(double.PositiveInfinity, 2)]);
        Assert.Multiple(() =>
        {
            Assert.That(
                () => builder.AddPoint(MetricPoint.Gauge(1)),
                Throws.ArgumentException.With.Message.StartsWith(
                    "Metric family 'wait' is of type Histogram and cannot take a point of type Gauge."));
            Assert.That(
                () => builder.AddPoint(histogram, [new("le", "1")]),
                Throws.ArgumentException.With.Message.StartsWith("Label 'le' of sample 'wait_bucket' occurs twice."));
            Assert.That(() => builder.AddPoint(null!), Throws.ArgumentNullException);
        });
        builder.Build();
        Assert.That(() => builder.AddPoint(histogram), Throws.InvalidOperationException);
    }

    [Test]
    public void Histograms_of_a_family_may_have_different_label_names()
    {
        var builder = new MetricFamilyBuilder(MetricType.Histogram, "wait_seconds", unit: "seconds");
        var site = new LabelNames("site");
        var both = new LabelNames("zone", "site");
        builder.AddHistogram([new(1, 2), new(double.PositiveInfinity, 3)], -4.5, site, ["oslo"], Time);
        builder.AddHistogram([new(1, 0), new(double.PositiveInfinity, 1)], 5, both, ["n", "rome"]);
        builder.AddHistogram([new(-1, 1), new(double.PositiveInfinity, 1)], -5, new LabelNames(), []);

        Assert.That(BuildText(builder), Is.EqualTo(
            "# HELP wait_seconds \n# TYPE wait_seconds histogram\n# UNIT wait_seconds seconds\n" +
            "wait_seconds_bucket{le=\"1.0\",site=\"oslo\"} 2.0\nwait_seconds_bucket{le=\"+Inf\",site=\"oslo\"} 3.0\n" +
            "wait_seconds_count{site=\"oslo\"} 3.0\nwait_seconds_sum{site=\"oslo\"} -4.5\n" +
            "wait_seconds_created{site=\"oslo\"} 1.5\n" +
            "wait_seconds_bucket{le=\"1.0\",site=\"rome\",zone=\"n\"} 0.0\n" +
            "wait_seconds_bucket{le=\"+Inf\",site=\"rome\",zone=\"n\"} 1.0\n" +
            "wait_seconds_count{site=\"rome\",zone=\"n\"} 1.0\nwait_seconds_sum{site=\"rome\",zone=\"n\"} 5.0\n" +
            "wait_seconds_bucket{le=\"-1.0\"} 1.0\nwait_seconds_bucket{le=\"+Inf\"} 1.0\n# EOF\n"));
    }

    [TestCase("jobs_total", "jobs_total")]
    [TestCase("jobs", "jobs")]
    public void Counter_without_samples_is_written_with_the_name_of_the_builder(string name, string written) =>
        Assert.That(
            new MetricsSnapshot([new MetricFamilyBuilder(MetricType.Counter, name).Build()]).ToString(),
            Is.EqualTo($"# HELP {written} \n# TYPE {written} counter\n"));

    [TestCase("jobs_total", "# TYPE jobs counter\njobs_total{site=\"a\"} -1.0 # {x=\"y\"} 2.0\njobs_created{site=\"a\"} 1.5\n")]
    [TestCase("jobs", "# TYPE jobs unknown\njobs{site=\"a\"} -1.0 # {x=\"y\"} 2.0\n")]
    public void Value_of_a_counter_has_the_name_of_the_builder(string name, string lines) => Assert.That(
        BuildText(new MetricFamilyBuilder(MetricType.Counter, name)
            .AddValue(-1, new LabelNames("site"), ["a"], Time, new Exemplar(2, [new("x", "y")]))),
        Is.EqualTo($"# HELP jobs \n{lines}# EOF\n"));

    [Test]
    public void More_label_names_than_columns_are_all_kept()
    {
        var builder = new MetricFamilyBuilder(MetricType.Gauge, "g");
        for (var i = 0; i < 200; i++)
            builder.AddValue(i, new LabelNames($"l{i}", "a"), ["x", "y"]);

        var family = builder.Build();

        Assert.That(
            family.Samples.Select(sample => (sample.Labels.ToString(), sample.Value)),
            Is.EqualTo(Enumerable.Range(0, 200).Select(i => ($"{{a=\"y\",l{i}=\"x\"}}", (double)i))));
    }

    [Test]
    public void Invalid_values_histograms_and_label_names_are_rejected()
    {
        var names = new LabelNames("site");
        var gauge = new MetricFamilyBuilder(MetricType.Gauge, "g");
        var histogram = new MetricFamilyBuilder(MetricType.Histogram, "h");

        Assert.Multiple(() =>
        {
            Assert.That(() => gauge.AddValue(1, names, []), Throws.ArgumentException.With.Message.StartsWith(
                "The number of label values for a point of metric family 'g' is 0 instead of 1. Pass one value per label " +
                "name."));
            Assert.That(() => gauge.AddValue(1, names, [null!]), Throws.ArgumentException.With.Message.StartsWith(
                "Label 'site' of metric family 'g' is null. Pass a string; it may be empty."));
            Assert.That(() => gauge.AddHistogram([new(1, 1)], 1, names, ["a"]), Throws.InvalidOperationException
                .With.Message.EqualTo(
                    "Metric family 'g' is of type Gauge and cannot take a histogram. Create the builder with another type."));
            Assert.That(() => histogram.AddValue(1, names, ["a"]), Throws.InvalidOperationException);
            Assert.That(() => histogram.AddHistogram([], 1, names, ["a"]), Throws.ArgumentException);
            Assert.That(
                () => histogram.AddHistogram([new(1, 1)], 1, new LabelNames("le"), ["a"]), Throws.ArgumentException
                    .With.Message.StartsWith("Label 'le' of metric family 'h' is reserved: type Histogram adds it."));
            Assert.That(() => new LabelNames("a.b", "a_b"), Throws.ArgumentException);
            Assert.That(() => new LabelNames("__a"), Throws.ArgumentException);
            gauge.Build();
            Assert.That(() => gauge.AddValue(1, names, ["a"]), Throws.InvalidOperationException);
        });
    }

    private static string BuildText(MetricFamilyBuilder builder) =>
        ExpositionText.Of(ExpositionFormat.OpenMetrics, builder.Build());
}
