namespace Orchestrator.Metrics.Tests.Comparison;

/// <summary>What is the same to Prometheus passes.</summary>
public class EqualTests
{
    private const string Expected = """
        # HELP acme_jobs Jobs.
        # TYPE acme_jobs gauge
        acme_jobs{kind="a",priority="high"} 1
        acme_jobs{kind="b",priority="low"} 17
        # HELP acme_runs_total Runs.
        # TYPE acme_runs_total counter
        acme_runs_total 5e+06
        """;

    [TestCase(Expected, TestName = "The_text_itself")]
    [TestCase(Expected + "\n", TestName = "A_line_feed_at_the_end")]
    [TestCase("\n\n" + Expected + "\n\n \t\n", TestName = "Blank_lines")]
    [TestCase("# A remark.\n#\n#remark\n" + Expected + "\n# EOF\n", TestName = "Comments")]
    public void These_do_not_matter(string expected) => Metrics().AssertEqual(expected);

    [Test]
    public void Line_endings_of_Windows_do_not_matter() => Metrics().AssertEqual(Expected.Replace("\n", "\r\n"));

    [Test]
    public void Indentation_does_not_matter() =>
        Metrics().AssertEqual(string.Concat(Expected.Split('\n').Select(line => $" \t {line} \t \n")));

    [Test]
    public void The_order_of_families_series_and_labels_does_not_matter() => Metrics().AssertEqual("""
        # TYPE acme_runs_total counter
        # HELP acme_runs_total Runs.
        acme_runs_total 5e+06
        # HELP acme_jobs Jobs.
        # TYPE acme_jobs gauge
        acme_jobs{priority="low",kind="b"} 17
        acme_jobs{priority="high",kind="a"} 1
        """);

    [Test]
    public void The_way_to_write_numbers_and_blanks_does_not_matter() => Metrics().AssertEqual("""
        #  HELP   acme_jobs   Jobs.
        #TYPE acme_jobs gauge
        acme_jobs { kind = "a" , priority="high" , }  1.000
        acme_jobs{kind="b",priority="low"} 1.7E1
        # HELP acme_runs_total Runs.
        # TYPE acme_runs_total counter
        acme_runs_total{} +5000000.0
        """);

    [TestCase(double.NaN, "NaN")]
    [TestCase(double.NaN, "nan")]
    [TestCase(double.PositiveInfinity, "+Inf")]
    [TestCase(double.PositiveInfinity, "Inf")]
    [TestCase(double.NegativeInfinity, "-Inf")]
    [TestCase(-0.0, "0")]
    [TestCase(0.0, "-0")]
    [TestCase(double.Epsilon, "5e-324")]
    [TestCase(double.MaxValue, "1.7976931348623157e308")]
    [TestCase(0.1, "0.1000000000000000055511151231257827")]
    public void Numbers_are_compared_as_numbers(double value, string written)
    {
        var family = MetricFamily.Gauge("x", "");
        family.Add(value);

        new MetricsSnapshot([family]).AssertEqual($"# TYPE x gauge\nx {written}");
    }

    [Test]
    public void A_help_that_is_empty_is_none() =>
        new MetricsSnapshot([MetricFamily.Gauge("x", "")]).AssertEqual("# TYPE x gauge");

    [Test]
    public void Nothing_is_equal_to_nothing()
    {
        new MetricsSnapshot([]).AssertEqual("");
        new MetricsSnapshot([]).AssertEqual("# EOF\n", ExpositionFormat.OpenMetrics);
    }

    [TestCase("line\nfeed", @"line\nfeed")]
    [TestCase("\"quoted\"", "\\\"quoted\\\"")]
    [TestCase(@"C:\new", @"C:\\new")]
    [TestCase("# TYPE y gauge", "# TYPE y gauge")]
    [TestCase("a} 1 # {b=\\\"", "a} 1 # {b=\\\\\\\"")]
    [TestCase("carriage\rreturn\u2028", "carriage\rreturn\u2028")]
    [TestCase("", "")]
    [TestCase(" ", " ")]
    [TestCase("😀,=", "😀,=")]
    public void Label_values_may_be_hostile(string value, string written)
    {
        var family = MetricFamily.Gauge("x", "", "label", "other");
        family.Add(1, value, value);

        new MetricsSnapshot([family]).AssertEqual($"# TYPE x gauge\nx{{other=\"{written}\",label=\"{written}\"}} 1");
    }

    [TestCaseSource(nameof(Formats))]
    public void What_the_library_writes_is_equal_to_itself(ExpositionFormat format)
    {
        var metrics = new MetricsSnapshot(AllKinds.Families());

        metrics.AssertEqual(metrics.ToText(format), format);
    }

    [TestCaseSource(nameof(Formats))]
    public void The_order_of_all_lines_does_not_matter(ExpositionFormat format)
    {
        var metrics = new MetricsSnapshot(AllKinds.Families());
        var lines = metrics.ToText(format).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Multiple(() =>
        {
            metrics.AssertEqual(string.Join('\n', lines.Reverse()), format);
            metrics.AssertEqual(string.Join('\n', lines.OrderBy(line => line[0] == '#')), format);
            metrics.AssertEqual(string.Join('\n', lines.OrderBy(line => line[0] != '#')), format);
            metrics.AssertEqual(string.Join('\n', lines.Order(StringComparer.Ordinal)), format);
        });
    }

    [TestCaseSource(nameof(Formats))]
    public void Whatever_line_is_left_out_is_missed(ExpositionFormat format)
    {
        var metrics = new MetricsSnapshot(AllKinds.Families());
        var lines = metrics.ToText(format).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        for (var left = 0; left < lines.Length; left++)
        {
            var rest = string.Join('\n', lines.Where((_, index) => index != left));
            if (lines[left] != "# EOF")
                Assert.Throws<MetricsAssertionException>(() => metrics.AssertEqual(rest, format), lines[left]);
        }
    }

    private static IEnumerable<ExpositionFormat> Formats() =>
    [
        ExpositionFormat.PrometheusText,
        .. Enum.GetValues<EscapingScheme>().Select(ExpositionFormat.PrometheusTextV1.WithEscaping),
        .. Enum.GetValues<EscapingScheme>().Select(ExpositionFormat.OpenMetrics.WithEscaping),
    ];

    private static MetricsSnapshot Metrics()
    {
        var jobs = MetricFamily.Gauge("acme_jobs", "Jobs.", "kind", "priority");
        jobs.Add(1, "a", "high");
        jobs.Add(17, "b", "low");
        var runs = MetricFamily.Counter("acme_runs", "Runs.");
        runs.Add(5_000_000);
        return new MetricsSnapshot([jobs, runs]);
    }
}
