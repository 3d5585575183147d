namespace Orchestrator.Metrics.Tests.Model;

public class MetricFamilyNameTests
{
    private static readonly (MetricType Type, Func<string, string, string[], MetricFamily> Create)[] Factories =
    [
        (MetricType.Gauge, (name, help, labels) => MetricFamily.Gauge(name, help, labels)),
        (MetricType.Counter, (name, help, labels) => MetricFamily.Counter(name, help, labels)),
        (MetricType.Summary, (name, help, labels) => MetricFamily.Summary(name, help, labels)),
        (MetricType.Histogram, (name, help, labels) => MetricFamily.Histogram(name, help, labels)),
        (MetricType.GaugeHistogram, (name, help, labels) => MetricFamily.GaugeHistogram(name, help, labels)),
        (MetricType.Info, (name, help, labels) => MetricFamily.Info(name, help, labels)),
        (MetricType.StateSet, (name, help, labels) => MetricFamily.StateSet(name, help, labels)),
        (MetricType.Unknown, (name, help, labels) => MetricFamily.Unknown(name, help, labels)),
    ];

    [Test]
    public void Each_type_has_its_factory()
    {
        Assert.That(Factories.Select(factory => factory.Type), Is.EquivalentTo(Enum.GetValues<MetricType>()));
        foreach (var (type, create) in Factories)
        {
            var family = create("acme_things", "Things.", ["b", "a"]);
            Assert.Multiple(() =>
            {
                Assert.That(family.Type, Is.EqualTo(type));
                Assert.That(family.Name, Is.EqualTo("acme_things"));
                Assert.That(family.Help, Is.EqualTo("Things."));
                Assert.That(family.Unit, Is.Empty);
                Assert.That(family.LabelNames, Is.EqualTo(new[] { "b", "a" }), "the order in which values are given");
                Assert.That(family.SampleCount, Is.Zero);
            });
        }
    }

    [Test]
    public void Factory_takes_label_names_and_a_unit()
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

    [TestCase("a")]
    [TestCase("_")]
    [TestCase(":")]
    [TestCase("job:requests:rate5m")]
    [TestCase("A9_z:")]
    [TestCase("__reserved_for_nobody")]
    public void Legacy_metric_name_is_accepted_by_every_factory(string name)
    {
        // The name of a stateset is also a label name.
        foreach (var (type, create) in Factories)
        {
            if (type != MetricType.StateSet || !name.Contains(':'))
                Assert.That(create(name, "Help.", []).Name, Is.EqualTo(name));
        }
    }

    [TestCase("job:state")]
    [TestCase(":")]
    public void Stateset_name_has_no_colon_because_it_is_also_a_label(string name)
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
        foreach (var (_, create) in Factories)
        {
            Assert.That(
                () => create(name, "Help.", []),
                Throws.ArgumentException.With.Message.Contains($"'{name}' is not a valid metric name")
                    .And.Message.Contains("letters, digits, underscores and colons")
                    .And.Message.Contains("Rename"));
        }
    }

    [Test]
    public void Messages_state_the_name_the_cause_and_the_remedy() => Snapshot.Matches(string.Join('\n',
    [
        Message(() => MetricFamily.Gauge("acme-things", "Help.")),
        Message(() => MetricFamily.Gauge("acme", "Help.", "licence-id")),
        Message(() => MetricFamily.Gauge("acme", "Help.", "__name__")),
        Message(() => MetricFamily.Histogram("acme", "Help.", "le")),
        Message(() => MetricFamily.Summary("acme", "Help.", "quantile")),
        Message(() => MetricFamily.StateSet("acme", "Help.", "acme")),
        Message(() => MetricFamily.Gauge("acme", "Help.", "a", "b", "a")),
        Message(() => MetricFamily.Gauge("acme", "Help.", "a", null!)),
        Message(() => MetricFamily.StateSet("acme:state", "Help.")),
        Message(() => MetricFamily.Counter("_total", "Help.")),
        Message(() => MetricFamily.Info("_info", "Help.")),
        Message(() => MetricFamily.Gauge("acme", null!)),
        Message(() => Utf8("")),
        Message(() => Utf8("acme", "")),
        Message(() => MetricFamily.Create(MetricType.Gauge, "acme", "Help.", unit: "per cent")),
        Message(() => MetricFamily.Create(MetricType.Info, "acme", "Help.", unit: "bytes")),
        Message(() => MetricFamily.Create(MetricType.StateSet, "acme", "Help.", unit: "bytes")),
        "",
    ]));

    [TestCase("licence-id")]
    [TestCase("")]
    [TestCase("1a")]
    [TestCase("a:b", Description = "a colon is for metric names only")]
    [TestCase("a b")]
    [TestCase("über")]
    [TestCase("a\n")]
    public void Invalid_label_name_is_rejected_by_every_factory_and_named_with_its_family(string label)
    {
        foreach (var (_, create) in Factories)
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

    [TestCase(MetricType.Histogram, "le")]
    [TestCase(MetricType.GaugeHistogram, "le")]
    [TestCase(MetricType.Summary, "quantile")]
    [TestCase(MetricType.StateSet, "acme")]
    public void Label_added_by_a_type_is_reserved_in_that_type_only(MetricType owner, string label)
    {
        foreach (var (type, create) in Factories)
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
    public void Stateset_label_has_the_final_name_of_the_family() =>
        Assert.That(MetricFamily.StateSet("acme_total", "Help.", "acme").LabelNames, Is.EqualTo(new[] { "acme" }));

    [Test]
    public void Duplicate_label_name_is_rejected_even_if_not_adjacent() =>
        Assert.That(
            () => MetricFamily.Gauge("acme", "Help.", "zone", "product", "zone"),
            Throws.ArgumentException.With.Message.Contains("Label 'zone' of metric family 'acme' occurs twice"));

    [Test]
    public void Label_names_are_case_sensitive() =>
        Assert.That(MetricFamily.Gauge("acme", "Help.", "zone", "Zone").LabelNames, Has.Count.EqualTo(2));

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
            Assert.That(Utf8(name, name).Name, Is.EqualTo(name));
            Assert.That(() => MetricFamily.Gauge(name, "Help."), Throws.ArgumentException);
        });
    }

    [Test]
    public void Invalid_Unicode_names_are_rejected_under_Utf8()
    {
        // Not test cases: attributes are stored as UTF-8, which cannot represent lone surrogates.
        foreach (var name in (string[])["", "\ud83d", "\ude00", "a\ud83d", "a\ud83db", "\ude00\ud83d"])
            RefusedUnderUtf8(name);
    }

    [Test]
    public void Lone_surrogate_is_rejected_next_to_a_replacement_character() =>
        RefusedUnderUtf8("\uFFFD\ud83d");

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

    private static void RefusedUnderUtf8(string name) => Assert.Multiple(() =>
    {
        Assert.That(() => Utf8(name), Throws.ArgumentException.With.Message.Contains("is not a valid metric name"));
        Assert.That(() => Utf8("acme", name), Throws.ArgumentException.With.Message.Contains("is not a valid label"));
    });

    private static MetricFamily Utf8(string name, params string[] labels) => MetricFamily.Create(
        MetricType.Gauge, name, "Help.", labels, nameValidation: NameValidationScheme.Utf8);

    private static string Message(Func<MetricFamily> create)
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

    [Test]
    public void Names_that_are_equal_after_escaping_are_rejected()
    {
        Assert.Multiple(() =>
        {
            Assert.That(
                () => Utf8("acme", "a.b", "a_b"),
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
            Assert.That(
                () => new MetricsSnapshot([Utf8("acme.jobs"), Utf8("acme_jobs")]),
                Throws.ArgumentException.With.Message.Contains("'acme.jobs' and 'acme_jobs'"));
        });
    }
}
