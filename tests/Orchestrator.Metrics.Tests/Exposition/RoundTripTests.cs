using CsCheck;

namespace Orchestrator.Metrics.Tests.Exposition;

public class RoundTripTests
{
    [Test]
    public void Written_OpenMetrics_is_parsed_into_the_same_families() => GeneratedFamily.Several.Sample(
        families => WriteAndParse(families, ExpositionFormat.OpenMetrics) == DescribeExpected(families), iter: 2_000);

    [Test]
    public void Unicode_names_are_valid_under_every_escaping_scheme([Values] EscapingScheme escaping)
    {
        var families = ReadFamily.Parse(
            AllTypes.CreateSnapshot().ToText(ExpositionFormat.OpenMetrics.WithEscaping(escaping)));
        var duration = families.Single(family => family.Help == "Durations.");

        Assert.Multiple(() =>
        {
            Assert.That(families, Has.Count.EqualTo(13));
            Assert.That(duration.Name, Is.EqualTo(
                EscapedName.EscapeMetricName("http.server.duration_seconds", escaping)));
            Assert.That(
                duration.Samples[0][EscapedName.EscapeLabelName("über.label", escaping)], Is.EqualTo("ü"));
        });
    }

    [Test]
    public void Name_ends_in_its_unit_under_every_escaping_scheme([Values] EscapingScheme escaping)
    {
        // Otherwise Prometheus rejects the whole scrape: unit "bytes_per_second" not a suffix of metric "...".
        foreach (var name in (string[])["acme", "acme.rate"])
        {
            var family = MetricFamily.Create(
                MetricType.Gauge, name, "", unit: "bytes_per_second", nameValidation: NameValidationScheme.Utf8);
            family.Add(1);
            var text = ExpositionText.Of(ExpositionFormat.OpenMetrics.WithEscaping(escaping), family);
            Assert.That(() => ReadFamily.Parse(text), Throws.Nothing);
        }
    }

    [Test]
    public void Label_of_a_stateset_has_the_family_name_under_every_escaping_scheme([Values] EscapingScheme escaping)
    {
        foreach (var name in (string[])["acme_state", "acme.state", "1st ünit/state", "😀"])
        {
            var family = MetricFamily.Create(
                MetricType.StateSet, name, "", nameValidation: NameValidationScheme.Utf8);
            family.Add(MetricPoint.StateSet([new("on", true)]));
            var text = ExpositionText.Of(ExpositionFormat.OpenMetrics.WithEscaping(escaping), family);
            Assert.That(() => ReadFamily.Parse(text), Throws.Nothing, text);
        }
    }

    private static string WriteAndParse(GeneratedFamily[] families, ExpositionFormat format) =>
        Describe(ReadFamily.Parse(Write(families, format)));

    private static string DescribeExpected(GeneratedFamily[] families) =>
        Describe(families.Select(family => family.Expected));

    private static string Write(GeneratedFamily[] families, ExpositionFormat format) =>
        ExpositionText.Of(format, [.. families.Select(family => family.Family)]);

    private static string Describe(IEnumerable<ReadFamily> families) => string.Concat(families.Select(family =>
        $"{family.Type} {family.Name} [{family.Unit}] {family.Help}\n" +
        string.Concat(family.Samples.Select(sample => $"  {sample}\n"))));
}
