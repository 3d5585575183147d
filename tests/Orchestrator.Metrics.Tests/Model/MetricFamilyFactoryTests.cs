namespace Orchestrator.Metrics.Tests.Model;

public class MetricFamilyFactoryTests
{
    [Test]
    public void Each_type_has_its_factory()
    {
        Assert.That(Families.Factories.Select(factory => factory.Type), Is.EquivalentTo(Enum.GetValues<MetricType>()));
        foreach (var (type, create) in Families.Factories)
        {
            var family = create("acme_things", "Things.", ["b", "a"]);
            Assert.Multiple(() =>
            {
                Assert.That(family.Type, Is.EqualTo(type));
                Assert.That(family.Name, Is.EqualTo("acme_things"));
                Assert.That(family.Help, Is.EqualTo("Things."));
                Assert.That(family.Unit, Is.Empty);
                Assert.That(family.LabelNames, Is.EqualTo(new[] { "b", "a" }), "the order of label values");
                Assert.That(family.SampleCount, Is.Zero);
            });
        }
    }

    [Test]
    public void Factories_take_label_names_and_a_unit()
    {
        string[] labels = ["b", "a"];
        MetricFamily[] families =
        [
            MetricFamily.Gauge("acme", "Help.", labels, "bytes"),
            MetricFamily.Counter("acme", "Help.", ["b", "a"], "bytes"),
            MetricFamily.Summary("acme", "Help.", labels, unit: "bytes"),
            MetricFamily.Histogram("acme", "Help.", labels, "bytes"),
            MetricFamily.GaugeHistogram("acme", "Help.", labels, "bytes"),
            MetricFamily.Unknown("acme", "Help.", labels, "bytes"),
        ];

        Assert.That(
            families.Select(family => family.Type),
            Is.EquivalentTo(Enum.GetValues<MetricType>().Except([MetricType.Info, MetricType.StateSet])));
        Assert.Multiple(() =>
        {
            foreach (var family in families)
            {
                Assert.That(family.Name, Is.EqualTo("acme_bytes"));
                Assert.That(family.Unit, Is.EqualTo("bytes"));
                Assert.That(family.LabelNames, Is.EqualTo(labels));
            }

            Assert.That(MetricFamily.Gauge("acme", "Help.", [], "bytes").LabelNames, Is.Empty);
        });
    }

    [Test]
    public void Null_strings_are_rejected()
    {
        Assert.Multiple(() =>
        {
            Assert.That(
                () => MetricFamily.Gauge(null!, "Help."),
                Throws.ArgumentNullException.With.Property("ParamName").EqualTo("name"));
            Assert.That(
                () => MetricFamily.Gauge("acme", null!),
                Throws.ArgumentNullException.With.Property("ParamName").EqualTo("help"));
            Assert.That(
                () => MetricFamily.Create(MetricType.Gauge, "acme", "", unit: null!),
                Throws.ArgumentNullException.With.Property("ParamName").EqualTo("unit"));
            Assert.That(
                () => MetricFamily.Gauge("acme", "", [null!]),
                Throws.ArgumentException.With.Message.Contains("A label name of metric family 'acme' is null"));
        });
    }

    [Test]
    public void Undefined_type_is_rejected() =>
        Assert.That(() => MetricFamily.Create((MetricType)99, "acme", "Help."), Throws.InstanceOf<ArgumentException>());
}
