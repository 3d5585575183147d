using static Orchestrator.Metrics.Tests.Relabeling.RelabeledExposition;

namespace Orchestrator.Metrics.Tests.Relabeling;

public class SummedSeriesTests
{
    [Test]
    public async Task Gauges_and_counters_are_summed_over_dropped_labels()
    {
        var gauge = MetricFamily.Gauge("acme_jobs", "Jobs.", "site", "user");
        gauge.Add(1, "north", "ada");
        gauge.Add(2, "north", "bob");
        gauge.Add(4, "south", "ada");
        var counter = MetricFamily.Counter("acme_hits", "Hits.", "user");
        counter.Add(MetricPoint.Counter(5, DateTimeOffset.FromUnixTimeSeconds(100), CreateExemplar("a", 1)), "ada");
        counter.Add(MetricPoint.Counter(6, DateTimeOffset.FromUnixTimeSeconds(50), CreateExemplar("b", 2)), "bob");

        Assert.That(await GetExpositionAsync(options => options.DropLabels = ["user"], gauge, counter), Is.EqualTo("""
            # HELP acme_jobs Jobs.
            # TYPE acme_jobs gauge
            acme_jobs{site="north"} 3.0
            acme_jobs{site="south"} 4.0
            # HELP acme_hits Hits.
            # TYPE acme_hits counter
            acme_hits_total 11.0 # {trace_id="b"} 0.5 2.0
            acme_hits_created 50.0
            # EOF

            """));
    }

    [TestCase("x{user=\"ada\",tag=\"\"} 1\nx{user=\"bob\"} 2\n")]
    [TestCase("x{user=\"bob\"} 2\nx{user=\"ada\",tag=\"\"} 1\n")]
    public async Task Series_with_an_empty_label_and_without_it_are_summed(string text)
    {
        var family = MetricsSnapshot.Parse(text).Families.Single();

        Assert.That(
            await GetExpositionAsync(options => options.DropLabels = ["user"], family),
            Does.Match("^# HELP x \n# TYPE x unknown\nx({tag=\"\"})? 3.0\n# EOF\n$"));
    }

    [Test]
    public async Task Summed_histograms_have_the_bounds_of_all_their_parts()
    {
        var histogram = MetricFamily.Histogram("acme_seconds", "Times.", "user");
        histogram.Add(
            MetricPoint.Histogram(
                [new(1, 2, CreateExemplar("a", 1)), new(4, 5), new(double.PositiveInfinity, 6)], 10,
                DateTimeOffset.FromUnixTimeSeconds(9)),
            "ada");
        histogram.Add(
            MetricPoint.Histogram(
                [new(1, 10), new(2, 20, CreateExemplar("b", 5)), new(double.PositiveInfinity, 30)], 100,
                DateTimeOffset.FromUnixTimeSeconds(8)),
            "bob");

        Assert.That(await GetExpositionAsync(options => options.DropLabels = ["user"], histogram), Is.EqualTo("""
            # HELP acme_seconds Times.
            # TYPE acme_seconds histogram
            acme_seconds_bucket{le="1.0"} 12.0 # {trace_id="a"} 0.5 1.0
            acme_seconds_bucket{le="2.0"} 22.0 # {trace_id="b"} 0.5 5.0
            acme_seconds_bucket{le="4.0"} 25.0
            acme_seconds_bucket{le="+Inf"} 36.0
            acme_seconds_count 36.0
            acme_seconds_sum 110.0
            acme_seconds_created 8.0
            # EOF

            """));
    }

    [Test]
    public async Task Sum_and_count_of_histograms_are_omitted_if_a_part_lacks_them()
    {
        var histogram = MetricFamily.GaugeHistogram("acme_sizes", "Sizes.", "user");
        histogram.Add(MetricPoint.GaugeHistogram([new(double.PositiveInfinity, 6)], 10), "ada");
        histogram.Add(MetricPoint.GaugeHistogram([new(1, 1), new(double.PositiveInfinity, 2)]), "bob");

        Assert.That(await GetExpositionAsync(options => options.DropLabels = ["user"], histogram), Is.EqualTo("""
            # HELP acme_sizes Sizes.
            # TYPE acme_sizes gaugehistogram
            acme_sizes_bucket{le="1.0"} 1.0
            acme_sizes_bucket{le="+Inf"} 8.0
            # EOF

            """));
    }

    [Test]
    public async Task Sum_and_count_of_histograms_are_omitted_if_the_sums_are_opposite_infinities()
    {
        var histogram = MetricFamily.GaugeHistogram("acme_depth", "Depths.", "site");
        foreach (var (site, sum) in new[] { ("a", double.PositiveInfinity), ("b", double.NegativeInfinity) })
            histogram.Add(MetricPoint.GaugeHistogram([new(-1, 1), new(double.PositiveInfinity, 2)], sum), site);

        Assert.That(await GetExpositionAsync(options => options.DropLabels = ["site"], histogram), Is.EqualTo("""
            # HELP acme_depth Depths.
            # TYPE acme_depth gaugehistogram
            acme_depth_bucket{le="-1.0"} 2.0
            acme_depth_bucket{le="+Inf"} 4.0
            # EOF

            """));
    }

    [TestCase("h_bucket{user=\"ada\",le=\"Inf\"} 1\n", "the bound 'Inf'")]
    [TestCase("h_bucket{user=\"ada\",le=\"NaN\"} 1\n", "the bound 'NaN'")]
    [TestCase("h_bucket{user=\"ada\"} 1\n", "no bound")]
    public async Task Invalid_bound_of_a_foreign_histogram_fails_the_run(string bucket, string bound)
    {
        var families = MetricsSnapshot.Parse("# TYPE h histogram\n" + bucket).Families;

        Assert.That(await GetErrorAsync(options => options.DropLabels = ["user"], [.. families]), Is.EqualTo(
            $"A bucket of metric family 'h' has {bound}, so its histograms cannot be summed after labels are dropped " +
            "or mapped. Label each bucket with 'le', a finite number or '+Inf'."));
    }

    [Test]
    public async Task Creation_time_stays_with_its_counter()
    {
        var counter = MetricFamily.Counter("acme_hits", "Hits.", "site", "user");
        counter.Add(1, "north", "ada");
        counter.Add(2, "south", "ada");
        counter.Add(MetricPoint.Counter(3, DateTimeOffset.FromUnixTimeSeconds(100)), "north", "bob");

        Assert.That(await GetExpositionAsync(options => options.DropLabels = ["user"], counter), Does.Contain(
            "acme_hits_total{site=\"north\"} 4.0\nacme_hits_created{site=\"north\"} 100.0\nacme_hits_total{site=\"south\"}"));
    }

    [Test]
    public async Task All_samples_of_a_summed_histogram_have_the_latest_timestamp()
    {
        var histogram = MetricFamily.Histogram("acme_seconds", "Times.", "user");
        histogram.Add(
            MetricPoint.Histogram(
                [new(1, 2), new(double.PositiveInfinity, 6)], timestamp: DateTimeOffset.FromUnixTimeSeconds(10)), "ada");
        histogram.Add(
            MetricPoint.Histogram(
                [new(2, 2), new(double.PositiveInfinity, 6)], timestamp: DateTimeOffset.FromUnixTimeSeconds(20)), "bob");

        Assert.That(await GetExpositionAsync(options => options.DropLabels = ["user"], histogram), Does.Contain(
            "acme_seconds_bucket{le=\"1.0\"} 2.0 20.0\nacme_seconds_bucket{le=\"2.0\"} 4.0 20.0\n"));
    }

    [Test]
    public async Task Summed_summaries_have_no_quantiles()
    {
        var summary = MetricFamily.Summary("acme_seconds", "Times.", "user");
        summary.Add(MetricPoint.Summary(2, 3, [new(0.5, 1)]), "ada");
        summary.Add(MetricPoint.Summary(4, 5, [new(0.5, 2)]), "bob");

        Assert.That(await GetExpositionAsync(options => options.DropLabels = ["user"], summary), Is.EqualTo("""
            # HELP acme_seconds Times.
            # TYPE acme_seconds summary
            acme_seconds_count 6.0
            acme_seconds_sum 8.0
            # EOF

            """));
    }

    [TestCase("x{quantile=\"0.5\"} 2\nx_count{user=\"ada\"} 1\n")]
    [TestCase("x_count{user=\"ada\"} 1\nx{quantile=\"0.5\"} 2\n")]
    public async Task Quantiles_of_one_summary_are_not_combined_with_the_count_of_another(string samples) => Assert.That(
        await SumSummaryAsync(samples), Is.EqualTo("# HELP x \n# TYPE x summary\nx_count 1.0\n# EOF\n"));

    [TestCase("x_count{user=\"ada\"} 1\nx{user=\"ada\",tag=\"\",quantile=\"0.5\"} 2\n")]
    [TestCase("x{user=\"ada\",tag=\"\",quantile=\"0.5\"} 2\nx_count{user=\"ada\"} 1\n")]
    public async Task Summary_with_an_empty_label_in_some_samples_keeps_its_quantiles(string samples) => Assert.That(
        await SumSummaryAsync(samples),
        Does.Contain("x{quantile=\"0.5\",tag=\"\"} 2.0\n").And.Contain("x_count 1.0\n"));

    [Test]
    public async Task Statesets_and_infos_that_become_one_series_fail_the_run()
    {
        var states = MetricFamily.StateSet("acme_state", "State.", "user");
        states.Add(MetricPoint.StateSet([new("on", true), new("off", false)]), "ada");
        states.Add(MetricPoint.StateSet([new("on", false), new("off", true)]), "bob");
        var info = MetricFamily.Info("acme_build", "Build.", "user");
        info.Add(MetricPoint.Info([new("version", "1")]), "ada");
        info.Add(MetricPoint.Info([new("version", "1")]), "bob");

        Assert.That(await GetErrorAsync(options => options.DropLabels = ["user"], states), Is.EqualTo(
            "Metric family 'acme_state' is of type StateSet, whose series cannot be summed. Two of its series become " +
            "identical after labels are dropped or mapped. Keep a label that distinguishes them."));
        Assert.That(
            await GetErrorAsync(options => options.DropLabels = ["user"], info),
            Does.Contain("'acme_build' is of type Info").And.Not.Contain("ada"));
    }

    [Test]
    public async Task Statesets_and_infos_that_remain_distinct_lose_the_label()
    {
        var states = MetricFamily.StateSet("acme_state", "State.", "user");
        states.Add(MetricPoint.StateSet([new("on", true)]), "ada");
        var info = MetricFamily.Info("acme_build", "Build.", "user");
        info.Add(MetricPoint.Info([new("version", "1")]), "ada");
        info.Add(MetricPoint.Info([new("version", "2"), new("os", "linux")]), "bob");

        Assert.That(await GetExpositionAsync(options => options.DropLabels = ["user"], states, info), Is.EqualTo("""
            # HELP acme_state State.
            # TYPE acme_state stateset
            acme_state{acme_state="on"} 1.0
            # HELP acme_build Build.
            # TYPE acme_build info
            acme_build_info{version="1"} 1.0
            acme_build_info{os="linux",version="2"} 1.0
            # EOF

            """));
    }

    [Test]
    public async Task Summaries_that_are_not_summed_keep_their_quantiles()
    {
        var summary = MetricFamily.Summary("acme_seconds", "Times.", "site", "user");
        summary.Add(MetricPoint.Summary(2, 3, [new(0.5, 1)]), "north", "ada");
        summary.Add(MetricPoint.Summary(4, 5, [new(0.5, 2)]), "south", "ada");
        summary.Add(MetricPoint.Summary(6, 7, [new(0.9, 3)]), "south", "bob");

        Assert.That(await GetExpositionAsync(options => options.DropLabels = ["user"], summary), Is.EqualTo("""
            # HELP acme_seconds Times.
            # TYPE acme_seconds summary
            acme_seconds{quantile="0.5",site="north"} 1.0
            acme_seconds_count{site="north"} 2.0
            acme_seconds_sum{site="north"} 3.0
            acme_seconds_count{site="south"} 10.0
            acme_seconds_sum{site="south"} 12.0
            # EOF

            """));
        Assert.That(await GetExpositionAsync(options => options.HashLabels = ["user"], summary), Does.Contain(
            "acme_seconds{quantile=\"0.5\",site=\"north\",user=\"5ee81a466b0f5716\"} 1.0\n"));
    }

    [Test]
    public async Task Series_that_a_collector_returns_twice_are_summed()
    {
        var summary = MetricFamily.Summary("acme_seconds", "Times.", "user");
        summary.Add(MetricPoint.Summary(2, 3, [new(0.5, 1)]), "");
        summary.Add(MetricPoint.Summary(4, 5, [new(0.5, 1)]), "");
        var sizes = MetricFamily.GaugeHistogram("acme_sizes", "Sizes.", "user");
        sizes.Add(MetricPoint.GaugeHistogram([new(1, 1), new(double.PositiveInfinity, 6)], 10), "");
        sizes.Add(MetricPoint.GaugeHistogram([new(2, 1), new(double.PositiveInfinity, 2)], 3), "");

        Assert.That(await GetExpositionAsync(options => options.DropLabels = ["user"], summary, sizes), Is.EqualTo("""
            # HELP acme_seconds Times.
            # TYPE acme_seconds summary
            acme_seconds_count 6.0
            acme_seconds_sum 8.0
            # HELP acme_sizes Sizes.
            # TYPE acme_sizes gaugehistogram
            acme_sizes_bucket{le="1.0"} 1.0
            acme_sizes_bucket{le="2.0"} 2.0
            acme_sizes_bucket{le="+Inf"} 8.0
            acme_sizes_gcount 8.0
            acme_sizes_gsum 13.0
            # EOF

            """));
    }

    private static Exemplar CreateExemplar(string trace, long seconds) =>
        new(0.5, [new("trace_id", trace)], DateTimeOffset.FromUnixTimeSeconds(seconds));

    private static Task<string> SumSummaryAsync(string samples) => GetExpositionAsync(
        options => options.DropLabels = ["user"],
        MetricsSnapshot.Parse("# TYPE x summary\n" + samples).Families.Single());
}
