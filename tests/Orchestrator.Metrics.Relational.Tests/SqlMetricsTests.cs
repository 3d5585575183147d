namespace Orchestrator.Metrics.Tests;

public class SqlMetricsTests(bool postgreSql) : SqlMetricsFixture(postgreSql)
{
    [Test]
    public Task Gauge_has_a_sample_per_row_and_NULL_labels_are_empty() => AssertTextAsync(
        "SELECT site, speed, count(*) AS ports FROM ports GROUP BY site, speed ORDER BY site, speed DESC",
        metrics => metrics.Gauge(
            "acme_ports", "Ports per site and speed.", labels: ["site", "speed"], value: "ports"),
        """
        # HELP acme_ports Ports per site and speed.
        # TYPE acme_ports gauge
        acme_ports{site="",speed="10"} 1.0
        acme_ports{site="Oslo",speed="10"} 2.0
        acme_ports{site="Oslo",speed="100"} 1.0
        acme_ports{site="a \"b\" \\ c",speed="10"} 1.0

        """);

    [Test]
    public Task One_query_gives_several_families_and_NULL_values_are_omitted() => AssertTextAsync(
        "SELECT site, sum(errors) AS errors, sum(drops) AS drops, count(*) AS ports FROM ports GROUP BY site",
        metrics => metrics
            .Counter("acme_errors", "Errors.", "errors", ["site"])
            .Counter("acme_drops_total", "Drops.", "drops", ["site"])
            .Gauge("acme_ports", "Ports.", "PORTS"),
        """
        # HELP acme_drops_total Drops.
        # TYPE acme_drops_total counter
        acme_drops_total{site="Oslo"} 2.0
        # HELP acme_errors_total Errors.
        # TYPE acme_errors_total counter
        acme_errors_total{site="Oslo"} 7.0
        # HELP acme_ports Ports.
        # TYPE acme_ports gauge
        acme_ports 3.0

        """,
        where: "HAVING site = 'Oslo'");

    [Test]
    public Task Value_columns_become_samples_with_a_value_label_and_constant_labels() => AssertTextAsync(
        "SELECT site, sum(errors) AS errors, sum(drops) AS drops FROM ports GROUP BY site",
        metrics => metrics.Add(new SqlMetricFamily
        {
            Type = MetricType.Gauge,
            Name = "acme_problems",
            Help = "Problems by kind.",
            Labels = ["site"],
            ConstantLabels = new Dictionary<string, string> { ["region"] = "north", ["az"] = "" },
            Values = ["errors", "Drops"],
            ValueLabel = "kind",
        }),
        """
        # HELP acme_problems Problems by kind.
        # TYPE acme_problems gauge
        acme_problems{az="",kind="Drops",region="north",site="Oslo"} 2.0
        acme_problems{az="",kind="Drops",region="north",site="a \"b\" \\ c"} 0.0
        acme_problems{az="",kind="errors",region="north",site="Oslo"} 7.0
        acme_problems{az="",kind="errors",region="north",site="a \"b\" \\ c"} 1.0

        """);

    [Test]
    public Task Several_queries_give_the_families_of_one_collector() => AssertTextAsync(
        "SELECT state, count(*) AS ports FROM ports GROUP BY state",
        metrics => metrics
            .Gauge("acme_ports", "Ports.", "ports", ["state"])
            .AddQuery("SELECT count(DISTINCT site) AS sites FROM ports", more => more.Gauge("acme_sites", "", "sites")),
        """
        # HELP acme_ports Ports.
        # TYPE acme_ports gauge
        acme_ports{state="free"} 3.0
        acme_ports{state="used"} 2.0
        # HELP acme_sites 
        # TYPE acme_sites gauge
        acme_sites 2.0

        """);

    [Test]
    public Task Families_of_one_name_become_one_with_their_own_labels() => AssertTextAsync(
        "SELECT state, sum(errors) AS errors, sum(drops) AS drops FROM ports GROUP BY state",
        metrics => metrics
            .Add(CreateProblems("errors", "state"))
            .Add(CreateProblems("drops", "state"))
            .AddQuery("SELECT 7 AS lost, 1795599000 AS at", more => more.Add(CreateProblems("lost")))
            .Histogram(
                "acme_h", "", new Dictionary<double, string> { [double.PositiveInfinity] = "errors" }, "drops", ["state"])
            .AddQuery(
                "SELECT 1 AS n",
                more => more.Histogram("acme_h", "", new Dictionary<double, string> { [double.PositiveInfinity] = "n" })),
        """
        # HELP acme_h 
        # TYPE acme_h histogram
        acme_h_bucket{le="+Inf",state="free"} 4.0
        acme_h_bucket{le="+Inf",state="used"} 4.0
        acme_h_bucket{le="+Inf"} 1.0
        acme_h_count{state="free"} 4.0
        acme_h_count{state="used"} 4.0
        acme_h_sum{state="free"} 0.0
        acme_h_sum{state="used"} 2.0
        # HELP acme_problems_total Problems.
        # TYPE acme_problems_total counter
        acme_problems_total{kind="drops",state="free"} 0.0
        acme_problems_total{kind="drops",state="used"} 2.0
        acme_problems_total{kind="errors",state="free"} 4.0
        acme_problems_total{kind="errors",state="used"} 4.0
        acme_problems_total{kind="lost"} 7.0 1795599000000

        """);

    [Test]
    public Task Constant_value_and_unit_apply_to_every_row() => AssertTextAsync(
        "SELECT DISTINCT state FROM ports",
        metrics => metrics.Add(new SqlMetricFamily
        {
            Type = MetricType.Unknown,
            Name = "acme_state",
            Help = "",
            Unit = "ratio",
            Labels = ["state"],
            ConstantValue = 1.5,
        }),
        """
        # HELP acme_state_ratio 
        # TYPE acme_state_ratio untyped
        acme_state_ratio{state="free"} 1.5
        acme_state_ratio{state="used"} 1.5

        """);

    [TestCase("'2026-11-25 09:30:00.5'")]
    [TestCase("'2026-11-25T10:30:00.5+01:00'")]
    [TestCase("1795599000.5")]
    public Task Timestamp_column_is_the_time_of_the_sample_and_NULL_omits_the_sample(string time) => AssertTextAsync(
        $"SELECT 1 AS n, {(IsPostgreSql && time[0] == '\'' ? $"timestamptz {time.Replace(".5'", ".5Z'")}" : time)} AS at " +
            "UNION ALL SELECT 2, NULL",
        metrics => metrics
            .Add(CreateTimestamped(MetricType.Gauge, "acme_gauge"))
            .Add(CreateTimestamped(MetricType.Counter, "acme_counter"))
            .Add(CreateTimestamped(MetricType.Unknown, "acme_unknown")),
        """
        # HELP acme_counter_total 
        # TYPE acme_counter_total counter
        acme_counter_total 1.0 1795599000500
        # HELP acme_gauge 
        # TYPE acme_gauge gauge
        acme_gauge 1.0 1795599000500
        # HELP acme_unknown 
        # TYPE acme_unknown untyped
        acme_unknown 1.0 1795599000500

        """);

    [TestCase("acme_bytes", "acme_bytes")]
    [TestCase("acme_bytes_total", "acme_bytes_total")]
    public async Task Counter_that_keeps_its_name_is_a_counter_of_that_name(string name, string sample)
    {
        var snapshot = await SqlMetricsHost.CollectAsync(
            Database,
            "SELECT 'a' AS port, 5 AS bytes, 1795599000 AS at UNION ALL SELECT 'b', 7, NULL UNION ALL SELECT NULL, 8, 0",
            metrics => metrics.Add(new SqlMetricFamily
            {
                Type = MetricType.Counter,
                Name = name,
                Help = "Bytes.",
                KeepsName = true,
                Labels = ["port"],
                ConstantLabels = new Dictionary<string, string> { ["unit"] = "1" },
                Values = ["bytes"],
                Timestamp = "at",
            }));

        Assert.That(snapshot.ToText(), Is.EqualTo($$"""
            # HELP {{sample}} Bytes.
            # TYPE {{sample}} counter
            {{sample}}{port="a",unit="1"} 5.0 1795599000000
            {{sample}}{port="",unit="1"} 8.0 0

            """));
    }

    [Test]
    public async Task Column_with_exactly_the_name_takes_precedence_over_one_that_differs_in_case()
    {
        var snapshot = await SqlMetricsHost.CollectAsync(
            Database, """SELECT 1 AS "N", 2 AS n, 3 AS "M" """,
            metrics => metrics.Gauge("acme_n", "", "n").Gauge("acme_m", "", "m"));

        Assert.That(snapshot.TryGetValue("acme_n", out var n) && n == 2);
        Assert.That(snapshot.TryGetValue("acme_m", out var m) && m == 3);
    }

    [Test]
    public async Task Query_without_rows_gives_families_without_samples()
    {
        var snapshot = await SqlMetricsHost.CollectAsync(
            Database, "SELECT speed FROM ports WHERE 1 = 0", metrics => metrics.Gauge("acme_speed", "Speed.", "speed"));

        Assert.That(snapshot.ToText(), Is.EqualTo("# HELP acme_speed Speed.\n# TYPE acme_speed gauge\n"));
    }

    private static SqlMetricFamily CreateProblems(string column, params string[] labels) => new()
    {
        Type = MetricType.Counter,
        Name = "acme_problems",
        Help = "Problems.",
        Labels = labels,
        ConstantLabels = new Dictionary<string, string> { ["kind"] = column },
        Values = [column],
        Timestamp = column == "lost" ? "at" : null,
    };

    private static SqlMetricFamily CreateTimestamped(MetricType type, string name) =>
        new() { Type = type, Name = name, Help = "", Values = ["n"], Timestamp = "at" };
}
