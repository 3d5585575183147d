namespace Orchestrator.Metrics.Tests.Exposition.Parsing;

/// <summary>
/// Strict parsing accepts OpenMetrics 1.0 and nothing else. Lenient parsing accepts every valid text too.
/// </summary>
public class StrictTests
{
    private const string Counter = "# TYPE jobs counter\n";
    private const string Gauge = "# TYPE jobs gauge\n";
    private const string Histogram = "# TYPE wait histogram\n";
    private const string GaugeHistogram = "# TYPE age gaugehistogram\n";
    private const string Summary = "# TYPE size summary\n";
    private const string Info = "# TYPE build info\n";
    private const string StateSet = "# TYPE engine stateset\n";

    private static readonly string Long = new('x', 127);
    private static readonly string LongInWideCharacters = string.Concat(Enumerable.Repeat("😀", 127));

    private static IEnumerable<TestCaseData> Valid() => Cases(
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
        ["Infinity in words", Gauge + "jobs{a=\"1\"} infinity\njobs{a=\"2\"} INF\njobs{a=\"3\"} nan\n"],
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
        ["A quoted name, which Prometheus 3 adds",
            "# TYPE \"http.size\" gauge\n{\"http.size\", \"a.b\"=\"1\",c=\"2\"} 1\n"],
        ["Timestamps of every form", Counter + "jobs_total{a=\"1\"} 1 000\njobs_total{a=\"2\"} 1 -1.5\n" +
            "jobs_total{a=\"3\"} 1 1.5e3\njobs_total{a=\"4\"} 1 98765432109876543210.0123456789\n"],
        ["Ascending timestamps", Gauge + "jobs 1 1\njobs 2 1.000001\njobs 3 2\n"],
        ["Equal timestamps", Gauge + "jobs 1 1\njobs 2 1\n"],
        ["Timestamps that differ between label sets", Info + "build_info{v=\"1\"} 1 2\nbuild_info{v=\"2\"} 1 1\n"],
        ["Histograms of two times", Histogram + "wait_bucket{le=\"+Inf\"} 1 1\nwait_count 1 1\nwait_sum 1 1\n" +
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
        ["Exemplar labels of 128 characters", Counter + $"jobs_total 1 # {{t=\"{Long}\"}} 1\n"],
        ["Exemplar labels of 128 characters outside the basic plane",
            Counter + $"jobs_total 1 # {{t=\"{LongInWideCharacters}\"}} 1\n"],
    ]);

    private static IEnumerable<TestCaseData> Invalid() => Cases(
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
        ["Names that clash", "# TYPE jobs_created gauge\n" + Counter, Counter + "# TYPE jobs_total gauge\n",
            Counter + "jobs_total 1\n# TYPE jobs_created unknown\n", Histogram + "# TYPE wait_count gauge\n",
            Summary + "size_sum 1\n# TYPE size_created gauge\n", "build_info 1\n" + Info],
        ["Samples of a wrong name", Counter + "jobs 1\n", Counter +
            "jobs_bucket 1\njobs_total 1\n# TYPE jobs_bucket gauge\n",
            Info + "build 1\n", Histogram + "wait 1\n"],
        ["Invalid metric names", "0jobs 1\n", "a.b 1\n", "a-b 1\n", "é 1\n", "{} 1\n", "{a=\"1\"} 1\n", "{\"\"} 1\n"],
        ["Invalid label names", "jobs{1=\"1\"} 1\n", "jobs{a:b=\"1\"} 1\n", "jobs{a-b=\"1\"} 1\n",
            "jobs{__name__=\"a\"} 1\n"],
        ["A label that occurs twice", "jobs{a=\"1\",a=\"1\"} 1\n", "jobs{a=\" # \",a=\" # \"} 1\n"],
        ["A label without a value", "jobs{a} 1\n", "jobs{a\"x\"} 1\n", "jobs{a=} 1\n", "jobs{a=\"} 1\n",
            "jobs{a=x} 1\n",
            "jobs{a='x'} 1\n", "jobs{a=\"x} 1\n", "jobs{a=\"x\\\"} 1\n"],
        ["Commas that are missing or too many", "jobs{a=\"1\"b=\"2\"} 1\n", "jobs{a=\"1\" b=\"2\"} 1\n",
            "jobs{a=\"1\",,b=\"2\"} 1\n", "jobs{a=\"1\",} 1\n", "jobs{,} 1\n", "jobs{a=\"1\"x} 1\n"],
        ["Spaces", "jobs  1\n", "jobs 1 \n", " jobs 1\n", "jobs\t1\n", "jobs 1\t\n", "jobs 1  1\n", "jobs 1 1 \n",
            "jobs {} 1\n",
            "jobs{ a=\"1\"} 1\n", "jobs{a =\"1\"} 1\n", "jobs{a= \"1\"} 1\n", "jobs{a=\"1\", b=\"2\"} 1\n",
            "jobs{a=\"1\" } 1\n",
            "jobs{}1\n", "jobs{a=\" # \"}1\n"],
        ["A missing value", "jobs\n", "jobs \n", "jobs{a=\"1\"}\n"],
        ["Values that are not numbers", "jobs x\n", "jobs 1_0\n", "jobs 1,5\n", "jobs 0x1\n", "jobs 0X1\n",
            "jobs 0x1p-3\n",
            "jobs 0b1\n", "jobs 0o7\n", "jobs 1e\n", "jobs .\n", "jobs +nan\n", "jobs 1e999\n"],
        ["Timestamps that are not finite numbers", "jobs 1 x\n", "jobs 1 1x\n", "jobs 1 1_0\n", "jobs 1 1.1.1\n",
            "jobs 1 NaN\n", "jobs 1 Inf\n", "jobs 1 -Inf\n", "jobs 1 0x1p-3\n", "jobs 1 2 3\n"],
        ["Timestamps that descend", Gauge + "jobs 1 2\njobs 1 1\n", Gauge + "jobs 1 -1\njobs 1 -1.1\n",
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
        ["Creation times that are no times", Counter + "jobs_total 1\njobs_created NaN\n"],
        ["Histogram values that are negative, NaN or fractions", Bucket("-1"), Bucket("NaN"), Bucket("0.5"),
            Bucket("+Inf"),
            Bucket("1", "wait_count -1\nwait_sum 1\n"), Bucket("1", "wait_count NaN\nwait_sum 1\n"),
            Bucket("1", "wait_count 1\nwait_sum -1\n"), Bucket("1", "wait_count 1\nwait_sum NaN\n")],
        ["Only one of sum and count", Bucket("1", "wait_count 1\n"), Bucket("1", "wait_sum 1\n"),
            Histogram + "wait_sum 1\n", GaugeHistogram + "age_bucket{le=\"+Inf\"} 0\nage_gcount 0\n",
            GaugeHistogram + "age_bucket{le=\"+Inf\"} 0\nage_gsum 0\n", GaugeHistogram + "age_gsum 1\n"],
        ["A count that differs from the last bucket", Bucket("1", "wait_count 2\nwait_sum 1\n")],
        ["A sum next to a negative bound", Histogram + "wait_bucket{le=\"-1\"} 0\n" + "wait_bucket{le=\"+Inf\"} 0\n" +
            "wait_sum 0\nwait_count 0\n"],
        ["Histograms without the bucket +Inf", Histogram + "wait_bucket{le=\"1\"} 1\n", Histogram + "wait_created 1\n",
            Histogram + "wait_bucket{le=\"+INF\"} 1\n", Histogram + "wait_bucket{le=\"Inf\"} 1\n",
            Histogram + "wait_bucket{le=\" 1\"} 1\nwait_bucket{le=\"+Inf\"} 1\n",
            Histogram + "wait_bucket{le=\"NaN\"} 1\nwait_bucket{le=\"+Inf\"} 1\n", Histogram + "wait_bucket 1\n",
            GaugeHistogram + "age_bucket 1\n"],
        ["Buckets out of order", Histogram +
            "wait_bucket{le=\"2\"} 0\nwait_bucket{le=\"1\"} 0\nwait_bucket{le=\"+Inf\"} 0\n",
            Histogram + "wait_bucket{le=\"1\"} 0\nwait_bucket{le=\"1.0\"} 0\nwait_bucket{le=\"+Inf\"} 0\n",
            Histogram + "wait_bucket{le=\"1\"} 2\nwait_bucket{le=\"+Inf\"} 1\n"],
        ["Gauge histogram values that are negative, NaN or fractions", GaugeHistogram + "age_bucket{le=\"+Inf\"} -1\n",
            GaugeHistogram + "age_bucket{le=\"+Inf\"} NaN\n",
            GaugeHistogram + "age_bucket{le=\"+Inf\"} -1\nage_gcount -1\nage_gsum 1\n",
            GaugeHistogram + "age_bucket{le=\"+Inf\"} 1\nage_gcount 1\nage_gsum NaN\n",
            GaugeHistogram + "age_bucket{le=\"+Inf\"} 1\nage_gcount 1\nage_gsum -1\n"],
        ["Labels of buckets and quantiles on other samples", Bucket("1",
            "wait_count{le=\"1\"} 1\nwait_sum{le=\"1\"} 1\n"),
            Summary + "size_count{quantile=\"1\"} 1\n"],
        ["Summary values that are negative, NaN or fractions", Summary + "size_sum NaN\n", Summary + "size_sum -1\n",
            Summary + "size_count NaN\n", Summary + "size_count -1\n", Summary + "size_count 0.5\n",
            Summary + "size{quantile=\"0.5\"} -1\n"],
        ["Quantiles that are not between 0 and 1", Summary + "size 0\n", Summary + "size{quantile=\"-1\"} 0\n",
            Summary + "size{quantile=\"1.01\"} 0\n", Summary + "size{quantile=\"x\"} 0\n",
            Summary + "size{quantile=\"NaN\"} 0\n"],
        ["Infos that are not 1", Info + "build_info{v=\"1\"} 2\n", Info + "build_info{v=\"1\"} 0\n"],
        ["States that are not 0 or 1, or have no label", StateSet + "engine{engine=\"on\"} 2\n", StateSet +
            "engine 1\n",
            StateSet + "engine{state=\"on\"} 1\n"],
        ["Exemplars that are not whole", Trace("#"), Trace("# {}"), Trace("# {t=\"a\"}  "), Trace("# t=\"a\"} 1"),
            Trace("#t=\" # \"} 1"), Trace("t=\" # \"} 1"), Trace("# {} x"), Trace("# {} 0x1p-3"),
            Trace("# {} 1 0x1p-3"),
            Trace("# {} 1 NaN"), Trace("# {} 1 Inf"), Trace("# {} 1 -Inf"), Trace("# {} 1 1 1"),
            Trace("# {t=\"a\",t=\"a\"} 1")],
        ["Exemplars with other spaces", Trace("#{} 1"), Trace("# {}1"), Trace(" # {} 1"), Trace("# {} 1 "),
            Trace("# {} 1 1 "),
            Counter + "jobs_total 1# {} 1\n"],
        ["Exemplar labels of 129 characters", Trace($"# {{tt=\"{Long}\"}} 1"),
            Trace($"# {{tt=\"{LongInWideCharacters}\"}} 1")],
        ["An exemplar above the bound of its bucket", Histogram +
            "wait_bucket{le=\"1\"} 1 # {} 2\nwait_bucket{le=\"+Inf\"} 1\n"],
        ["Exemplars of samples that have none", Gauge + "jobs 1 # {} 1\n", Info + "build_info 1 # {} 1\n",
            StateSet + "engine{engine=\"on\"} 1 # {} 1\n", "# TYPE a_bucket gauge\na_bucket 1 # {} 1\n",
            Counter + "jobs_total 1\njobs_created 1 # {} 1\n", Summary + "size_sum 1 # {} 1\n",
            Bucket("1", "wait_count 1 # {} 1\nwait_sum 1\n"), Bucket("1", "wait_count 1\nwait_sum 1 # {} 1\n")],
        ["Carriage returns", "jobs 1\r\n"],
        ["A byte order mark", "\uFEFFjobs 1\n"],
    ]);

    [TestCaseSource(nameof(Valid))]
    public void Valid_OpenMetrics_is_accepted_strictly_and_leniently(string text) => Assert.Multiple(() =>
    {
        foreach (var end in (string[])["# EOF\n", "# EOF"])
        {
            Assert.That(() => Strict(text + end), Throws.Nothing);
            Assert.That(() => MetricsSnapshot.Parse(text + end), Throws.Nothing);
        }
    });

    [TestCaseSource(nameof(Invalid))]
    public void Invalid_OpenMetrics_is_rejected(string text) =>
        Assert.That(() => Strict(text + "# EOF\n"), Throws.TypeOf<FormatException>());

    [TestCase("")]
    [TestCase("jobs 1\n")]
    [TestCase("jobs 1\n# EOF\nx")]
    [TestCase("jobs 1\n# EOF\n\n")]
    [TestCase("jobs 1\n# EOFx")]
    [TestCase("jobs 1\n # EOF\n")]
    [TestCase("jobs 1\n# EOF\n# EOF\n")]
    public void Text_without_EOF_as_its_last_line_is_rejected(string text) =>
        Assert.That(() => Strict(text), Throws.TypeOf<FormatException>());

    [TestCase(
        Gauge + "jobs 1\njobs  2\n",
        "Line 3 of the exposition is invalid. OpenMetrics has single spaces between the parts of a sample and no " +
        "other spaces, tabs or trailing commas. The form is 'name{label=\"value\"} value timestamp # " +
        "{label=\"value\"} value timestamp'. Line: jobs  2")]
    [TestCase(
        Histogram + "wait_bucket{le=\"1\"} 1\n" + Gauge + "jobs 1\n",
        "Line 2 of the exposition is invalid. The histogram 'wait' has no bucket with the bound '+Inf'. " +
        "Add it, with the number of all observations. " +
        "Line: wait_bucket{le=\"1\"} 1")]
    [TestCase(
        Counter + "jobs 1\n",
        "Line 2 of the exposition is invalid. 'jobs' is not a sample name of counter 'jobs'. " +
        "Use one of: 'jobs_total', 'jobs_created'. Line: jobs 1")]
    [TestCase(
        "# TYPE jobs_created gauge\n" + Counter,
        "Line 2 of the exposition is invalid. Metric families 'jobs_created' and 'jobs' can both have samples named " +
        "'jobs_created'. Rename one of them. Line: # TYPE jobs counter")]
    public void Message_states_the_line_that_breaks_the_rule(string text, string message) =>
        Assert.That(() => Strict(text + "# EOF\n"), Throws.TypeOf<FormatException>().With.Message.EqualTo(message));

    [TestCase(Counter + "jobs_total NaN\n", "The value of counter 'jobs' is NaN. It starts at zero and only increases, so it cannot be negative or NaN. Report a value that can decrease as a gauge.")]
    [TestCase(Counter + "jobs_created 1\n", "The counter 'jobs' has no '_total' sample. Add one.")]
    [TestCase(Gauge + "jobs 1\njobs 2 1\n", "Some samples of this label set of gauge 'jobs' have a timestamp and others do not. Add it to all, or remove it.")]
    [TestCase(Gauge + "jobs 1 2.5\njobs 2 1\n", "Timestamp 1.0 of gauge 'jobs' is less than the previous timestamp 2.5 of this label set. Sort the samples by timestamp.")]
    [TestCase("jobs 1\njobs 1\n", "The series of metric family 'jobs' occurs twice. Remove one, or add timestamps.")]
    [TestCase(Gauge + "jobs{a=\"1\"} 1\njobs 1\njobs{a=\"1\"} 1\n", "The samples of this label set of gauge 'jobs' are interleaved with others. Group them.")]
    [TestCase(Info + "build_info 2\n", "The value of info 'build' is 2.0. It must be 1.")]
    [TestCase(StateSet + "engine{engine=\"on\"} 2\n", "The value of state 'on' of stateset 'engine' is 2.0. It must be 0 or 1.")]
    [TestCase(StateSet + "engine 1\n", "The sample of stateset 'engine' has no label 'engine'. Add it.")]
    [TestCase(Summary + "size{quantile=\"95\"} 1\n", "Quantile '95' of summary 'size' is not a number from 0 to 1. The 99th percentile is '0.99'.")]
    [TestCase(Summary + "size{quantile=\"0.5\"} -1\n", "The value of quantile '0.5' of summary 'size' is -1.0. OpenMetrics allows no negative values. Report it as a gauge.")]
    [TestCase(Summary + "size_sum{quantile=\"0.5\"} 1\n", "Only 'size' samples of summary 'size' have the label 'quantile'. Remove it.")]
    [TestCase(Summary + "size_sum -1\n", "The sum of summary 'size' is -1.0. It starts at zero and only increases, so it cannot be negative or NaN. Remove it.")]
    [TestCase(GaugeHistogram + "age_bucket{le=\"+Inf\"} 1\nage_gcount 1\nage_gsum -1\n", "The sum of gaugehistogram 'age' is -1.0. It cannot be NaN, and can be negative only if a bucket has a negative bound. Remove it and the count.")]
    [TestCase(GaugeHistogram + "age_bucket{le=\"+Inf\"} 1\nage_gcount 1\n", "The gaugehistogram 'age' has only one of count and sum: '_gcount'. Add the other, or remove it.")]
    [TestCase(Histogram + "wait_bucket{le=\"-1\"} 1\nwait_bucket{le=\"+Inf\"} 1\nwait_count 1\nwait_sum 1\n", "The histogram 'wait' has a bucket with a negative bound, so it cannot have a sum. Remove its '_sum' and '_count'.")]
    [TestCase(Histogram + "wait_bucket{le=\"+Inf\"} 1\nwait_count 2\nwait_sum 1\n", "The count 2.0 of histogram 'wait' differs from the '+Inf' bucket count 1.0. They must be equal.")]
    [TestCase(Histogram + "wait_bucket{le=\"2\"} 1\nwait_bucket{le=\"1\"} 1\n", "Bucket bound 1.0 of histogram 'wait' is not greater than the previous bound 2.0. Sort the buckets by bound, and write each bound once.")]
    [TestCase(Histogram + "wait_bucket{le=\"1\"} 3\nwait_bucket{le=\"+Inf\"} 2\n", "Bucket count 2.0 of histogram 'wait' is less than the previous count 3.0. Bucket counts are cumulative. Add the smaller buckets to each bucket.")]
    [TestCase(Histogram + "wait_bucket{le=\"+Inf\"} 0.5\n", "The count 0.5 of histogram 'wait' is not a number of observations. Write an integer of at least 0.")]
    [TestCase(Histogram + "wait_bucket{le=\"Inf\"} 1\n", "Bucket bound 'Inf' of histogram 'wait' is neither a finite number nor '+Inf'. Correct it.")]
    [TestCase(Histogram + "wait_bucket{le=\"1\"} 1 # {} 2\n", "The exemplar value 2.0 exceeds the upper bound 1.0 of its bucket in histogram 'wait'. Move the exemplar to a higher bucket.")]
    [TestCase(Gauge + "jobs 1 # {} 1\n", "The sample of gauge 'jobs' has an exemplar. Only '_bucket' samples and the '_total' sample of a counter can have one. Remove it.")]
    [TestCase("# TYPE a_s info\n# UNIT a_s s\n", "The info 'a_s' has a unit, which this type cannot have. Remove the # UNIT.")]
    public void Message_states_the_family_the_value_and_the_remedy(string text, string message) => Assert.That(
        () => Strict(text + "# EOF\n"), Throws.TypeOf<FormatException>().With.Message.Contains($" {message} Line: "));

    [TestCase(Gauge + "jobs{a=\"1\"} 1\njobs{a=\"1\"} 2\njobs{a=\"2\"} 1 # {} 1\n", 3, Description = "sample after metric")]
    [TestCase(
        Histogram + "wait_bucket{a=\"1\",le=\"1\"} 1\nwait_bucket{a=\"2\",le=\"x\"} 1\n", 2, Description = "sample after point")]
    [TestCase(
        Histogram + "wait_sum -1\nwait_count 1\nwait_bucket{le=\"1\"} 1\n", 2, Description = "sum before the last line of its point")]
    [TestCase(
        Gauge + "jobs{a=\"1\"} 1\njobs{a=\"2\"} 1\njobs{a=\"2\"} 2\njobs{a=\"1\"} 1 1\n", 4, Description = "metric after metric")]
    public void First_broken_rule_by_line_is_reported(string text, int line) => Assert.That(
        () => Strict(text + "# EOF\n"),
        Throws.TypeOf<FormatException>().With.Message.StartsWith($"Line {line} of the exposition"));

    [Test]
    public void Message_for_Windows_line_endings_states_only_the_carriage_return() => Assert.That(
        () => Strict("# TYPE jobs gauge\r\njobs 1\r\n# EOF\r\n"),
        Throws.TypeOf<FormatException>().With.Message.EqualTo(
            "Line 1 of the exposition is invalid. The line ends in a carriage return. End lines in a line feed only " +
            "(NewLine = \"\\n\" of a TextWriter). Line: # TYPE jobs gauge\\r"));

    [TestCase("jobs 1\n")]
    [TestCase("jobs 1\njobs{a=\"")]
    [TestCase("jobs 1\n# EO")]
    public void Message_for_a_missing_end_names_it(string text) => Assert.That(
        () => Strict(text), Throws.TypeOf<FormatException>().With.Message.EqualTo(
            "The exposition does not end with '# EOF', so it is truncated or not OpenMetrics. Write the complete text, " +
            "with '# EOF' as its last line."));

    [Test]
    public void Message_for_an_unknown_type_names_OpenMetrics_only() => Assert.That(
        () => Strict("# TYPE jobs untyped\n"), Throws.TypeOf<FormatException>().With.Message.EqualTo(
            "Line 1 of the exposition is invalid. 'untyped' is not a metric type of OpenMetrics. " +
            "Line: # TYPE jobs untyped"));

    [Test]
    public void Strict_parsing_returns_the_families_of_lenient_parsing()
    {
        var format = ExpositionFormat.OpenMetrics.WithEscaping(EscapingScheme.AllowUtf8);
        var text = AllTypes.Snapshot().ToText(format);

        Assert.That(Strict(text).ToText(format), Is.EqualTo(text));
    }

    private static MetricsSnapshot Strict(string text) =>
        MetricsSnapshot.Parse(text, ExpositionParseMode.StrictOpenMetrics);

    private static string Bucket(string count, string more = "") =>
        $"{Histogram}wait_bucket{{le=\"+Inf\"}} {count}\n{more}";

    private static string Trace(string exemplar) => $"{Counter}jobs_total 1 {exemplar}\n";

    private static IEnumerable<TestCaseData> Cases(string[][] cases) => cases.SelectMany(
        rule => rule[1..].Select((text, i) => new TestCaseData(text).SetArgDisplayNames($"{rule[0]} {i + 1}")));
}
