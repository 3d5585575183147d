using static Orchestrator.Metrics.Tests.Exposition.Parsing.OpenMetricsTexts;

namespace Orchestrator.Metrics.Tests.Exposition.Parsing;

// Strict parsing accepts only OpenMetrics 1.0 and the quoted names of Prometheus 3.
public class StrictTests
{
    private static readonly string LongValue = new('x', 127);
    private static readonly string LongWideValue = string.Concat(Enumerable.Repeat("😀", 127));

    private static IEnumerable<TestCaseData> CreateValidCases() => CreateCases(
    [
        ["Nothing", ""],
        ["A sample without metadata", "jobs 1\n"],
        ["Empty metadata", "# HELP jobs \n# UNIT jobs \n"],
        ["Metadata in any order", "# UNIT wait_s s\n# HELP wait_s W.\n# TYPE wait_s gauge\nwait_s 1\n"],
        ["A family without samples", Counter + "# TYPE other gauge\nother 1\n"],
        ["Type unknown", "# TYPE jobs unknown\njobs 1\n"],
        ["A counter", Counter + "jobs_total 1\njobs_created 5.5\n"],
        ["A counter with a unit", "# TYPE run_seconds counter\n# UNIT run_seconds seconds\nrun_seconds_total 1\n"],
        ["A counter above 2^63", Counter + "jobs_total 9223372036854775809\n"],
        ["Gauges of any value", Gauge +
            "jobs{a=\"1\"} -Inf\njobs{a=\"2\"} +Inf\njobs{a=\"3\"} NaN\njobs{a=\"4\"} -1\n"],
        ["Infinity and NaN in any case", Gauge + "jobs{a=\"1\"} infinity\njobs{a=\"2\"} INF\njobs{a=\"3\"} nan\n"],
        ["Numbers with leading zeros, exponents and bare points",
            Gauge +
            "jobs{a=\"1\"} 0001\njobs{a=\"2\"} 000.5e-1\njobs{a=\"3\"} .5\njobs{a=\"4\"} 5.\njobs{a=\"5\"} 1E+3\n"],
        ["Empty braces", Counter + "jobs_total{} 1\n"],
        ["Empty label values", Counter + "jobs_total{a=\"1\"} 1\njobs_total{a=\"\"} 2\n"],
        ["Structural characters in label values",
            Counter + "jobs_total{a=\"x # {y}\"} 1\njobs_total{a=\"}\",b=\", # \"} 1\n"],
        ["Escape sequences, also undefined ones",
            "# HELP jobs a\\n\\\\\\\"\\t\"\n" + Counter + "jobs_total{a=\"\\n\\\\\\\"\\t\"} 1\n"],
        ["A null character", "# HELP jobs a\0b\n" + Counter],
        ["Quoted names of Prometheus 3",
            "# TYPE \"http.size\" gauge\n{\"http.size\",\"a.b\"=\"1\",c=\"2\"} 1\n"],
        ["Timestamps of every form", Counter + "jobs_total{a=\"1\"} 1 000\njobs_total{a=\"2\"} 1 -1.5\n" +
            "jobs_total{a=\"3\"} 1 1.5e3\njobs_total{a=\"4\"} 1 98765432109876543210.0123456789\n"],
        ["Ascending timestamps", Gauge + "jobs 1 1\njobs 2 1.000001\njobs 3 2\n"],
        ["Equal timestamps", Gauge + "jobs 1 1\njobs 2 1\n"],
        ["Timestamps that differ between label sets", Info + "build_info{v=\"1\"} 1 2\nbuild_info{v=\"2\"} 1 1\n"],
        ["A histogram with two timestamps", Histogram + "wait_bucket{le=\"+Inf\"} 1 1\nwait_count 1 1\nwait_sum 1 1\n" +
            "wait_bucket{le=\"+Inf\"} 2 2\nwait_count 2 2\nwait_sum 2 2\n"],
        ["A histogram", Histogram +
            "wait_bucket{le=\"1.0\"} 1\nwait_bucket{le=\"+Inf\"} 3\nwait_count 3\nwait_sum 2.5\n" +
            "wait_created 5\n"],
        ["A histogram without sum and count", Histogram + "wait_bucket{le=\"+Inf\"} 3\n"],
        ["A histogram with unusual bounds", Histogram + "wait_bucket{le=\"0\"} 0\nwait_bucket{le=\"1.1e-4\"} 0\n" +
            "wait_bucket{le=\"1e+05\"} 0\nwait_bucket{le=\"+Inf\"} 0\n"],
        ["A histogram with a negative bound", Histogram + "wait_bucket{le=\"-1\"} 0\nwait_bucket{le=\"+Inf\"} 3\n"],
        ["Histograms of two label sets",
            Histogram + "wait_bucket{a=\"1\",le=\"+Inf\"} 0\nwait_bucket{le=\"+Inf\",a=\"2\"} 0\n"],
        ["A gauge histogram", GaugeHistogram + "age_bucket{le=\"1\"} 1\nage_bucket{le=\"+Inf\"} 1\nage_gcount 1\n" +
            "age_gsum 2\n"],
        ["A gauge histogram with a negative sum",
            GaugeHistogram + "age_bucket{le=\"-1\"} 1\nage_bucket{le=\"+Inf\"} 1\nage_gcount 1\nage_gsum -5\n"],
        ["A summary", Summary + "size{quantile=\"0\"} NaN\nsize{quantile=\"1\"} 2\nsize_count 3\nsize_sum 4.5\n"],
        ["A summary without quantiles", Summary + "size_count 1\nsize_sum 2\n"],
        ["An info", Info + "build_info{version=\"1\"} 1\n"],
        ["A stateset", StateSet + "engine{engine=\"on\"} 1.0\nengine{engine=\"off\"} 0\n"],
        ["An exemplar of a counter", Counter + "jobs_total 1 5 # {trace=\"a # b\"} 0.5 4\n"],
        ["Exemplars of buckets", Histogram +
            "wait_bucket{le=\"1\"} 1 # {} 1\nwait_bucket{le=\"+Inf\"} 2 # {t=\"x\"} 9 1.5\n"],
        ["An exemplar of a gauge histogram", GaugeHistogram + "age_bucket{le=\"+Inf\"} 1 # {} 1\n"],
        ["Exemplar labels of 128 characters", Counter + $"jobs_total 1 # {{t=\"{LongValue}\"}} 1\n"],
        ["Exemplar labels of 128 characters outside the Basic Multilingual Plane",
            Counter + $"jobs_total 1 # {{t=\"{LongWideValue}\"}} 1\n"],
    ]);

    private static IEnumerable<TestCaseData> CreateInvalidCases() => CreateCases(
    [
        ["A blank line", "jobs 1\n\n"],
        ["A comment", "# Jobs.\n"],
        ["A comment without a space", "#jobs\n"],
        ["An unknown keyword", "# FOO jobs x\n"],
        ["A space before a comment", " # HELP jobs x\n"],
        ["HELP without a name", "# HELP\n", "# HELP \n"],
        ["HELP without a space after the name", "# HELP jobs\n", "# HELP jobs\t\n"],
        ["TYPE without a type", "# TYPE\n", "# TYPE \n", "# TYPE jobs\n", "# TYPE jobs\t\n", "# TYPE jobs \n"],
        ["Types that OpenMetrics does not have",
            "# TYPE jobs untyped\n", "# TYPE jobs meh\n", "# TYPE jobs Gauge\n", "# TYPE jobs gauge \n",
            "# TYPE jobs  gauge\n"],
        ["UNIT without a unit", "# UNIT\n", "# UNIT \n", "# UNIT jobs\n", "# UNIT jobs\t\n"],
        ["A unit that is not the end of the name", "# UNIT jobs seconds\n", "# UNIT jobsseconds seconds\n"],
        ["A unit with a space after it", "# UNIT run_seconds seconds \n"],
        ["A unit of an info or a stateset", "# TYPE a_s info\n# UNIT a_s s\n", "# UNIT a_s s\n# TYPE a_s stateset\n"],
        ["Repeated metadata", "# HELP jobs \n# HELP jobs \n", "# HELP jobs x\n# HELP jobs x\n", Gauge + Gauge,
            "# UNIT a_s s\n# UNIT a_s s\n", "# TYPE jobs info\n# TYPE jobs counter\n"],
        ["Metadata after the samples", Gauge + "jobs 1\n# HELP jobs x\n", "# HELP jobs x\njobs 1\n# TYPE jobs gauge\n",
            "# TYPE a_s gauge\na_s 1\n# UNIT a_s s\n"],
        ["Interleaved families", Gauge + "# TYPE other gauge\njobs 1\n", "a 1\nb 1\na{x=\"1\"} 1\n",
            Gauge + "# HELP other x\n# HELP jobs x\n"],
        ["Conflicting names", "# TYPE jobs_created gauge\n" + Counter, Counter + "# TYPE jobs_total gauge\n",
            Counter + "jobs_total 1\n# TYPE jobs_created unknown\n", Histogram + "# TYPE wait_count gauge\n",
            Summary + "size_sum 1\n# TYPE size_created gauge\n", "build_info 1\n" + Info],
        ["Samples with a wrong name", Counter + "jobs 1\n", Counter +
            "jobs_bucket 1\njobs_total 1\n# TYPE jobs_bucket gauge\n",
            Info + "build 1\n", Histogram + "wait 1\n"],
        ["Invalid metric names", "0jobs 1\n", "a.b 1\n", "a-b 1\n", "é 1\n", "{} 1\n", "{a=\"1\"} 1\n", "{\"\"} 1\n"],
        ["Invalid label names", "jobs{1=\"1\"} 1\n", "jobs{a:b=\"1\"} 1\n", "jobs{a-b=\"1\"} 1\n",
            "jobs{__name__=\"a\"} 1\n"],
        ["A label that occurs twice", "jobs{a=\"1\",a=\"1\"} 1\n", "jobs{a=\" # \",a=\" # \"} 1\n"],
        ["A label without a value", "jobs{a} 1\n", "jobs{a\"x\"} 1\n", "jobs{a=} 1\n", "jobs{a=\"} 1\n",
            "jobs{a=x} 1\n",
            "jobs{a='x'} 1\n", "jobs{a=\"x} 1\n", "jobs{a=\"x\\\"} 1\n"],
        ["Missing or extra commas", "jobs{a=\"1\"b=\"2\"} 1\n", "jobs{a=\"1\" b=\"2\"} 1\n",
            "jobs{a=\"1\",,b=\"2\"} 1\n", "jobs{a=\"1\",} 1\n", "jobs{,} 1\n", "jobs{a=\"1\"x} 1\n"],
        ["Missing or extra spaces",
            "jobs  1\n", "jobs 1 \n", " jobs 1\n", "jobs\t1\n", "jobs 1\t\n", "jobs 1  1\n", "jobs 1 1 \n",
            "jobs {} 1\n",
            "jobs{ a=\"1\"} 1\n", "jobs{a =\"1\"} 1\n", "jobs{a= \"1\"} 1\n", "jobs{a=\"1\", b=\"2\"} 1\n",
            "jobs{a=\"1\" } 1\n", "{\"http.size\", a=\"1\"} 1\n",
            "jobs{}1\n", "jobs{a=\" # \"}1\n"],
        ["A missing value", "jobs\n", "jobs \n", "jobs{a=\"1\"}\n"],
        ["Values that are not numbers", "jobs x\n", "jobs 1_0\n", "jobs 1,5\n", "jobs 0x1\n", "jobs 0X1\n",
            "jobs 0x1p-3\n",
            "jobs 0b1\n", "jobs 0o7\n", "jobs 1e\n", "jobs .\n", "jobs +nan\n", "jobs 1e999\n"],
        ["Timestamps that are not finite numbers", "jobs 1 x\n", "jobs 1 1x\n", "jobs 1 1_0\n", "jobs 1 1.1.1\n",
            "jobs 1 NaN\n", "jobs 1 Inf\n", "jobs 1 -Inf\n", "jobs 1 0x1p-3\n", "jobs 1 2 3\n"],
        ["Descending timestamps", Gauge + "jobs 1 2\njobs 1 1\n", Gauge + "jobs 1 -1\njobs 1 -1.1\n",
            Gauge + "jobs 1 1.1\njobs 1 1\n"],
        ["Timestamps on some samples only", Gauge + "jobs 1\njobs 1 0\n", Gauge + "jobs 1 0\njobs 1\n"],
        ["A series that occurs twice", Gauge + "jobs 1\njobs 1\n", Counter +
            "jobs_total{a=\"1\"} 1\njobs_total{a=\"1\"} 2\n"],
        ["Interleaved label sets", Gauge + "jobs{a=\"1\"} 1 1\njobs{a=\"2\"} 1\njobs{a=\"1\"} 1 2\n",
            Histogram +
            "wait_bucket{a=\"1\",le=\"1\"} 0\nwait_bucket{a=\"2\",le=\"+Inf\"} 0\nwait_bucket{a=\"1\",le=\"+Inf\"} 0\n",
            GaugeHistogram + "age_gsum{a=\"1\"} 0\nage_gsum{a=\"2\"} 0\nage_gcount{a=\"1\"} 0\n"],
        ["Counters that are negative or NaN", Counter + "jobs_total -1\n", Counter + "jobs_total NaN\n"],
        ["A counter without _total", Counter + "jobs_created 1\n"],
        ["A creation time that is NaN", Counter + "jobs_total 1\njobs_created NaN\n"],
        ["Histogram values that are negative, NaN, infinite or fractional",
            WriteBucket("-1"), WriteBucket("NaN"), WriteBucket("0.5"),
            WriteBucket("+Inf"),
            WriteBucket("1", "wait_count -1\nwait_sum 1\n"), WriteBucket("1", "wait_count NaN\nwait_sum 1\n"),
            WriteBucket("1", "wait_count 1\nwait_sum -1\n"), WriteBucket("1", "wait_count 1\nwait_sum NaN\n")],
        ["Only one of sum and count", WriteBucket("1", "wait_count 1\n"), WriteBucket("1", "wait_sum 1\n"),
            Histogram + "wait_sum 1\n", GaugeHistogram + "age_bucket{le=\"+Inf\"} 0\nage_gcount 0\n",
            GaugeHistogram + "age_bucket{le=\"+Inf\"} 0\nage_gsum 0\n", GaugeHistogram + "age_gsum 1\n"],
        ["A count that differs from the last bucket", WriteBucket("1", "wait_count 2\nwait_sum 1\n")],
        ["A sum of a histogram with a negative bound",
            Histogram + "wait_bucket{le=\"-1\"} 0\n" + "wait_bucket{le=\"+Inf\"} 0\n" +
            "wait_sum 0\nwait_count 0\n"],
        ["Histograms without the bucket +Inf", Histogram + "wait_bucket{le=\"1\"} 1\n", Histogram + "wait_created 1\n",
            Histogram + "wait_bucket{le=\"+INF\"} 1\n", Histogram + "wait_bucket{le=\"Inf\"} 1\n",
            Histogram + "wait_bucket{le=\" 1\"} 1\nwait_bucket{le=\"+Inf\"} 1\n",
            Histogram + "wait_bucket{le=\"NaN\"} 1\nwait_bucket{le=\"+Inf\"} 1\n", Histogram + "wait_bucket 1\n",
            GaugeHistogram + "age_bucket 1\n"],
        ["Buckets whose bounds do not ascend or whose counts descend", Histogram +
            "wait_bucket{le=\"2\"} 0\nwait_bucket{le=\"1\"} 0\nwait_bucket{le=\"+Inf\"} 0\n",
            Histogram + "wait_bucket{le=\"1\"} 0\nwait_bucket{le=\"1.0\"} 0\nwait_bucket{le=\"+Inf\"} 0\n",
            Histogram + "wait_bucket{le=\"1\"} 2\nwait_bucket{le=\"+Inf\"} 1\n"],
        ["Gauge histogram values that are negative or NaN", GaugeHistogram + "age_bucket{le=\"+Inf\"} -1\n",
            GaugeHistogram + "age_bucket{le=\"+Inf\"} NaN\n",
            GaugeHistogram + "age_bucket{le=\"+Inf\"} -1\nage_gcount -1\nage_gsum 1\n",
            GaugeHistogram + "age_bucket{le=\"+Inf\"} 1\nage_gcount 1\nage_gsum NaN\n",
            GaugeHistogram + "age_bucket{le=\"+Inf\"} 1\nage_gcount 1\nage_gsum -1\n"],
        ["Labels of buckets and quantiles on other samples", WriteBucket("1",
            "wait_count{le=\"1\"} 1\nwait_sum{le=\"1\"} 1\n"),
            Summary + "size_count{quantile=\"1\"} 1\n"],
        ["Summary values that are negative, NaN or fractional", Summary + "size_sum NaN\n", Summary + "size_sum -1\n",
            Summary + "size_count NaN\n", Summary + "size_count -1\n", Summary + "size_count 0.5\n",
            Summary + "size{quantile=\"0.5\"} -1\n"],
        ["Quantiles that are not between 0 and 1", Summary + "size 0\n", Summary + "size{quantile=\"-1\"} 0\n",
            Summary + "size{quantile=\"1.01\"} 0\n", Summary + "size{quantile=\"x\"} 0\n",
            Summary + "size{quantile=\"NaN\"} 0\n"],
        ["Infos that are not 1", Info + "build_info{v=\"1\"} 2\n", Info + "build_info{v=\"1\"} 0\n"],
        ["States that are not 0 or 1, or have no label", StateSet + "engine{engine=\"on\"} 2\n", StateSet +
            "engine 1\n",
            StateSet + "engine{state=\"on\"} 1\n"],
        ["Incomplete or malformed exemplars", WriteExemplar("#"), WriteExemplar("# {}"),
            WriteExemplar("# {t=\"a\"}  "), WriteExemplar("# t=\"a\"} 1"),
            WriteExemplar("#t=\" # \"} 1"), WriteExemplar("t=\" # \"} 1"),
            WriteExemplar("# {} x"), WriteExemplar("# {} 0x1p-3"), WriteExemplar("# {} 1 0x1p-3"),
            WriteExemplar("# {} 1 NaN"), WriteExemplar("# {} 1 Inf"), WriteExemplar("# {} 1 -Inf"),
            WriteExemplar("# {} 1 1 1"),
            WriteExemplar("# {t=\"a\",t=\"a\"} 1")],
        ["Exemplars with missing or extra spaces", WriteExemplar("#{} 1"), WriteExemplar("# {}1"),
            WriteExemplar(" # {} 1"), WriteExemplar("# {} 1 "),
            WriteExemplar("# {} 1 1 "),
            Counter + "jobs_total 1# {} 1\n"],
        ["Exemplar labels of 129 characters", WriteExemplar($"# {{tt=\"{LongValue}\"}} 1"),
            WriteExemplar($"# {{tt=\"{LongWideValue}\"}} 1")],
        ["An exemplar above the bound of its bucket", Histogram +
            "wait_bucket{le=\"1\"} 1 # {} 2\nwait_bucket{le=\"+Inf\"} 1\n"],
        ["Exemplars of samples that cannot have one", Gauge + "jobs 1 # {} 1\n", Info + "build_info 1 # {} 1\n",
            StateSet + "engine{engine=\"on\"} 1 # {} 1\n", "# TYPE a_bucket gauge\na_bucket 1 # {} 1\n",
            Counter + "jobs_total 1\njobs_created 1 # {} 1\n", Summary + "size_sum 1 # {} 1\n",
            WriteBucket("1", "wait_count 1 # {} 1\nwait_sum 1\n"),
            WriteBucket("1", "wait_count 1\nwait_sum 1 # {} 1\n")],
        ["Carriage returns", "jobs 1\r\n"],
        ["A byte order mark", "\uFEFFjobs 1\n"],
    ]);

    [TestCaseSource(nameof(CreateValidCases))]
    public void Valid_OpenMetrics_is_accepted_strictly_and_leniently(string text) => Assert.Multiple(() =>
    {
        foreach (var end in (string[])["# EOF\n", "# EOF"])
        {
            Assert.That(() => ParseStrictly(text + end), Throws.Nothing);
            Assert.That(() => MetricsSnapshot.Parse(text + end), Throws.Nothing);
        }
    });

    [TestCaseSource(nameof(CreateInvalidCases))]
    public void Invalid_OpenMetrics_is_rejected(string text) =>
        Assert.That(() => ParseStrictly(text + "# EOF\n"), Throws.TypeOf<FormatException>());

    [TestCase("")]
    [TestCase("jobs 1\n# EOF\nx")]
    [TestCase("jobs 1\n# EOF\n\n")]
    [TestCase("jobs 1\n# EOFx")]
    [TestCase("jobs 1\n # EOF\n")]
    [TestCase("jobs 1\n# EOF\n# EOF\n")]
    public void Text_without_EOF_as_its_last_line_is_rejected(string text) =>
        Assert.That(() => ParseStrictly(text), Throws.TypeOf<FormatException>());

    [Test]
    public void Strict_parsing_returns_the_families_of_lenient_parsing()
    {
        var format = ExpositionFormat.OpenMetrics.WithEscaping(EscapingScheme.AllowUtf8);
        var text = AllTypes.CreateSnapshot().ToText(format);

        Assert.That(ParseStrictly(text).ToText(format), Is.EqualTo(text));
    }

    private static string WriteBucket(string count, string more = "") =>
        $"{Histogram}wait_bucket{{le=\"+Inf\"}} {count}\n{more}";

    private static string WriteExemplar(string exemplar) => $"{Counter}jobs_total 1 {exemplar}\n";

    private static IEnumerable<TestCaseData> CreateCases(string[][] cases) => cases.SelectMany(
        rule => rule[1..].Select((text, i) => new TestCaseData(text).SetArgDisplayNames($"{rule[0]} {i + 1}")));
}
