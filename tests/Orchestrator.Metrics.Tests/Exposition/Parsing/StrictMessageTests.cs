using static Orchestrator.Metrics.Tests.Exposition.Parsing.OpenMetricsTexts;

namespace Orchestrator.Metrics.Tests.Exposition.Parsing;

public class StrictMessageTests
{
    [TestCase(
        Gauge + "jobs 1\njobs  2\n",
        "Line 3 of the exposition is invalid. OpenMetrics requires single spaces between the parts of a sample and " +
        "allows no other spaces, tabs or trailing commas. The form is 'name{label=\"value\"} value timestamp # " +
        "{label=\"value\"} value timestamp'. Line: jobs  2")]
    [TestCase(
        Histogram + "wait_bucket{le=\"1\"} 1\n" + Gauge + "jobs 1\n",
        "Line 2 of the exposition is invalid. The histogram 'wait' has no bucket with the bound '+Inf'. " +
        "Add one with the number of all observations. " +
        "Line: wait_bucket{le=\"1\"} 1")]
    [TestCase(
        Counter + "jobs 1\n",
        "Line 2 of the exposition is invalid. 'jobs' is not a sample name of counter 'jobs'. " +
        "Use one of: 'jobs_total', 'jobs_created'. Line: jobs 1")]
    [TestCase(
        "# TYPE jobs_created gauge\n" + Counter,
        "Line 2 of the exposition is invalid. Metric families 'jobs_created' and 'jobs' both use the name " +
        "'jobs_created'. Rename one of them. Line: # TYPE jobs counter")]
    public void Message_states_the_line_that_breaks_the_rule(string text, string message) =>
        Assert.That(
            () => ParseStrictly(text + "# EOF\n"), Throws.TypeOf<FormatException>().With.Message.EqualTo(message));

    [TestCase(
        Counter + "jobs_total NaN\n",
        "The value of counter 'jobs' is NaN. It starts at zero and only increases, so it cannot be negative or NaN. " +
        "Report a value that can decrease as a gauge.")]
    [TestCase(Counter + "jobs_created 1\n", "The counter 'jobs' has no '_total' sample. Add one.")]
    [TestCase(
        Gauge + "jobs 1\njobs 2 1\n",
        "Some samples of this label set of gauge 'jobs' have a timestamp and others do not. Add a timestamp to all " +
        "of them, or to none.")]
    [TestCase(
        Gauge + "jobs 1 2.5\njobs 2 1\n",
        "Timestamp 1.0 of gauge 'jobs' is less than the previous timestamp 2.5 of this label set. Sort the samples " +
        "by timestamp.")]
    [TestCase("jobs 1\njobs 1\n", "A series of metric family 'jobs' occurs twice. Write it once, or add timestamps.")]
    [TestCase(
        Gauge + "jobs{a=\"1\"} 1\njobs 1\njobs{a=\"1\"} 1\n",
        "The samples of this label set of gauge 'jobs' are interleaved with those of another label set. Write the " +
        "samples of each label set together.")]
    [TestCase(Info + "build_info 2\n", "The value of info 'build' is 2.0. It must be 1.")]
    [TestCase(
        StateSet + "engine{engine=\"on\"} 2\n",
        "The value of state 'on' of stateset 'engine' is 2.0. It must be 0 or 1.")]
    [TestCase(StateSet + "engine 1\n", "The sample of stateset 'engine' has no label 'engine'. Add it.")]
    [TestCase(
        Summary + "size{quantile=\"95\"} 1\n",
        "Quantile '95' of summary 'size' is not a number from 0 to 1. Write '0.99' for the 99th percentile.")]
    [TestCase(
        Summary + "size{quantile=\"0.5\"} -1\n",
        "The value of quantile '0.5' of summary 'size' is -1.0. OpenMetrics allows no negative values. Report it as " +
        "a gauge.")]
    [TestCase(
        Summary + "size_sum{quantile=\"0.5\"} 1\n",
        "Only 'size' samples of summary 'size' can have the label 'quantile'. Remove it.")]
    [TestCase(
        Summary + "size_sum -1\n",
        "The sum of summary 'size' is -1.0. It starts at zero and only increases, so it cannot be negative or NaN. " +
        "Remove it.")]
    [TestCase(
        GaugeHistogram + "age_bucket{le=\"+Inf\"} 1\nage_gcount 1\nage_gsum -1\n",
        "The sum of gaugehistogram 'age' is -1.0. It cannot be NaN, and can be negative only if a bucket has a " +
        "negative bound. Remove it and the count.")]
    [TestCase(
        GaugeHistogram + "age_bucket{le=\"+Inf\"} 1\nage_gcount 1\n",
        "The gaugehistogram 'age' has only one of count and sum: '_gcount'. Write both or neither.")]
    [TestCase(
        Histogram + "wait_bucket{le=\"-1\"} 1\nwait_bucket{le=\"+Inf\"} 1\nwait_count 1\nwait_sum 1\n",
        "The histogram 'wait' has a bucket with a negative bound, so it cannot have a sum. Remove its '_sum' and " +
        "'_count'.")]
    [TestCase(
        Histogram + "wait_bucket{le=\"+Inf\"} 1\nwait_count 2\nwait_sum 1\n",
        "The count 2.0 of histogram 'wait' differs from the '+Inf' bucket count 1.0. They must be equal.")]
    [TestCase(
        Histogram + "wait_bucket{le=\"2\"} 1\nwait_bucket{le=\"1\"} 1\n",
        "Bucket bound 1.0 of histogram 'wait' is not greater than the previous bound 2.0. Sort the buckets by bound, " +
        "and write each bound once.")]
    [TestCase(
        Histogram + "wait_bucket{le=\"1\"} 3\nwait_bucket{le=\"+Inf\"} 2\n",
        "Bucket count 2.0 of histogram 'wait' is less than the previous count 3.0. Bucket counts are cumulative. Add " +
        "the counts of the smaller buckets to each bucket.")]
    [TestCase(
        Histogram + "wait_bucket{le=\"+Inf\"} 0.5\n",
        "The count 0.5 of histogram 'wait' is not a number of observations. Write an integer of at least 0.")]
    [TestCase(
        Histogram + "wait_bucket{le=\"Inf\"} 1\n",
        "Bucket bound 'Inf' of histogram 'wait' is neither a finite number nor '+Inf'. Correct it.")]
    [TestCase(
        Histogram + "wait_bucket{le=\"1\"} 1 # {} 2\n",
        "The exemplar value 2.0 exceeds the upper bound 1.0 of its bucket in histogram 'wait'. Move the exemplar to " +
        "a higher bucket.")]
    [TestCase(
        Gauge + "jobs 1 # {} 1\n",
        "The sample of gauge 'jobs' has an exemplar. Only '_bucket' samples and the '_total' sample of a counter can " +
        "have one. Remove it.")]
    [TestCase(
        "# TYPE a_s info\n# UNIT a_s s\n",
        "The info 'a_s' has a unit, which this type cannot have. Remove the # UNIT.")]
    public void Message_states_the_family_the_value_and_the_remedy(string text, string message) => Assert.That(
        () => ParseStrictly(text + "# EOF\n"),
        Throws.TypeOf<FormatException>().With.Message.Contains($" {message} Line: "));

    [TestCase(
        Gauge + "jobs{a=\"1\"} 1\njobs{a=\"1\"} 2\njobs{a=\"2\"} 1 # {} 1\n", 3,
        Description = "rules of a metric, then of a sample")]
    [TestCase(
        Histogram + "wait_bucket{a=\"1\",le=\"1\"} 1\nwait_bucket{a=\"2\",le=\"x\"} 1\n", 2,
        Description = "rules of a point, then of a sample")]
    [TestCase(
        Histogram + "wait_sum -1\nwait_count 1\nwait_bucket{le=\"1\"} 1\n", 2, Description = "a sum, then its point")]
    [TestCase(
        Gauge + "jobs{a=\"1\"} 1\njobs{a=\"2\"} 1\njobs{a=\"2\"} 2\njobs{a=\"1\"} 1 1\n", 4,
        Description = "rules of two metrics")]
    public void First_broken_rule_by_line_is_reported(string text, int line) => Assert.That(
        () => ParseStrictly(text + "# EOF\n"),
        Throws.TypeOf<FormatException>().With.Message.StartsWith($"Line {line} of the exposition"));

    [Test]
    public void Message_for_Windows_line_endings_states_only_the_carriage_return() => Assert.That(
        () => ParseStrictly("# TYPE jobs gauge\r\njobs 1\r\n# EOF\r\n"),
        Throws.TypeOf<FormatException>().With.Message.EqualTo(
            "Line 1 of the exposition is invalid. The line ends with a carriage return. End lines with a line feed only " +
            "(NewLine = \"\\n\" of a TextWriter). Line: # TYPE jobs gauge\\r"));

    [TestCase("jobs 1\n")]
    [TestCase("jobs 1\njobs{a=\"")]
    [TestCase("jobs 1\n# EO")]
    public void Message_for_a_truncated_exposition_names_the_missing_EOF(string text) => Assert.That(
        () => ParseStrictly(text), Throws.TypeOf<FormatException>().With.Message.EqualTo(
            "The exposition does not end with '# EOF', so it is truncated or not OpenMetrics. Write the complete text, " +
            "with '# EOF' as its last line."));

    [Test]
    public void Message_for_an_unknown_type_names_OpenMetrics_only() => Assert.That(
        () => ParseStrictly("# TYPE jobs untyped\n"), Throws.TypeOf<FormatException>().With.Message.EqualTo(
            "Line 1 of the exposition is invalid. 'untyped' is not a metric type of OpenMetrics. " +
            "Line: # TYPE jobs untyped"));
}
