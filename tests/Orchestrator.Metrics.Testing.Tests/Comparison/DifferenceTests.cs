using System.Globalization;

namespace Orchestrator.Metrics.Tests.Comparison;

public class DifferenceTests
{
    [Test]
    public void Changed_value_is_shown() => Snapshot.AssertMatches(GetMessage("""
        # HELP acme_jobs_waiting Jobs that wait, per priority.
        # TYPE acme_jobs_waiting gauge
        acme_jobs_waiting{priority="high"} 2
        acme_jobs_waiting{priority="low"} 16
        """, CreateWaiting(("high", 2), ("low", 17))));

    [Test]
    public void Missing_and_unexpected_series_and_families_are_shown() => Snapshot.AssertMatches(GetMessage("""
        # HELP acme_same Same.
        # TYPE acme_same gauge
        acme_same 1
        # HELP acme_gone Gone.
        # TYPE acme_gone counter
        acme_gone_total{a="1",b="2"} 1
        # HELP acme_jobs_waiting Jobs that wait, per priority.
        # TYPE acme_jobs_waiting gauge
        acme_jobs_waiting{priority="high"} 2
        acme_jobs_waiting{priority="low"} 17
        """,
        MetricFamily.Info("acme_new", "New."), CreateWaiting(("urgent", 1), ("high", 2), ("none", 0)),
        CreateOne("acme_same", "Same.")));

    [Test]
    public void Changed_metadata_and_a_missing_type_are_shown() => Snapshot.AssertMatches(GetMessage("""
        # HELP acme_a What it is not.
        # TYPE acme_a counter
        acme_a 1
        # HELP acme_b B.
        acme_b 1
        """, CreateOne("acme_a", "What it is."), CreateOne("acme_b", "B.")));

    [Test]
    public void One_difference_among_thousands_of_samples_is_shown()
    {
        var family = MetricFamily.Gauge("acme_rows", "Rows.", "row");
        for (var row = 0; row < 10_000; row++)
            family.Add(row, $"{row}");
        var metrics = new MetricsSnapshot([family]);
        var expected = metrics.ToText().Replace("{row=\"7777\"} 7777.0", "{row=\"7777\"} 7778.0");

        Snapshot.AssertMatches(GetMessage(expected, family));
    }

    [Test]
    public void Only_the_first_of_thousands_of_differences_are_shown()
    {
        var family = MetricFamily.Gauge("acme_rows", "Rows.", "row");
        var other = MetricFamily.Gauge("acme_rows", "Rows.", "row");
        for (var row = 0; row < 3000; row++)
        {
            family.Add(row, $"{row}");
            other.Add(row + 1, $"{row}");
        }

        Snapshot.AssertMatches(GetMessage(new MetricsSnapshot([other]).ToText(), family, CreateOne("acme_a", "A.")));
    }

    [Test]
    public void Empty_expected_text_is_reported() =>
        Snapshot.AssertMatches(GetMessage(" \n# EOF\n", CreateOne("acme_a", "A.")));

    [Test]
    public void Missing_metrics_are_reported() => Snapshot.AssertMatches(GetMessage("acme_a 1"));

    [Test]
    public void Invisible_characters_are_shown_as_escapes() => Snapshot.AssertMatches(GetMessage(
        "# HELP acme_jobs_waiting Jobs that wait, per priority.\n# TYPE acme_jobs_waiting gauge\n" +
        "acme_jobs_waiting{priority=\"very high\"} 1\nacme_jobs_waiting{priority=\"lo\\nw\"} 1\n",
        CreateWaiting(("very\u00a0high", 1), ("\u200blo\rw\u2028", 1))));

    [Test]
    public void Changed_exemplars_timestamps_and_units_are_shown()
    {
        var jobs = MetricFamily.Create(MetricType.Counter, "acme_jobs", "Jobs.", ["kind"], unit: "jobs");
        jobs.Add(CreatePoint("4bf92f35", 1, seconds: 1_790_000_000), "exemplar");
        jobs.Add(CreatePoint("4bf92f35", 2, seconds: 1_790_000_000), "value of exemplar");
        jobs.Add(CreatePoint("4bf92f35", 1, seconds: 1_790_000_001), "timestamp");
        jobs.Add(CreatePoint("4bf92f35", 1, seconds: 1_790_000_000), "same");

        Snapshot.AssertMatches(GetMessage("""
            # HELP acme_jobs Jobs.
            # TYPE acme_jobs counter
            acme_jobs_total{kind="exemplar"} 7 1.79e9 # {trace_id="5bf92f35"} 1
            acme_jobs_total{kind="value of exemplar"} 7 1.79e9 # {trace_id="4bf92f35"} 1
            acme_jobs_total{kind="timestamp"} 7 1.79e9 # {trace_id="4bf92f35"} 1
            acme_jobs_total{kind="same"} 7 1.79e9 # {trace_id="4bf92f35"} 1
            # EOF
            """, ExpositionFormat.OpenMetrics, jobs));
    }

    [TestCase(2, 3)]
    [TestCase(3, 2)]
    public void Number_of_equal_samples_is_compared(int expected, int collected)
    {
        var family = MetricFamily.Gauge("acme_a", "");
        for (var i = 0; i < collected; i++)
            family.Add(1);

        Assert.That(
            GetMessage("# TYPE acme_a gauge\n" + string.Concat(Enumerable.Repeat("acme_a 1\n", expected)), family),
            Does.Contain($"1 {(expected > collected ? "missing" : "unexpected")} sample (")
                .And.Contain("  ... 2 samples as expected\n"));
    }

    [TestCase("le=\"1\"", TestName = "A_label_le_of_a_gauge_is_compared_as_text")]
    [TestCase("LE=\"1.0\"", TestName = "Case_of_label_names_matters")]
    [TestCase("le=\"1.0\",x=\"\"", TestName = "An_empty_label_matters")]
    public void Different_labels_are_different_series(string labels)
    {
        var family = MetricFamily.Gauge("acme_a", "", "le");
        family.Add(1, "1.0");

        Assert.That(
            GetMessage($"# TYPE acme_a gauge\nacme_a{{{labels}}} 1", family),
            Does.Contain("1 missing sample, 1 unexpected sample"));
    }

    [Test]
    public void Missing_type_of_a_counter_is_a_difference_of_metadata_only()
    {
        var family = MetricFamily.Counter("acme_jobs", "");
        family.Add(1);

        Assert.That(
            GetMessage("acme_jobs_total 1\n# EOF", ExpositionFormat.OpenMetrics, family),
            Is.EqualTo(
                "The metrics are not as expected: 1 line of metadata (- expected, + collected)\n\n" +
                "+ # TYPE acme_jobs counter\n  ... 1 sample as expected\n"));
    }

    [Test]
    public void Different_bucket_bounds_are_different_series()
    {
        var family = MetricFamily.Histogram("acme_wait", "");
        family.Add(MetricPoint.Histogram([new(1, 1), new(double.PositiveInfinity, 1)]));

        Assert.That(
            GetMessage(
                "# TYPE acme_wait histogram\nacme_wait_bucket{le=\"1.5\"} 1\nacme_wait_bucket{le=\"+Inf\"} 1", family),
            Does.Contain("1 missing sample, 1 unexpected sample"));
    }

    [TestCase("NaN", "1")]
    [TestCase("0.0", "NaN")]
    [TestCase("1.0", "NaN")]
    [TestCase("1.0", "1.0000000000000002")]
    [TestCase("+Inf", "-Inf")]
    [TestCase("1.0 1000", "1")]
    [TestCase("1.0", "1 2000")]
    [TestCase("1.0 1000", "1 2000")]
    public void Changed_values_and_timestamps_are_shown(string expected, string collected)
    {
        var numbers = collected.Split(' ');
        var family = MetricFamily.Gauge("acme_a", "");
        family.Add(MetricPoint.Gauge(
            numbers[0] == "-Inf" ? double.NegativeInfinity : double.Parse(numbers[0], CultureInfo.InvariantCulture),
            numbers.Length > 1 ? DateTimeOffset.FromUnixTimeMilliseconds(2000) : null));

        Assert.That(GetMessage($"# TYPE acme_a gauge\nacme_a {expected}", family), Does.Contain(
            $"1 changed sample (- expected, + collected)\n\n  # TYPE acme_a gauge\n- acme_a {expected}\n+ acme_a "));
    }

    [TestCase(@"\\n", "\n", TestName = "A_backslash_and_an_n_are_not_a_line_feed")]
    [TestCase(@"\n", @"\n", TestName = "A_line_feed_is_not_a_backslash_and_an_n")]
    [TestCase("x\",b=\"y", "x\",b=\"y", TestName = "A_quote_in_a_value_does_not_end_it")]
    public void Label_values_that_look_alike_differ(string written, string value)
    {
        var family = MetricFamily.Gauge("acme_a", "", "a");
        family.Add(1, value);

        Assert.That(
            GetMessage($"# TYPE acme_a gauge\nacme_a{{a=\"{written}\"}} 1", family),
            Does.Contain("1 missing sample, 1 unexpected sample"));
    }

    [TestCase(false)]
    [TestCase(true)]
    public void Samples_of_every_type_are_shown_below_their_family(bool openMetrics)
    {
        var format = openMetrics ? ExpositionFormat.OpenMetrics : ExpositionFormat.PrometheusText;
        var families = Enum.GetValues<MetricType>().Select(type =>
        {
            var family = MetricFamily.Create(type, $"acme_{type}", "Help.");
            family.Add(AllKinds.CreatePoint(type));
            return family;
        }).ToArray();
        var expected = new MetricsSnapshot(families).ToText(format).Replace(" 1.0\n", " 9\n");

        Snapshot.AssertMatches(GetMessage(expected, format, families), suffix: format.Version.Replace('.', '_'));
    }

    [Test]
    public void Restricted_metrics_can_be_compared()
    {
        var metrics = new MetricsSnapshot([CreateOne("acme_a", ""), CreateOne("acme_b", "")]);

        metrics.Restrict(["acme_b"]).AssertEqual("# TYPE acme_b gauge\nacme_b 1");
        Assert.That(
            () => metrics.Restrict(["acme_a"]).AssertEqual("# TYPE acme_b gauge\nacme_b 1"),
            Throws.InstanceOf<MetricsAssertionException>());
    }

    private static MetricPoint CreatePoint(string trace, double exemplar, long seconds) => MetricPoint.Counter(
        7, exemplar: new(exemplar, [new("trace_id", trace)]), timestamp: DateTimeOffset.FromUnixTimeSeconds(seconds));

    private static MetricFamily CreateOne(string name, string help)
    {
        var family = MetricFamily.Gauge(name, help);
        family.Add(1);
        return family;
    }

    private static MetricFamily CreateWaiting(params (string Priority, double Count)[] jobs)
    {
        var family = MetricFamily.Gauge("acme_jobs_waiting", "Jobs that wait, per priority.", "priority");
        foreach (var (priority, count) in jobs)
            family.Add(count, priority);
        return family;
    }

    private static string GetMessage(string expected, params MetricFamily[] collected) =>
        GetMessage(expected, ExpositionFormat.PrometheusText, collected);

    private static string GetMessage(string expected, ExpositionFormat format, params MetricFamily[] collected) =>
        Assert.Throws<MetricsAssertionException>(
            () => new MetricsSnapshot(collected).AssertEqual(expected, format))!.Message;
}
