namespace Orchestrator.Metrics.Tests.Model;

public class MetricFamilyAddTests
{
    private static readonly HistogramBucket[] OneBucket = [new(double.PositiveInfinity, 1)];

    private static readonly MetricPoint[] Points =
    [
        MetricPoint.Gauge(1),
        MetricPoint.Counter(1),
        MetricPoint.Summary(1, 1),
        MetricPoint.Histogram(OneBucket),
        MetricPoint.GaugeHistogram(OneBucket),
        MetricPoint.Info([new("version", "1")]),
        MetricPoint.StateSet([new("on", true)]),
        MetricPoint.Unknown(1),
    ];

    [Test]
    public void Family_accepts_only_points_of_its_type()
    {
        foreach (var type in Enum.GetValues<MetricType>())
        {
            foreach (var point in Points)
            {
                var family = MetricFamily.Create(type, "acme", "Help.");
                if (point.Type == type)
                    Assert.That(() => family.Add(point), Throws.Nothing);
                else
                    Assert.That(
                        () => family.Add(point),
                        Throws.InvalidOperationException.With.Message.Contains(
                            $"'acme' is of type {type} and cannot take a point of type {point.Type}"));
                Assert.That(family.SampleCount, Is.EqualTo(point.Type == type ? point.Samples.Length : 0));
            }
        }
    }

    [Test]
    public void Plain_number_is_accepted_by_gauge_counter_and_unknown_only()
    {
        foreach (var type in Enum.GetValues<MetricType>())
        {
            var family = MetricFamily.Create(type, "acme", "Help.");
            if (type is MetricType.Gauge or MetricType.Counter or MetricType.Unknown)
                Assert.That(() => family.Add(1), Throws.Nothing);
            else
                Assert.That(
                    () => family.Add(1),
                    Throws.InvalidOperationException.With.Message.Contains(
                        $"'acme' is of type {type} and cannot take a plain number. Add a MetricPoint.{type}"));
        }
    }

    [TestCase(-1)]
    [TestCase(double.NaN)]
    [TestCase(double.NegativeInfinity)]
    [TestCase(-double.Epsilon)]
    public void Counter_rejects_negative_numbers_and_NaN(double value)
    {
        var family = MetricFamily.Counter("acme", "Help.");

        Assert.Multiple(() =>
        {
            Assert.That(
                () => family.Add(value),
                Throws.InstanceOf<ArgumentException>().With.Message.Contains("counter 'acme'")
                    .And.Message.Contains(NumberFormat.FormatGo(value)).And.Message.Contains("as a gauge"));
            Assert.That(family.SampleCount, Is.Zero, "a rejected value leaves no sample");
        });
    }

    [TestCase(0)]
    [TestCase(double.PositiveInfinity)]
    [TestCase(double.Epsilon)]
    public void Counter_accepts_zero_positive_numbers_and_infinity(double value) =>
        Assert.That(() => MetricFamily.Counter("acme", "Help.").Add(value), Throws.Nothing);

    [Test]
    public void Number_of_label_values_must_equal_the_number_of_label_names()
    {
        var family = MetricFamily.Gauge("acme", "Help.", "product", "zone");

        foreach (var values in new string[][] { [], ["a"], ["a", "b", "c"] })
        {
            var message = $"The number of label values for metric family 'acme' is {values.Length} instead of 2 " +
                "(product, zone). Pass one value per label, in this order.";
            Assert.That(() => family.Add(1, values), Throws.ArgumentException.With.Message.StartsWith(message));
            Assert.That(
                () => family.Add(MetricPoint.Gauge(1), values),
                Throws.ArgumentException.With.Message.StartsWith(message));
        }

        Assert.That(family.SampleCount, Is.Zero);
    }

    [Test]
    public void Null_label_value_is_rejected_with_the_name_of_the_label()
    {
        var family = MetricFamily.Gauge("acme", "Help.", "product", "zone");

        Assert.Multiple(() =>
        {
            Assert.That(
                () => family.Add(1, "a", null!),
                Throws.ArgumentException.With.Message.StartsWith(
                    "Label 'zone' of metric family 'acme' is null. Pass an empty string, or \"None\""));
            Assert.That(
                () => family.Add(MetricPoint.Gauge(1), null!, "b"),
                Throws.ArgumentException.With.Message.StartsWith("Label 'product' of metric family 'acme' is null."));
            Assert.That(family.SampleCount, Is.Zero, "a rejected sample leaves no sample");
        });
    }

    [Test]
    public void Null_point_is_rejected() =>
        Assert.That(() => MetricFamily.Gauge("acme", "Help.").Add((MetricPoint)null!), Throws.ArgumentNullException);

    [Test]
    public void Family_in_a_snapshot_is_read_only()
    {
        foreach (var point in Points)
        {
            var family = MetricFamily.Create(point.Type, "acme", "Help.");
            _ = new MetricsSnapshot([family]);
            const string Message =
                "Metric family 'acme' is read-only, so it takes no more samples. Create a new family";
            Assert.That(() => family.Add(point), Throws.InvalidOperationException.With.Message.StartsWith(Message));
            if (point.Type is MetricType.Gauge or MetricType.Counter or MetricType.Unknown)
                Assert.That(() => family.Add(1), Throws.InvalidOperationException.With.Message.StartsWith(Message));
            Assert.That(family.SampleCount, Is.Zero);
        }
    }

    [Test]
    public void Label_values_keep_their_names_when_labels_are_sorted()
    {
        var family = MetricFamily.Histogram("acme", "Help.", "z", "m", "A");
        family.Add(MetricPoint.Histogram(OneBucket, sum: 2), "1", "2", "3");

        Assert.That(
            ExpositionText.Of(ExpositionFormat.PrometheusText, family),
            Is.EqualTo("# HELP acme Help.\n# TYPE acme histogram\n" +
                "acme_bucket{A=\"3\",le=\"+Inf\",m=\"2\",z=\"1\"} 1.0\n" +
                "acme_count{A=\"3\",m=\"2\",z=\"1\"} 1.0\n" +
                "acme_sum{A=\"3\",m=\"2\",z=\"1\"} 2.0\n"));
    }

    [Test]
    public void Stateset_without_states_has_no_samples()
    {
        var family = MetricFamily.StateSet("acme", "Help.");
        family.Add(MetricPoint.StateSet([]));
        Assert.That(family.SampleCount, Is.Zero);
    }

    [Test]
    public void Info_has_the_sorted_labels_of_family_and_point()
    {
        var family = MetricFamily.Info("acme", "Help.", "m");
        family.Add(MetricPoint.Info([new("z", "3"), new("a", "1")]), "2");

        Assert.That(
            ExpositionText.Of(ExpositionFormat.OpenMetrics, family),
            Does.Contain("acme_info{a=\"1\",m=\"2\",z=\"3\"} 1.0\n"));
    }

    [TestCase("m", "Label 'm' of metric family 'acme' occurs twice")]
    [TestCase("b-d", "'b-d' is not a valid label name for metric family 'acme'")]
    public void Invalid_info_label_is_named_with_its_family(string label, string message)
    {
        var family = MetricFamily.Info("acme", "Help.", "m");

        Assert.Multiple(() =>
        {
            Assert.That(
                () => family.Add(MetricPoint.Info([new(label, "v")]), "1"),
                Throws.ArgumentException.With.Message.Contains(message));
            Assert.That(family.SampleCount, Is.Zero, "a rejected point leaves no sample");
        });
    }

    [Test]
    public void Info_labels_follow_the_naming_scheme_of_the_family()
    {
        var point = MetricPoint.Info([new("host.name", "a")]);
        var utf8 = MetricFamily.Create(
            MetricType.Info, "acme", "Help.", nameValidation: NameValidationScheme.Utf8);

        Assert.Multiple(() =>
        {
            Assert.That(() => utf8.Add(point), Throws.Nothing);
            Assert.That(() => MetricFamily.Info("acme", "Help.").Add(point), Throws.ArgumentException);
        });
    }
}
