namespace Orchestrator.Metrics.Tests.Exposition.Parsing;

public class PassThroughTests
{
    private static readonly string[] Numbers =
    [
        "0.5", "5.0", "1000.0", "+Inf", "+Inf", "-Inf", "NaN", "-0.0", "5e-324", "12.0", "1.8446744073709552e+19",
    ];

    private static IEnumerable<TestCaseData> CreateCases()
    {
        yield return CreateCase(
            "A counter without _total keeps its name, and is unknown in OpenMetrics",
            "# HELP foo F.\n# TYPE foo counter\nfoo 1\n",
            "# HELP foo F.\n# TYPE foo counter\nfoo 1.0\n",
            "# HELP foo F.\n# TYPE foo unknown\nfoo 1.0\n");
        yield return CreateCase(
            "A counter with _total",
            "# HELP foo_total F.\n# TYPE foo_total counter\nfoo_total 1\n",
            "# HELP foo_total F.\n# TYPE foo_total counter\nfoo_total 1.0\n",
            "# HELP foo F.\n# TYPE foo counter\nfoo_total 1.0\n");
        yield return CreateCase(
            "A counter without _total in OpenMetrics",
            "# TYPE foo counter\n# HELP foo F.\nfoo 1\n# TYPE bar_total counter\nbar_total 2\n# EOF\n",
            "# HELP foo F.\n# TYPE foo counter\nfoo 1.0\n# HELP bar_total \n# TYPE bar_total counter\nbar_total 2.0\n",
            "# HELP foo F.\n# TYPE foo unknown\nfoo 1.0\n# HELP bar \n# TYPE bar counter\nbar_total 2.0\n");
        yield return CreateCase(
            "A counter and a gauge whose names differ only in _total, which OpenMetrics cannot represent",
            "# TYPE foo_total counter\nfoo_total 1\n# TYPE foo gauge\nfoo 2\n",
            "# HELP foo_total \n# TYPE foo_total counter\nfoo_total 1.0\n# HELP foo \n# TYPE foo gauge\nfoo 2.0\n",
            "# HELP foo_total \n# TYPE foo_total unknown\nfoo_total 1.0\n# HELP foo \n# TYPE foo gauge\nfoo 2.0\n");
        yield return CreateCase(
            "A counter and a gauge of the same name in OpenMetrics, as prometheus-net writes them",
            "# HELP foo C.\n# TYPE foo counter\n# HELP foo G.\n# TYPE foo gauge\nfoo 2\n# EOF\n",
            "# HELP foo_total C.\n# TYPE foo_total counter\n# HELP foo G.\n# TYPE foo gauge\nfoo 2.0\n",
            "# HELP foo_total C.\n# TYPE foo_total unknown\n# HELP foo G.\n# TYPE foo gauge\nfoo 2.0\n");
        yield return CreateCase(
            "A counter whose name without _total is a sample of a histogram",
            "# TYPE foo histogram\nfoo_count 1\nfoo_sum 1\n# TYPE foo_count_total counter\nfoo_count_total 3\n",
            "# HELP foo \n# TYPE foo histogram\nfoo_count 1.0\nfoo_sum 1.0\n" +
            "# HELP foo_count_total \n# TYPE foo_count_total counter\nfoo_count_total 3.0\n",
            "# HELP foo \n# TYPE foo histogram\nfoo_count 1.0\nfoo_sum 1.0\n" +
            "# HELP foo_count_total \n# TYPE foo_count_total unknown\nfoo_count_total 3.0\n");
        yield return CreateCase(
            "A counter with creation times, and a counter with the same name as these, in OpenMetrics",
            "# TYPE x counter\nx_total 1\nx_created 100\n# TYPE x_created counter\nx_created_total 5\n# EOF\n",
            "# HELP x_total \n# TYPE x_total counter\nx_total 1.0\n" +
            "# HELP x_created \n# TYPE x_created gauge\nx_created 100.0\n" +
            "# HELP x_created_total \n# TYPE x_created_total counter\nx_created_total 5.0\n",
            "# HELP x \n# TYPE x counter\nx_total 1.0\nx_created 100.0\n" +
            "# HELP x_created_total \n# TYPE x_created_total unknown\nx_created_total 5.0\n");
        yield return CreateCase(
            "A counter named _total",
            "# TYPE _total counter\n_total 1\n",
            "# HELP _total \n# TYPE _total counter\n_total 1.0\n",
            "# HELP _total \n# TYPE _total unknown\n_total 1.0\n");
        yield return CreateCase(
            "A counter without samples", "# TYPE a_total counter\n# TYPE b counter\n",
            "# HELP a_total \n# TYPE a_total counter\n# HELP b \n# TYPE b counter\n",
            "# HELP a \n# TYPE a counter\n# HELP b \n# TYPE b unknown\n");
        yield return CreateCase(
            "A counter without samples in OpenMetrics", "# TYPE a_total counter\n# TYPE b counter\n# EOF\n",
            "# HELP a_total_total \n# TYPE a_total_total counter\n# HELP b_total \n# TYPE b_total counter\n",
            "# HELP a_total \n# TYPE a_total counter\n# HELP b \n# TYPE b counter\n");
        yield return CreateCase(
            "Counters that are negative or NaN", "# TYPE a_total counter\na_total{x=\"1\"} -1\na_total{x=\"2\"} NaN\n",
            "# HELP a_total \n# TYPE a_total counter\na_total{x=\"1\"} -1.0\na_total{x=\"2\"} NaN\n",
            "# HELP a \n# TYPE a counter\na_total{x=\"1\"} -1.0\na_total{x=\"2\"} NaN\n");
        yield return CreateUnchangedCase(
            "A histogram with a negative sum, fractional counts and bounds without a decimal point",
            "# HELP h \n# TYPE h histogram\nh_sum -4.5\nh_count 2.5\n" +
            "h_bucket{le=\"1\"} 1.0\nh_bucket{le=\"1000000\"} 0.5\nh_bucket{le=\"+Inf\"} 2.5\n");
        yield return CreateUnchangedCase(
            "A histogram with buckets only, and a histogram without buckets",
            "# HELP h \n# TYPE h histogram\nh_bucket{le=\"+Inf\"} 1.0\n" +
            "# HELP i \n# TYPE i histogram\ni_count 3.0\n");
        yield return CreateUnchangedCase(
            "A summary with unusual quantiles, and a sample without a quantile", "# HELP s \n# TYPE s summary\n" +
            "s{quantile=\"0.5\"} NaN\ns{quantile=\"1.5\"} -1.0\ns_sum -2.0\ns_count 0.0\ns 7.0\n");
        yield return CreateCase(
            "Interleaved samples without TYPE and HELP",
            "foo_bucket{le=\"1\"} 1\nfoo_sum 2\nfoo_bucket{le=\"2\"} 3\n",
            "# HELP foo_bucket \n# TYPE foo_bucket untyped\nfoo_bucket{le=\"1\"} 1.0\nfoo_bucket{le=\"2\"} 3.0\n" +
            "# HELP foo_sum \n# TYPE foo_sum untyped\nfoo_sum 2.0\n",
            "# HELP foo_bucket \n# TYPE foo_bucket unknown\nfoo_bucket{le=\"1\"} 1.0\nfoo_bucket{le=\"2\"} 3.0\n" +
            "# HELP foo_sum \n# TYPE foo_sum unknown\nfoo_sum 2.0\n");
        yield return CreateCase(
            "HELP without TYPE, TYPE before HELP, HELP twice and HELP after the samples",
            "# HELP a A.\na 1\n# TYPE b gauge\n# HELP b B.\n# HELP b B.\nb 2\n# TYPE c gauge\nc 3\n# HELP c C.\n" +
            "# HELP d D.\n",
            "# HELP a A.\n# TYPE a untyped\na 1.0\n# HELP b B.\n# TYPE b gauge\nb 2.0\n" +
            "# HELP c C.\n# TYPE c gauge\nc 3.0\n# HELP d D.\n# TYPE d untyped\n",
            "# HELP a A.\n# TYPE a unknown\na 1.0\n# HELP b B.\n# TYPE b gauge\nb 2.0\n" +
            "# HELP c C.\n# TYPE c gauge\nc 3.0\n# HELP d D.\n# TYPE d unknown\n");
        yield return CreateUnchangedCase(
            "Labels that differ within a family", "# HELP g \n# TYPE g gauge\n" +
            "g 1.0\ng{a=\"\"} 2.0\ng{b=\"x\",c=\"y\"} 3.0\ng{a=\"1\",b=\"x\"} 4.0\n");
        yield return CreateUnchangedCase(
            "A series that occurs twice",
            "# HELP g \n# TYPE g gauge\ng{a=\"1\"} 1.0\ng{a=\"1\"} 1.0\ng{a=\"0\"} 1.0\n");
        yield return CreateCase(
            "Labels in any order, with spaces, tabs and a trailing comma",
            "# TYPE g gauge\ng { b = \"2\" , a=\"1\" , } \t 1 \t\n\tg{} +1\n",
            "# HELP g \n# TYPE g gauge\ng{a=\"1\",b=\"2\"} 1.0\ng 1.0\n",
            "# HELP g \n# TYPE g gauge\ng{a=\"1\",b=\"2\"} 1.0\ng 1.0\n");
        yield return CreateCase(
            "Comments and empty lines",
            "\n# any\n#\n#HELP a no\n  \n# TYPE  a \t gauge \na 1\n# HELPa\n# UNIT a seconds\n#EOF\n# EOFs\n",
            "# HELP a \n# TYPE a gauge\na 1.0\n", "# HELP a \n# TYPE a gauge\na 1.0\n");
        yield return CreateCase(
            "Numbers in every notation",
            "a .5\na 5.\na 1E3\na +Inf\na inf\na -infinity\na nAn\na -0\na 4.9e-324\na 00012\na 18446744073709551615\n",
            WriteUntyped(Numbers), WriteUnknown(Numbers));
        yield return CreateCase(
            "Timestamps in milliseconds, before 1970 and far in the future",
            "a 1 2196986106167\na 1 -1\na 1 0\na 1 2251799813685247\n",
            WriteUntyped("1.0 2196986106167", "1.0 -1", "1.0 0", "1.0 2251799813685247"),
            WriteUnknown("1.0 2196986106.167", "1.0 -0.001", "1.0 0.0", "1.0 2251799813685.247"));
        yield return CreateCase(
            "Timestamps of OpenMetrics", "a 1 2196986106.167\na 1 1e3\na 1 -1.5\n# EOF\n",
            WriteUntyped("1.0 2196986106167", "1.0 1000000", "1.0 -1500"),
            WriteUnknown("1.0 2196986106.167", "1.0 1000.0", "1.0 -1.5"));
        yield return CreateCase(
            "Timestamps out of range, which Prometheus text clamps",
            "a 1 -1e300\na 1 12345678901234567890.1234567890\n# EOF\n",
            WriteUntyped("1.0 -2251799813685248", "1.0 2251799813685248"),
            WriteUnknown("1.0 -1e+300", "1.0 1.2345678901234567e+19"));
        yield return CreateCase(
            "Escape sequences, and backslashes before other characters",
            "# HELP a \\\\ \\n \\x \\\" \" \\\na{x=\"\\\\ \\n \\\" \\x é\\\\\"} 1\n",
            "# HELP a \\\\ \\n \\\\x \\\\\" \" \\\\\n# TYPE a untyped\na{x=\"\\\\ \\n \\\" \\\\x é\\\\\"} 1.0\n",
            "# HELP a \\\\ \\n \\\\x \\\\\\\" \\\" \\\\\n# TYPE a unknown\na{x=\"\\\\ \\n \\\" \\\\x é\\\\\"} 1.0\n");
        yield return CreateCase(
            "A help text with spaces, a tab and a carriage return",
            "# HELP a   two \t \r\na 1\n", "# HELP a   two \t \r\n# TYPE a untyped\na 1.0\n",
            "# HELP a   two \t \r\n# TYPE a unknown\na 1.0\n");
        yield return CreateCase(
            "A label that Prometheus reserves", "a{__meta=\"1\"} 1\n",
            "# HELP a \n# TYPE a untyped\na{__meta=\"1\"} 1.0\n", "# HELP a \n# TYPE a unknown\na{__meta=\"1\"} 1.0\n");
        yield return CreateCase(
            "A gauge with the creation times of a counter and the same help text",
            "# HELP a_total A.\n# TYPE a_total counter\na_total 1\n# HELP a_created A.\n# TYPE a_created gauge\n" +
            "a_created 5\n",
            "# HELP a_total A.\n# TYPE a_total counter\na_total 1.0\n# HELP a_created A.\n" +
            "# TYPE a_created gauge\na_created 5.0\n",
            "# HELP a A.\n# TYPE a counter\na_total 1.0\na_created 5.0\n");
        yield return CreateCase(
            "A gauge with the name of creation times and another help text",
            "# HELP a_total A.\n# TYPE a_total counter\na_total 1\n# HELP a_created New ones.\n" +
            "# TYPE a_created gauge\na_created 5\n",
            "# HELP a_total A.\n# TYPE a_total counter\na_total 1.0\n" +
            "# HELP a_created New ones.\n# TYPE a_created gauge\na_created 5.0\n",
            "# HELP a A.\n# TYPE a counter\na_total 1.0\n# HELP a_created New ones.\n# TYPE a_created gauge\n" +
            "a_created 5.0\n");
        yield return CreateCase(
            "A gauge with the name of creation times, without help texts",
            "# TYPE a_total counter\na_total 1\n# TYPE a_created gauge\na_created{b=\"1\"} 5\n",
            "# HELP a_total \n# TYPE a_total counter\na_total 1.0\n" +
            "# HELP a_created \n# TYPE a_created gauge\na_created{b=\"1\"} 5.0\n",
            "# HELP a \n# TYPE a counter\na_total 1.0\n" +
            "# HELP a_created \n# TYPE a_created gauge\na_created{b=\"1\"} 5.0\n");
        yield return CreateCase(
            "All types of OpenMetrics, with unit and exemplars of every kind",
            "# TYPE a_seconds counter\n# UNIT a_seconds seconds\n# HELP a_seconds A \\\"a\\\".\n" +
            "a_seconds_total 1 # {} 1\na_seconds_created 5\n" +
            "# TYPE h gaugehistogram\n" +
            "h_bucket{le=\"+Inf\"} 1 5.5 # {z=\"1\",\"a.b\"=\"" + new string('x', 200) + "\"} -1 4.5\n" +
            "h_gcount 1\nh_gsum -1\n# TYPE i info\ni_info{v=\"1\"} 1\n# TYPE s stateset\ns{s=\"on\"} 2\n" +
            "# TYPE u unknown\n" +
            "u 1 # {t=\"1\"} 2\n# EOF\n",
            "# HELP a_seconds_total A \"a\".\n# TYPE a_seconds_total counter\na_seconds_total 1.0\n" +
            "# HELP a_seconds_created A \"a\".\n# TYPE a_seconds_created gauge\na_seconds_created 5.0\n" +
            "# HELP h \n# TYPE h histogram\nh_bucket{le=\"+Inf\"} 1.0 5500\n# HELP h_gcount \n# TYPE h_gcount gauge\n" +
            "h_gcount 1.0\n# HELP h_gsum \n# TYPE h_gsum gauge\nh_gsum -1.0\n# HELP i_info \n# TYPE i_info gauge\n" +
            "i_info{v=\"1\"} 1.0\n# HELP s \n# TYPE s gauge\ns{s=\"on\"} 2.0\n# HELP u \n# TYPE u untyped\nu 1.0\n",
            "# HELP a_seconds A \\\"a\\\".\n# TYPE a_seconds counter\n# UNIT a_seconds seconds\n" +
            "a_seconds_total 1.0 # {} 1.0\na_seconds_created 5.0\n" +
            "# HELP h \n# TYPE h gaugehistogram\n" +
            "h_bucket{le=\"+Inf\"} 1.0 5.5 # {a_b=\"" + new string('x', 200) + "\",z=\"1\"} -1.0 4.5\n" +
            "h_gcount 1.0\nh_gsum -1.0\n# HELP i \n# TYPE i info\ni_info{v=\"1\"} 1.0\n# HELP s \n# TYPE s stateset\n" +
            "s{s=\"on\"} 2.0\n# HELP u \n# TYPE u unknown\nu 1.0 # {t=\"1\"} 2.0\n");
        yield return CreateCase(
            "Names in quotes", "# HELP \"a.b\" \"q\"\n# TYPE \"a.b\" gauge\n{\"a.b\", \"c d\"=\"1\",e=\"2\"} 1\n" +
            "{f=\"1\",\"a.b\"} 2\n",
            "# HELP a_b \"q\"\n# TYPE a_b gauge\na_b{c_d=\"1\",e=\"2\"} 1.0\na_b{f=\"1\"} 2.0\n",
            "# HELP a_b \\\"q\\\"\n# TYPE a_b gauge\na_b{c_d=\"1\",e=\"2\"} 1.0\na_b{f=\"1\"} 2.0\n");
        yield return CreateCase("An empty exposition", "", "", "");
        yield return CreateCase("Only # EOF", "# EOF", "", "");
    }

    [TestCaseSource(nameof(CreateCases))]
    public void Parsed_text_is_written_as_Prometheus_text_and_as_OpenMetrics(
        string text, string expected, string openMetrics) =>
        Assert.Multiple(() =>
        {
            Assert.That(TextRewriter.Rewrite(text, ExpositionFormat.PrometheusText), Is.EqualTo(expected));
            Assert.That(TextRewriter.Rewrite(text, ExpositionFormat.OpenMetrics), Is.EqualTo(openMetrics + "# EOF\n"));
        });

    [Test]
    public void Samples_with_many_distinct_label_names_do_not_need_a_column_for_each()
    {
        var text = string.Concat(
            Enumerable.Range(0, 200).Select(sample => $"a{{{FormatLabels(sample)}}} {sample}.0\n"));
        var snapshot = MetricsSnapshot.Parse(text);

        Assert.That(
            snapshot.ToText(ExpositionFormat.PrometheusText), Is.EqualTo("# HELP a \n# TYPE a untyped\n" + text));
        Assert.That(
            snapshot.Families.Single().SortedLabelNames, Has.Length.EqualTo(64),
            "not one column for each of the 4,000 label names");

        static string FormatLabels(int sample) =>
            string.Join(",", Enumerable.Range(0, 20).Select(label => $"l{sample:0000}_{label:00}=\"v\""));
    }

    [TestCase("a 1\nb 2")]
    [TestCase("a 1\nb 2 5")]
    [TestCase("# TYPE a gauge\n# HELP a x")]
    [TestCase("a 1\n# EO")]
    public void Prometheus_text_without_a_final_line_feed_is_accepted(string text) => Assert.That(
        TextRewriter.Rewrite(text, ExpositionFormat.PrometheusText),
        Is.EqualTo(TextRewriter.Rewrite(text + "\n", ExpositionFormat.PrometheusText)));

    [Test]
    public void Parsed_family_has_its_metadata_and_is_read_only()
    {
        var family = MetricsSnapshot.Parse("# TYPE h histogram\nh_bucket{z=\"1\",le=\"1\",a=\"2\"} 1\n").Families.Single();

        Assert.Multiple(() =>
        {
            Assert.That((family.Name, family.Type, family.SampleCount), Is.EqualTo(("h", MetricType.Histogram, 1)));
            Assert.That(family.LabelNames, Is.EqualTo(["a", "z"]));
            Assert.That(
                () => family.Add(MetricPoint.Histogram([new(double.PositiveInfinity, 1)]), "1", "2"),
                Throws.InvalidOperationException);
        });
    }

    [Test]
    public void Counter_without_total_keeps_its_name_as_an_instrument() =>
        Assert.That(
            MeterReading.CreateAll(MetricsSnapshot.Parse("# TYPE foo counter\nfoo 1\n")).Select(reading => reading.Instrument),
            Is.EqualTo([new MeterInstrument("foo", IsMonotonic: true)]));

    [Test]
    public void Restrict_selects_parsed_families_and_samples_by_name()
    {
        var snapshot = MetricsSnapshot.Parse(
            "# TYPE a counter\na 1\n# TYPE h histogram\nh_sum 1\nh_count 2\n# TYPE c_total counter\nc_total 3\n");

        Assert.That(snapshot.Restrict(["a_total", "h_bucket", "c_created", "c_total_total"]).Families, Is.Empty);
        Assert.That(
            snapshot.Restrict(["a", "h_sum", "c_total"]).ToText(ExpositionFormat.PrometheusText),
            Is.EqualTo(
                "# HELP a \n# TYPE a counter\na 1.0\n# HELP h \n# TYPE h histogram\nh_sum 1.0\n" +
                "# HELP c_total \n# TYPE c_total counter\nc_total 3.0\n"));
    }

    private static string WriteUntyped(params string[] samples) =>
        "# HELP a \n# TYPE a untyped\n" + string.Concat(samples.Select(sample => $"a {sample}\n"));

    private static string WriteUnknown(params string[] samples) =>
        WriteUntyped(samples).Replace("untyped", "unknown", StringComparison.Ordinal);

    private static TestCaseData CreateUnchangedCase(string name, string text) => CreateCase(name, text, text, text);

    private static TestCaseData CreateCase(string name, string text, string expected, string openMetrics) =>
        new TestCaseData(text, expected, openMetrics).SetArgDisplayNames(name);
}
