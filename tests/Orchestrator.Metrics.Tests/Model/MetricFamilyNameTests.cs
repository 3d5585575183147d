namespace Orchestrator.Metrics.Tests.Model;

public class MetricFamilyNameTests
{
    [TestCase("a")]
    [TestCase("_")]
    [TestCase(":")]
    [TestCase("job:requests:rate5m")]
    [TestCase("A9_z:")]
    [TestCase("__leading_underscores")]
    public void Legacy_metric_name_is_accepted_by_every_factory(string name)
    {
        // The name of a stateset is also a label name, and legacy label names contain no colons.
        foreach (var (type, create) in Families.Factories)
        {
            if (type != MetricType.StateSet || !name.Contains(':'))
                Assert.That(create(name, "Help.", []).Name, Is.EqualTo(name));
        }
    }

    [TestCase("job:state")]
    [TestCase(":")]
    public void Stateset_name_with_a_colon_is_rejected(string name)
    {
        foreach (var scheme in Enum.GetValues<NameValidationScheme>())
        {
            Assert.That(
                () => MetricFamily.Create(MetricType.StateSet, name, "Help.", nameValidation: scheme),
                Throws.ArgumentException.With.Message.StartsWith($"'{name}' cannot be the name of a stateset"));
        }
    }

    [TestCase("")]
    [TestCase("1st_metric")]
    [TestCase("acme-things")]
    [TestCase("acme things")]
    [TestCase(" acme")]
    [TestCase("acme\n")]
    [TestCase("acme.things")]
    [TestCase("größe")]
    [TestCase("acme_٣", Description = "a digit, but not an ASCII one")]
    [TestCase("acme\0")]
    [TestCase("acme\"} 1\nevil")]
    public void Invalid_metric_name_is_rejected_by_every_factory_and_named_in_the_message(string name)
    {
        foreach (var (_, create) in Families.Factories)
        {
            Assert.That(
                () => create(name, "Help.", []),
                Throws.ArgumentException.With.Message.Contains($"'{name}' is not a valid metric name")
                    .And.Message.Contains("letters, digits, underscores and colons")
                    .And.Message.Contains("Rename"));
        }
    }

    [Test]
    public void Messages_state_the_name_the_cause_and_the_remedy() => Snapshot.AssertMatches(string.Join('\n',
    [
        GetMessage(() => MetricFamily.Gauge("acme-things", "Help.")),
        GetMessage(() => MetricFamily.Gauge("acme", "Help.", "licence-id")),
        GetMessage(() => MetricFamily.Gauge("acme", "Help.", "__name__")),
        GetMessage(() => MetricFamily.Histogram("acme", "Help.", "le")),
        GetMessage(() => MetricFamily.Summary("acme", "Help.", "quantile")),
        GetMessage(() => MetricFamily.StateSet("acme", "Help.", "acme")),
        GetMessage(() => MetricFamily.Gauge("acme", "Help.", "a", "b", "a")),
        GetMessage(() => MetricFamily.Gauge("acme", "Help.", "a", null!)),
        GetMessage(() => MetricFamily.StateSet("acme:state", "Help.")),
        GetMessage(() => MetricFamily.Counter("_total", "Help.")),
        GetMessage(() => MetricFamily.Info("_info", "Help.")),
        GetMessage(() => MetricFamily.Gauge("acme", null!)),
        GetMessage(() => Families.CreateUtf8("")),
        GetMessage(() => Families.CreateUtf8("acme", "")),
        GetMessage(() => MetricFamily.Create(MetricType.Gauge, "acme", "Help.", unit: "per cent")),
        GetMessage(() => MetricFamily.Create(MetricType.Info, "acme", "Help.", unit: "bytes")),
        GetMessage(() => MetricFamily.Create(MetricType.StateSet, "acme", "Help.", unit: "bytes")),
        "",
    ]));

    [TestCase("http.server.duration")]
    [TestCase("größe in €")]
    [TestCase("1st")]
    [TestCase("a\"b\\c\nd")]
    [TestCase("😀")]
    [TestCase("\uFFFD", Description = "the replacement character is an ordinary character")]
    public void Unicode_name_is_accepted_under_Utf8_and_rejected_under_Legacy(string name)
    {
        Assert.Multiple(() =>
        {
            Assert.That(Families.CreateUtf8(name, name).Name, Is.EqualTo(name));
            Assert.That(() => MetricFamily.Gauge(name, "Help."), Throws.ArgumentException);
        });
    }

    [Test]
    public void Invalid_Unicode_names_are_rejected_under_Utf8()
    {
        // Not test cases: attributes are stored as UTF-8, which cannot represent lone surrogates.
        foreach (var name in (string[])
            ["", "\ud83d", "\ude00", "a\ud83d", "a\ud83db", "\ude00\ud83d", "\uFFFD\ud83d"])
        {
            Assert.That(
                () => Families.CreateUtf8(name),
                Throws.ArgumentException.With.Message.Contains("is not a valid metric name"));
            Assert.That(
                () => Families.CreateUtf8("acme", name),
                Throws.ArgumentException.With.Message.Contains("is not a valid label"));
        }
    }

    [Test]
    public void Metric_names_that_are_equal_after_escaping_are_rejected_in_a_snapshot() => Assert.That(
        () => new MetricsSnapshot([Families.CreateUtf8("acme.jobs"), Families.CreateUtf8("acme_jobs")]),
        Throws.ArgumentException.With.Message.Contains("'acme.jobs' and 'acme_jobs'"));

    private static string GetMessage(Func<MetricFamily> create)
    {
        try
        {
            create();
            return "accepted";
        }
        catch (ArgumentException exception)
        {
            return exception.Message;
        }
    }
}
