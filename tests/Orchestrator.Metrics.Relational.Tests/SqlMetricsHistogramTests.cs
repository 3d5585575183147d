namespace Orchestrator.Metrics.Tests;

public class SqlMetricsHistogramTests(bool postgreSql) : SqlMetricsFixture(postgreSql)
{
    [Test]
    public Task Histogram_has_a_point_per_row_and_rows_with_NULL_are_omitted() => AssertTextAsync(
        """
        SELECT site, count(CASE WHEN seconds <= 10 THEN 1 END) AS quick, count(CASE WHEN seconds <= 60 THEN 1 END)
               AS minute, count(seconds) AS orders, sum(seconds) AS seconds FROM ports GROUP BY site
        """,
        metrics => metrics.Histogram(
            "acme_order_seconds", "Time to deliver.", labels: ["site"], sum: "seconds",
            buckets: new Dictionary<double, string>
            {
                [double.PositiveInfinity] = "orders",
                [60] = "minute",
                [10] = "quick",
            }),
        """
        # HELP acme_order_seconds Time to deliver.
        # TYPE acme_order_seconds histogram
        acme_order_seconds_bucket{le="+Inf",site="Oslo"} 3.0
        acme_order_seconds_bucket{le="+Inf",site="a \"b\" \\ c"} 1.0
        acme_order_seconds_bucket{le="10.0",site="Oslo"} 1.0
        acme_order_seconds_bucket{le="10.0",site="a \"b\" \\ c"} 1.0
        acme_order_seconds_bucket{le="60.0",site="Oslo"} 2.0
        acme_order_seconds_bucket{le="60.0",site="a \"b\" \\ c"} 1.0
        acme_order_seconds_count{site="Oslo"} 3.0
        acme_order_seconds_count{site="a \"b\" \\ c"} 1.0
        acme_order_seconds_sum{site="Oslo"} 125.5
        acme_order_seconds_sum{site="a \"b\" \\ c"} 1.0

        """);

    [Test]
    public async Task Gauge_histogram_without_a_sum_has_only_buckets()
    {
        var snapshot = await SqlMetricsHost.CollectAsync(
            Database,
            "SELECT 2 AS small, 5 AS all_of_them",
            metrics => metrics.Add(new SqlMetricFamily
            {
                Type = MetricType.GaugeHistogram,
                Name = "acme_sizes",
                Help = "",
                Buckets = new Dictionary<double, string> { [1] = "small", [double.PositiveInfinity] = "all_of_them" },
            }));

        Assert.That(snapshot.ToText(ExpositionFormat.OpenMetrics), Is.EqualTo("""
            # HELP acme_sizes 
            # TYPE acme_sizes gaugehistogram
            acme_sizes_bucket{le="1.0"} 2.0
            acme_sizes_bucket{le="+Inf"} 5.0
            # EOF

            """));
    }

    [Test]
    public async Task Decreasing_buckets_are_an_error_that_names_the_family()
    {
        var error = await SqlMetricsHost.CollectFailureAsync(
            Database, "SELECT 2 AS a, 1 AS b",
            metrics => metrics.Histogram(
                "acme_h", "", new Dictionary<double, string> { [1] = "a", [double.PositiveInfinity] = "b" }));

        Assert.That(error.Message, Does.StartWith(
            "Metric family 'acme_h' does not accept a row of the query. Bucket count 1 comes after 2."));
    }
}
