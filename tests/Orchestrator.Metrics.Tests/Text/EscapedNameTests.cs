using System.Globalization;
using System.Text;
using CsCheck;

namespace Orchestrator.Metrics.Tests.Text;

// Sources: https://prometheus.io/docs/instrumenting/escaping_schemes and model.EscapeName of prometheus/common. The
// example of the "values" scheme in the documentation has uppercase hexadecimal digits. The function, which Prometheus
// uses, writes lowercase ones. The first cases are from the tests of the function.
public class EscapedNameTests
{
    [TestCase("no:escaping_required", "no:escaping_required", "no:escaping__required", "no:escaping_required")]
    [TestCase("mysystem.prod.west.cpu.load", "mysystem_prod_west_cpu_load",
        "mysystem_dot_prod_dot_west_dot_cpu_dot_load", "U__mysystem_2e_prod_2e_west_2e_cpu_2e_load")]
    [TestCase("mysystem.prod.west.cpu.load_total", "mysystem_prod_west_cpu_load_total",
        "mysystem_dot_prod_dot_west_dot_cpu_dot_load__total", "U__mysystem_2e_prod_2e_west_2e_cpu_2e_load__total")]
    [TestCase("http.status:sum", "http_status:sum", "http_dot_status:sum", "U__http_2e_status:sum")]
    [TestCase("label with 😱", "label_with__", "label__with____", "U__label_20_with_20__1f631_")]
    [TestCase("花火", "__", "____", "U___82b1__706b_")]
    [TestCase("metric.name/with/slashes", "metric_name_with_slashes", "metric_dot_name__with__slashes",
        "U__metric_2e_name_2f_with_2f_slashes")]
    [TestCase("metric.name.with.dots", "metric_name_with_dots", "metric_dot_name_dot_with_dot_dots",
        "U__metric_2e_name_2e_with_2e_dots")]
    [TestCase("metric.name", "metric_name", "metric_dot_name", "U__metric_2e_name")]
    [TestCase("1st", "_st", "__st", "U___31_st")]
    [TestCase("a1.1", "a1_1", "a1_dot_1", "U__a1_2e_1")]
    [TestCase("_.", "__", "___dot_", "U_____2e_")]
    [TestCase("a\"b\\c\nd", "a_b_c_d", "a__b__c__d", "U__a_22_b_5c_c_a_d")]
    public void Metric_names_are_escaped(string name, string underscores, string dots, string values)
    {
        Assert.Multiple(() =>
        {
            Assert.That(EscapedName.EscapeMetricName(name, EscapingScheme.AllowUtf8), Is.EqualTo(name));
            Assert.That(EscapedName.EscapeMetricName(name, EscapingScheme.Underscores), Is.EqualTo(underscores));
            Assert.That(EscapedName.EscapeMetricName(name, EscapingScheme.Dots), Is.EqualTo(dots));
            Assert.That(EscapedName.EscapeMetricName(name, EscapingScheme.Values), Is.EqualTo(values));
        });
    }

    [TestCase("plain_label", "plain_label", "plain__label", "plain_label")]
    [TestCase("host.name", "host_name", "host_dot_name", "U__host_2e_name")]
    [TestCase("über.label", "_ber_label", "__ber_dot_label", "U___fc_ber_2e_label")]
    [TestCase("a:b", "a_b", "a__b", "U__a_3a_b", Description = "a colon is legacy in metric names only")]
    public void Label_names_are_escaped(string name, string underscores, string dots, string values)
    {
        Assert.Multiple(() =>
        {
            Assert.That(EscapedName.EscapeLabelName(name, EscapingScheme.AllowUtf8), Is.EqualTo(name));
            Assert.That(EscapedName.EscapeLabelName(name, EscapingScheme.Underscores), Is.EqualTo(underscores));
            Assert.That(EscapedName.EscapeLabelName(name, EscapingScheme.Dots), Is.EqualTo(dots));
            Assert.That(EscapedName.EscapeLabelName(name, EscapingScheme.Values), Is.EqualTo(values));
        });
    }

    [Test]
    public void Every_scheme_except_allow_utf_8_returns_legacy_names() => Names.Sample(name =>
        Array.TrueForAll(EscapingSchemes, scheme =>
            MetricNames.IsLegacyMetricName(EscapedName.EscapeMetricName(name, scheme))
            && MetricNames.IsLegacyLabelName(EscapedName.EscapeLabelName(name, scheme))));

    [Test]
    public void Names_in_the_values_scheme_can_be_unescaped() => Names.Sample(name =>
        Unescape(EscapedName.EscapeMetricName(name, EscapingScheme.Values)) == name
        && Unescape(EscapedName.EscapeLabelName(name, EscapingScheme.Values)) == name);

    [TestCase("http.server.duration", EscapingScheme.Underscores, "http_server_duration_bucket")]
    [TestCase("http.server.duration", EscapingScheme.Dots, "http_dot_server_dot_duration_bucket")]
    [TestCase("http.server.duration", EscapingScheme.Values, "U__http_2e_server_2e_duration_bucket")]
    [TestCase("plain_duration", EscapingScheme.Dots, "plain__duration_bucket")]
    [TestCase("plain_duration", EscapingScheme.Values, "plain_duration_bucket")]
    public void Suffix_is_added_after_escaping(string name, EscapingScheme scheme, string expected)
    {
        var family = MetricFamily.Create(
            MetricType.Histogram, name, "", nameValidation: NameValidationScheme.Utf8);
        family.Add(MetricPoint.Histogram([new(double.PositiveInfinity, 1)]));

        Assert.That(
            ExpositionText.Of(ExpositionFormat.OpenMetrics.WithEscaping(scheme), family),
            Does.Contain($"\n{expected}{{le=\"+Inf\"}} 1.0\n"));
    }

    [TestCase(EscapingScheme.Underscores, "host_name")]
    [TestCase(EscapingScheme.Dots, "host_dot_name")]
    [TestCase(EscapingScheme.Values, "U__host_2e_name")]
    [TestCase(EscapingScheme.AllowUtf8, "\"host.name\"")]
    public void Info_labels_are_escaped(EscapingScheme scheme, string expected)
    {
        var family = MetricFamily.Create(MetricType.Info, "acme", "", nameValidation: NameValidationScheme.Utf8);
        family.Add(MetricPoint.Info([new("host.name", "a.b")]));

        Assert.That(
            ExpositionText.Of(ExpositionFormat.OpenMetrics.WithEscaping(scheme), family),
            Does.Contain($"\nacme_info{{{expected}=\"a.b\"}} 1.0\n"));
    }

    // As in Prometheus, a name that starts with U__ is indistinguishable from an escaped name.
    private static Gen<string> Names => HostileText.Any.Select(HostileText.ReplaceSurrogates)
        .Where(name => name.Length > 0 && !name.StartsWith("U__", StringComparison.Ordinal));

    private static EscapingScheme[] EscapingSchemes =>
        [EscapingScheme.Underscores, EscapingScheme.Dots, EscapingScheme.Values];

    private static string Unescape(string name)
    {
        if (!name.StartsWith("U__", StringComparison.Ordinal))
            return name;
        var text = new StringBuilder();
        for (var i = 3; i < name.Length; i++)
        {
            if (name[i] != '_')
                text.Append(name[i]);
            else if (name[++i] == '_')
                text.Append('_');
            else
            {
                var end = name.IndexOf('_', i);
                var codePoint = int.Parse(name[i..end], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
                text.Append(new Rune(codePoint).ToString());
                i = end;
            }
        }

        return text.ToString();
    }

    [TestCase("acme_cpu_core_seconds", "core_seconds", EscapingScheme.Dots, "core__seconds")]
    [TestCase("acme_cpu_core_seconds", "core_seconds", EscapingScheme.Values, "core_seconds")]
    [TestCase("acme.cpu_core_seconds", "core_seconds", EscapingScheme.Values, "core__seconds")]
    [TestCase("acme.cpu_core_seconds", "core_seconds", EscapingScheme.Underscores, "core_seconds")]
    [TestCase("acme.cpu_core_seconds", "core_seconds", EscapingScheme.AllowUtf8, "core_seconds")]
    [TestCase("speed_m/s", "m/s", EscapingScheme.Underscores, "m_s")]
    [TestCase("speed_m/s", "m/s", EscapingScheme.Dots, "m__s")]
    [TestCase("speed_m/s", "m/s", EscapingScheme.Values, "m_2f_s")]
    [TestCase("speed_m/s", "m/s", EscapingScheme.AllowUtf8, "m/s")]
    [TestCase("_1/s", "1/s", EscapingScheme.Underscores, "1_s", Description = "a digit inside the name is legacy")]
    [TestCase("bpm_😱_µ.h", "😱_µ.h", EscapingScheme.Dots, "_______dot_h")]
    [TestCase("bpm_😱_µ.h", "😱_µ.h", EscapingScheme.Values, "_1f631____b5__2e_h")]
    public void Unit_is_escaped_like_the_end_of_the_family_name(
        string family, string unit, EscapingScheme scheme, string expected)
    {
        Assert.That(EscapedName.EscapeUnit(unit, family, scheme), Is.EqualTo(expected));
        Assert.That(EscapedName.EscapeMetricName(family, scheme), Does.EndWith(expected));
    }
}
