namespace Orchestrator.Metrics.Tests.Model;

public class MetricFamilyLabelNameTests
{
    [TestCase("licence-id")]
    [TestCase("")]
    [TestCase("1a")]
    [TestCase("a:b", Description = "only metric names may contain a colon")]
    [TestCase("a b")]
    [TestCase("über")]
    [TestCase("a\n")]
    public void Invalid_label_name_is_rejected_by_every_factory_and_named_with_its_family(string label)
    {
        foreach (var (_, create) in Families.Factories)
        {
            Assert.That(
                () => create("acme", "Help.", ["good", label]),
                Throws.ArgumentException.With.Message.Contains($"'{label}' is not a valid label")
                    .And.Message.Contains("'acme'"));
        }
    }

    [TestCase("__x")]
    [TestCase("__")]
    [TestCase("__name__")]
    public void Label_with_two_leading_underscores_is_reserved_in_both_schemes(string label)
    {
        foreach (var scheme in Enum.GetValues<NameValidationScheme>())
        {
            Assert.That(
                () => MetricFamily.Create(MetricType.Gauge, "acme", "Help.", [label], nameValidation: scheme),
                Throws.ArgumentException.With.Message.Contains($"Label '{label}' of metric family 'acme' is reserved"));
        }
    }

    [TestCase("é_name__")]
    [TestCase("..name..")]
    public void Label_that_is_escaped_to_the_label_of_the_metric_name_is_rejected(string label)
    {
        var builder = new MetricFamilyBuilder(MetricType.Gauge, "acme");
        Func<object>[] adds =
        [
            () => Families.CreateUtf8("acme", "site", label),
            () => MetricFamily.Create(MetricType.StateSet, label, "", nameValidation: NameValidationScheme.Utf8),
            () => MetricPoint.Info([new(label, "a")]),
            () => new LabelNames("site", label),
            () => builder.AddSample("acme", 1, [new(label, "a")]),
            () => builder.AddPoint(MetricPoint.Gauge(1), [new(label, "a")]),
        ];
        foreach (var add in adds)
            Assert.That(() => add(), Throws.ArgumentException.With.Message.Contains($"'{label}'").And.Message
                .Contains("is escaped to '__name__'"));
    }

    [TestCase(MetricType.Histogram, "le")]
    [TestCase(MetricType.GaugeHistogram, "le")]
    [TestCase(MetricType.Summary, "quantile")]
    [TestCase(MetricType.StateSet, "acme")]
    public void Label_added_by_a_type_is_reserved_in_that_type_only(MetricType owner, string label)
    {
        foreach (var (type, create) in Families.Factories)
        {
            var histogram = type is MetricType.Histogram or MetricType.GaugeHistogram;
            if (type == owner || (label == "le" && histogram))
                Assert.That(
                    () => create("acme", "Help.", [label]),
                    Throws.ArgumentException.With.Message.Contains(
                        $"Label '{label}' of metric family 'acme' is reserved: type {type} adds it"));
            else
                Assert.That(create("acme", "Help.", [label]).LabelNames, Is.EqualTo(new[] { label }));
        }
    }

    [Test]
    public void Label_with_the_name_of_a_stateset_without_its_suffix_total_is_accepted() =>
        Assert.That(MetricFamily.StateSet("acme_total", "Help.", "acme").LabelNames, Is.EqualTo(new[] { "acme" }));

    [Test]
    public void Label_names_are_case_sensitive() =>
        Assert.That(MetricFamily.Gauge("acme", "Help.", "zone", "Zone").LabelNames, Has.Count.EqualTo(2));

    [Test]
    public void Label_names_that_are_equal_after_escaping_are_rejected()
    {
        Assert.Multiple(() =>
        {
            Assert.That(
                () => Families.CreateUtf8("acme", "a.b", "a_b"),
                Throws.ArgumentException.With.Message.Contains("'a.b' and 'a_b'").And.Message.Contains("'acme'"));
            Assert.That(
                () => MetricFamily.Create(
                    MetricType.StateSet, "a.b", "", ["a_b"], nameValidation: NameValidationScheme.Utf8),
                Throws.ArgumentException.With.Message.Contains("both escaped to 'a_b'"));
            Assert.That(
                () => MetricPoint.Info([new("a.b", "1"), new("a_b", "2")]),
                Throws.ArgumentException.With.Message.Contains("both escaped to 'a_b'"));
            Assert.That(
                () => MetricFamily.Create(
                    MetricType.Info, "x", "", ["a_b"], nameValidation: NameValidationScheme.Utf8)
                    .Add(MetricPoint.Info([new("a.b", "1")]), "2"),
                Throws.ArgumentException.With.Message.Contains("both escaped to 'a_b'"));
        });
    }
}
