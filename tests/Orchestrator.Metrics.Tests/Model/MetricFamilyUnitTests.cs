namespace Orchestrator.Metrics.Tests.Model;

// Units and the suffixes _total and _info are treated as in prometheus_client.
public class MetricFamilyUnitTests
{
    [TestCase("acme_latency", "seconds", "acme_latency_seconds")]
    [TestCase("acme_latency_seconds", "seconds", "acme_latency_seconds")]
    [TestCase("acme_milliseconds", "seconds", "acme_milliseconds_seconds", Description = "not the suffix _seconds")]
    [TestCase("seconds", "seconds", "seconds_seconds")]
    [TestCase("acme_seconds_used", "seconds", "acme_seconds_used_seconds")]
    [TestCase("acme_Seconds", "seconds", "acme_Seconds_seconds")]
    [TestCase("acme", "bytes_per_second", "acme_bytes_per_second")]
    [TestCase("acme_total", "seconds", "acme_total_seconds", Description = "_total is removed from counters only")]
    public void Unit_is_appended_if_the_name_does_not_end_in_the_unit(string name, string unit, string expected)
    {
        foreach (var type in TypesWithUnits.Where(type => type != MetricType.Counter))
        {
            var family = MetricFamily.Create(type, name, "Help.", unit: unit);
            Assert.Multiple(() =>
            {
                Assert.That(family.Name, Is.EqualTo(expected), type.ToString());
                Assert.That(family.Unit, Is.EqualTo(unit), type.ToString());
            });
        }
    }

    [TestCase("acme_requests_total", "", "acme_requests")]
    [TestCase("acme_requests", "", "acme_requests")]
    [TestCase("acme_total_total", "", "acme_total", Description = "only one _total is removed")]
    [TestCase("acme_Total", "", "acme_Total")]
    [TestCase("acmetotal", "", "acmetotal")]
    [TestCase("acme_cpu_seconds_total", "seconds", "acme_cpu_seconds")]
    [TestCase("acme_cpu_total", "seconds", "acme_cpu_seconds")]
    [TestCase("acme_cpu", "seconds", "acme_cpu_seconds")]
    [TestCase("acme_cpu_seconds", "seconds", "acme_cpu_seconds")]
    public void Suffix_of_a_counter_is_removed_before_the_unit_is_checked(string name, string unit, string expected)
    {
        var family = MetricFamily.Create(MetricType.Counter, name, "Help.", unit: unit);
        family.Add(1);

        Assert.Multiple(() =>
        {
            Assert.That(family.Name, Is.EqualTo(expected));
            Assert.That(
                ExpositionText.Of(ExpositionFormat.PrometheusText, family),
                Is.EqualTo($"# HELP {expected}_total Help.\n# TYPE {expected}_total counter\n{expected}_total 1.0\n"));
        });
    }

    [TestCase("acme_build_info", "acme_build")]
    [TestCase("acme_build", "acme_build")]
    [TestCase("acme_info_info", "acme_info", Description = "only one _info is removed")]
    [TestCase("acme_total", "acme_total")]
    public void Suffix_of_an_info_is_removed_from_its_name(string name, string expected)
    {
        var family = MetricFamily.Info(name, "Help.");
        family.Add(MetricPoint.Info([]));

        Assert.Multiple(() =>
        {
            Assert.That(family.Name, Is.EqualTo(expected));
            Assert.That(
                ExpositionText.Of(ExpositionFormat.PrometheusText, family),
                Is.EqualTo($"# HELP {expected}_info Help.\n# TYPE {expected}_info gauge\n{expected}_info 1.0\n"));
        });
    }

    [TestCase(MetricType.Info, "acme_info")]
    [TestCase(MetricType.Counter, "acme_total")]
    public void Other_types_keep_the_suffix(MetricType owner, string name)
    {
        foreach (var type in Enum.GetValues<MetricType>().Where(type => type != owner))
            Assert.That(MetricFamily.Create(type, name, "Help.").Name, Is.EqualTo(name));
    }

    [TestCase("per cent")]
    [TestCase("°C")]
    [TestCase("m/s")]
    [TestCase("seconds\n")]
    [TestCase("s-1")]
    public void Unit_that_cannot_be_part_of_a_name_is_rejected_under_both_schemes(string unit)
    {
        foreach (var scheme in Enum.GetValues<NameValidationScheme>())
        {
            Assert.That(
                () => MetricFamily.Create(MetricType.Gauge, "acme", "Help.", unit: unit, nameValidation: scheme),
                Throws.ArgumentException.With.Message.Contains($"Unit '{unit}' of metric family 'acme' is not valid"));
        }
    }

    [TestCase(MetricType.Info)]
    [TestCase(MetricType.StateSet)]
    public void Info_and_stateset_have_no_unit(MetricType type)
    {
        Assert.Multiple(() =>
        {
            Assert.That(
                () => MetricFamily.Create(type, "acme", "Help.", unit: "seconds"),
                Throws.ArgumentException.With.Message.Contains($"'acme' is of type {type}, which has no unit"));
            Assert.That(
                () => MetricFamily.Create(type, "acme_seconds", "Help.", unit: "seconds"),
                Throws.ArgumentException, "not even if the name ends in the unit");
            Assert.That(MetricFamily.Create(type, "acme_seconds", "Help.").Unit, Is.Empty);
        });
    }

    private static IEnumerable<MetricType> TypesWithUnits =>
        Enum.GetValues<MetricType>().Where(type => type is not (MetricType.Info or MetricType.StateSet));
}
