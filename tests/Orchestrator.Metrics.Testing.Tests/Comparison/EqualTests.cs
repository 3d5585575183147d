namespace Orchestrator.Metrics.Tests.Comparison;

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

    [TestCase(Expected, TestName = "Expected_text_without_additions_is_equal")]
    [TestCase(Expected + "\n", TestName = "Line_feed_at_the_end_is_ignored")]
    [TestCase("\n\n" + Expected + "\n\n \t\n", TestName = "Blank_lines_are_ignored")]
    [TestCase("# A remark.\n#\n#remark\n" + Expected + "\n# EOF\n", TestName = "Comments_are_ignored")]
    public void Comments_and_blank_lines_are_ignored(string expected) => CreateMetrics().AssertEqual(expected);

    [Test]
    public void Windows_line_endings_are_ignored() => CreateMetrics().AssertEqual(Expected.Replace("\n", "\r\n"));

    [Test]
    public void Indentation_is_ignored() =>
        CreateMetrics().AssertEqual(string.Concat(Expected.Split('\n').Select(line => $" \t {line} \t \n")));

    [Test]
    public void Order_of_families_series_and_labels_is_ignored() => CreateMetrics().AssertEqual("""
        # TYPE acme_runs_total counter
        # HELP acme_runs_total Runs.
        acme_runs_total 5e+06
        # HELP acme_jobs Jobs.
        # TYPE acme_jobs gauge
        acme_jobs{priority="low",kind="b"} 17
        acme_jobs{priority="high",kind="a"} 1
        """);

    [Test]
    public void Number_notation_and_spaces_are_ignored() => CreateMetrics().AssertEqual("""
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

    [TestCase("1")]
    [TestCase("1.0")]
    [TestCase("1e0")]
    [TestCase("+1.00")]
    public void Bucket_bounds_and_quantiles_are_compared_as_numbers(string one)
    {
        var wait = MetricFamily.Histogram("wait", "", "a");
        wait.Add(MetricPoint.Histogram([new(1, 1), new(double.PositiveInfinity, 1)]), "x,le=\"1.0\"");
        var size = MetricFamily.Summary("size", "");
        size.Add(MetricPoint.Summary(1, 1, [new(1, 5)]));

        new MetricsSnapshot([wait, size]).AssertEqual($$"""
            # TYPE wait histogram
            wait_bucket{le="{{one}}",a="x,le=\"1.0\""} 1
            wait_bucket{a="x,le=\"1.0\"",le="+Inf"} 1
            # TYPE size summary
            size{quantile="{{one}}"} 5
            size_count 1
            size_sum 1
            """);
    }

    [Test]
    public void Pasted_text_in_every_format_is_recognised()
    {
        var metrics = new MetricsSnapshot(AllKinds.CreateFamilies());

        Assert.Multiple(() =>
        {
            metrics.AssertEqual(metrics.ToText());
            foreach (var format in (ExpositionFormat[])[ExpositionFormat.PrometheusTextV1, ExpositionFormat.OpenMetrics])
            {
                metrics.AssertEqual(metrics.ToText(format));
                metrics.AssertEqual(metrics.ToText(format.WithEscaping(EscapingScheme.AllowUtf8)));
            }
        });
    }

    [TestCase("acme_size{\"http.method\"=\"GET\",host=\"a,\\\"{\\\"\"} 1")]
    [TestCase("acme_size{host=\"a,\\\"{\\\"\",\"http.method\"=\"GET\"} 1")]
    [TestCase("acme_size { host = \"a,\\\"{\\\"\" , \"http.method\" = \"GET\" , } 1")]
    public void Quoted_label_names_are_recognised(string sample)
    {
        var family = MetricFamily.Create(
            MetricType.Gauge, "acme_size", "", ["http.method", "host"], nameValidation: NameValidationScheme.Utf8);
        family.Add(1, "GET", "a,\"{\"");

        new MetricsSnapshot([family]).AssertEqual($"# TYPE acme_size gauge\n{sample}");
    }

    [Test]
    public void Quotes_in_label_values_are_not_taken_for_quoted_names()
    {
        var family = MetricFamily.Create(
            MetricType.Gauge, "acme.size", "", ["host"], nameValidation: NameValidationScheme.Utf8);
        family.Add(1, "a,\"{\"");

        new MetricsSnapshot([family]).AssertEqual(
            "# TYPE acme_size gauge\nacme_size{host=\"a,\\\"{\\\"\"} 1");
    }

    [Test]
    public void Empty_help_text_equals_a_missing_help_text() =>
        new MetricsSnapshot([MetricFamily.Gauge("x", "")]).AssertEqual("# TYPE x gauge");

    [Test]
    public void Metrics_without_families_equal_an_empty_exposition()
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
    public void Label_values_are_compared_after_unescaping(string value, string written)
    {
        var family = MetricFamily.Gauge("x", "", "label", "other");
        family.Add(1, value, value);

        new MetricsSnapshot([family]).AssertEqual($"# TYPE x gauge\nx{{other=\"{written}\",label=\"{written}\"}} 1");
    }

    [TestCaseSource(nameof(GetFormats))]
    public void Metrics_equal_their_written_exposition(ExpositionFormat format)
    {
        var metrics = new MetricsSnapshot(AllKinds.CreateFamilies());

        metrics.AssertEqual(metrics.ToText(format), format);
    }

    [TestCaseSource(nameof(GetFormats))]
    public void Gauge_named_like_a_sample_that_a_foreign_histogram_lacks_is_compared(ExpositionFormat format)
    {
        var metrics = MetricsSnapshot.Parse(
            "# TYPE a_sum gauge\na_sum 1\n# TYPE a histogram\na_bucket{le=\"+Inf\"} 2\na_count 2\n");

        metrics.AssertEqual(metrics.ToText(format), format);
    }

    [TestCaseSource(nameof(GetFormats))]
    public void Order_of_all_lines_is_ignored(ExpositionFormat format)
    {
        var metrics = new MetricsSnapshot(AllKinds.CreateFamilies());
        var lines = metrics.ToText(format).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Multiple(() =>
        {
            metrics.AssertEqual(string.Join('\n', lines.Reverse()), format);
            metrics.AssertEqual(string.Join('\n', lines.OrderBy(line => line[0] == '#')), format);
            metrics.AssertEqual(string.Join('\n', lines.OrderBy(line => line[0] != '#')), format);
            metrics.AssertEqual(string.Join('\n', lines.Order(StringComparer.Ordinal)), format);
        });
    }

    [TestCaseSource(nameof(GetFormats))]
    public void Every_missing_line_is_a_difference(ExpositionFormat format)
    {
        var metrics = new MetricsSnapshot(AllKinds.CreateFamilies());
        var lines = metrics.ToText(format).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        for (var omitted = 0; omitted < lines.Length; omitted++)
        {
            var rest = string.Join('\n', lines.Where((_, index) => index != omitted));
            if (lines[omitted] != "# EOF")
                Assert.Throws<MetricsAssertionException>(() => metrics.AssertEqual(rest, format), lines[omitted]);
        }
    }

    private static IEnumerable<ExpositionFormat> GetFormats() =>
    [
        ExpositionFormat.PrometheusText,
        .. Enum.GetValues<EscapingScheme>().Select(ExpositionFormat.PrometheusTextV1.WithEscaping),
        .. Enum.GetValues<EscapingScheme>().Select(ExpositionFormat.OpenMetrics.WithEscaping),
    ];

    private static MetricsSnapshot CreateMetrics()
    {
        var jobs = MetricFamily.Gauge("acme_jobs", "Jobs.", "kind", "priority");
        jobs.Add(1, "a", "high");
        jobs.Add(17, "b", "low");
        var runs = MetricFamily.Counter("acme_runs", "Runs.");
        runs.Add(5_000_000);
        return new MetricsSnapshot([jobs, runs]);
    }
}
