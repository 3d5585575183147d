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
    public void A_point_fits_its_own_type_only()
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
    public void A_plain_number_fits_gauge_counter_and_unknown_only()
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
    public void A_counter_takes_neither_negative_numbers_nor_NaN(double value)
    {
        var family = MetricFamily.Counter("acme", "Help.");

        Assert.Multiple(() =>
        {
            Assert.That(
                () => family.Add(value),
                Throws.InstanceOf<ArgumentException>().With.Message.Contains("counter 'acme'")
                    .And.Message.Contains(NumberFormat.GoString(value)).And.Message.Contains("as a gauge"));
            Assert.That(family.SampleCount, Is.Zero, "a refused value leaves nothing behind");
        });
    }

    [TestCase(0)]
    [TestCase(double.PositiveInfinity)]
    [TestCase(double.Epsilon)]
    public void A_counter_takes_everything_else(double value) =>
        Assert.That(() => MetricFamily.Counter("acme", "Help.").Add(value), Throws.Nothing);

    [Test]
    public void The_number_of_values_must_be_that_of_the_labels()
    {
        var family = MetricFamily.Gauge("acme", "Help.", "product", "zone");

        foreach (var values in new string[][] { [], ["a"], ["a", "b", "c"] })
        {
            var message = "Metric family 'acme' takes 2 label values (product, zone) but got " +
                $"{values.Length}. Pass one value per label, in this order.";
            Assert.That(() => family.Add(1, values), Throws.ArgumentException.With.Message.StartsWith(message));
            Assert.That(
                () => family.Add(MetricPoint.Gauge(1), values),
                Throws.ArgumentException.With.Message.StartsWith(message));
        }

        Assert.That(family.SampleCount, Is.Zero);
    }

    [Test]
    public void A_null_value_is_refused_with_the_name_of_its_label()
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
            Assert.That(family.SampleCount, Is.Zero, "a refused sample leaves nothing behind");
        });
    }

    [Test]
    public void A_null_point_is_refused() =>
        Assert.That(() => MetricFamily.Gauge("acme", "Help.").Add((MetricPoint)null!), Throws.ArgumentNullException);

    [Test]
    public void Nothing_can_be_added_once_it_is_part_of_a_snapshot()
    {
        foreach (var point in Points)
        {
            var family = MetricFamily.Create(point.Type, "acme", "Help.");
            _ = new MetricsSnapshot([family]);
            const string Message =
                "Metric family 'acme' has already been collected and is read-only. Create a new family";
            Assert.That(() => family.Add(point), Throws.InvalidOperationException.With.Message.StartsWith(Message));
            if (point.Type is MetricType.Gauge or MetricType.Counter or MetricType.Unknown)
                Assert.That(() => family.Add(1), Throws.InvalidOperationException.With.Message.StartsWith(Message));
            Assert.That(family.SampleCount, Is.Zero);
        }
    }

    [Test]
    public void Values_follow_their_labels_whatever_the_order_of_the_names()
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
    public void A_stateset_with_no_states_has_no_samples()
    {
        var family = MetricFamily.StateSet("acme", "Help.");
        family.Add(MetricPoint.StateSet([]));
        Assert.That(family.SampleCount, Is.Zero);
    }

    [Test]
    public void An_info_has_the_labels_of_family_and_point_sorted_together()
    {
        var family = MetricFamily.Info("acme", "Help.", "m");
        family.Add(MetricPoint.Info([new("z", "3"), new("a", "1")]), "2");

        Assert.That(
            ExpositionText.Of(ExpositionFormat.OpenMetrics, family),
            Does.Contain("acme_info{a=\"1\",m=\"2\",z=\"3\"} 1.0\n"));
    }

    [TestCase("m", "Label 'm' of metric family 'acme' occurs twice")]
    [TestCase("b-d", "'b-d' is not a valid label name for metric family 'acme'")]
    public void A_label_of_an_info_that_does_not_fit_the_family_is_named_with_it(string label, string message)
    {
        var family = MetricFamily.Info("acme", "Help.", "m");

        Assert.Multiple(() =>
        {
            Assert.That(
                () => family.Add(MetricPoint.Info([new(label, "v")]), "1"),
                Throws.ArgumentException.With.Message.Contains(message));
            Assert.That(family.SampleCount, Is.Zero, "a refused point leaves nothing behind");
        });
    }

    [Test]
    public void The_labels_of_an_info_follow_the_naming_scheme_of_the_family()
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
