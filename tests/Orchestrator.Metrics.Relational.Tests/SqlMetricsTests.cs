using System.Data.Common;

namespace Orchestrator.Metrics.Tests;

/// <summary>Families of <c>AddSqlMetrics</c>, on PostgreSQL and on SQLite.</summary>
[TestFixture(true)]
[TestFixture(false)]
public class SqlMetricsTests(bool postgreSql)
{
    private const string Ports = """
        CREATE TABLE ports (site TEXT, speed INTEGER, state TEXT, errors INTEGER, drops INTEGER, seconds NUMERIC);
        INSERT INTO ports VALUES
            ('Oslo', 10, 'free', 3, NULL, 5), ('Oslo', 10, 'used', 4, 2, 30), ('Oslo', 100, 'used', 0, 0, 90.5),
            (NULL, 10, 'free', NULL, NULL, NULL), ('a "b" \ c', 10, 'free', 1, 0, 1);
        """;

    private TemporarySqlite? _sqlite;
    private DbDataSource _database = null!;

    [OneTimeSetUp]
    public async Task CreateAsync()
    {
        if (postgreSql)
        {
            _database = await Databases.PostgreSqlAsync(Ports);
            return;
        }

        _sqlite = new TemporarySqlite();
        _database = _sqlite.DataSource;
        await _sqlite.ExecuteAsync(Ports);
    }

    [OneTimeTearDown]
    public async Task DisposeAsync()
    {
        if (_sqlite is not null)
            await _sqlite.DisposeAsync();
        else if (_database is not null)
            await _database.DisposeAsync();
    }

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
    public Task One_query_gives_several_families_and_omits_NULL_values() => AssertTextAsync(
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
            .Add(Problems("errors", "state"))
            .Add(Problems("drops", "state"))
            .AddQuery("SELECT 7 AS lost, 1795599000 AS at", more => more.Add(Problems("lost")))
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
    public async Task Negative_counter_in_one_of_several_families_is_an_error()
    {
        var error = await SqlMetricsHost.FailureAsync(
            _database, "SELECT -1 AS n",
            metrics => metrics.Counter("acme_n", "", "n").AddQuery("SELECT 1 AS n", more => more.Counter("acme_n", "", "n")));

        Assert.That(error.Message, Does.StartWith("Metric family 'acme_n' does not accept a row of the query."));
    }

    [Test]
    public async Task Failed_query_fails_the_queries_of_its_collector()
    {
        var error = await SqlMetricsHost.FailureAsync(
            _database, "SELECT 1 AS n",
            metrics => metrics.Gauge("acme_n", "", "n").AddQuery("SELECT nothing", more => more.Gauge("acme_m", "", "n")));

        Assert.That(error, Is.InstanceOf<DbException>());
    }

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

    [Test]
    public Task Histogram_has_a_point_per_row_and_omits_rows_with_NULL() => AssertTextAsync(
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
            _database,
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

    [TestCase("'2026-11-25 09:30:00.5'")]
    [TestCase("'2026-11-25T10:30:00.5+01:00'")]
    [TestCase("1795599000.5")]
    public Task Timestamp_column_is_the_time_of_the_sample_and_NULL_omits_it(string time) => AssertTextAsync(
        $"SELECT 1 AS n, {(postgreSql && time[0] == '\'' ? $"timestamptz {time.Replace(".5'", ".5Z'")}" : time)} AS at " +
            "UNION ALL SELECT 2, NULL",
        metrics => metrics
            .Add(Timestamped(MetricType.Gauge, "acme_gauge"))
            .Add(Timestamped(MetricType.Counter, "acme_counter"))
            .Add(Timestamped(MetricType.Unknown, "acme_unknown")),
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
            _database,
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
    public async Task Column_with_exactly_the_name_precedes_one_that_differs_in_case()
    {
        var snapshot = await SqlMetricsHost.CollectAsync(
            _database, """SELECT 1 AS "N", 2 AS n, 3 AS "M" """,
            metrics => metrics.Gauge("acme_n", "", "n").Gauge("acme_m", "", "m"));

        Assert.That(snapshot.TryGetValue("acme_n", out var n) && n == 2);
        Assert.That(snapshot.TryGetValue("acme_m", out var m) && m == 3);
    }

    [TestCase("acme", "port", "sites")]
    [TestCase("acme", "ports", "site")]
    public async Task Unknown_column_is_an_error_that_names_it_and_those_that_exist(
        string name, string value, string label)
    {
        // Also without rows.
        var error = await SqlMetricsHost.FailureAsync(
            _database, "SELECT state AS site, speed AS port FROM ports WHERE 1 = 0",
            metrics => metrics.Gauge(name, "", value, [label]));

        var missing = value == "ports" ? value : label;
        Assert.That(error, Is.InstanceOf<InvalidOperationException>().With.Message.EqualTo(
            $"The query has no column '{missing}'. Name a column of its result '{missing}', for example with AS. " +
            "Columns: site, port."));
    }

    [Test]
    public async Task Query_without_rows_gives_families_without_samples()
    {
        var snapshot = await SqlMetricsHost.CollectAsync(
            _database, "SELECT speed FROM ports WHERE 1 = 0", metrics => metrics.Gauge("acme_speed", "Speed.", "speed"));

        Assert.That(snapshot.ToText(), Is.EqualTo("# HELP acme_speed Speed.\n# TYPE acme_speed gauge\n"));
    }

    [Test]
    public async Task Rows_of_one_series_are_the_error_of_duplicates()
    {
        var error = await SqlMetricsHost.FailureAsync(
            _database, "SELECT state, errors FROM ports", metrics => metrics.Gauge("acme_errors", "", "errors", ["state"]));

        Assert.That(error.Message, Does.StartWith(
            "Collector 'query' returned a duplicate series: metric family 'acme_errors' has two samples with the " +
            "labels {state="));
    }

    [Test]
    public async Task Negative_counter_is_an_error_that_names_the_family()
    {
        var error = await SqlMetricsHost.FailureAsync(
            _database, "SELECT -1 AS n", metrics => metrics.Counter("acme_n", "", "n"));

        Assert.That(error.Message, Does.StartWith(
            "Metric family 'acme_n' does not accept a row of the query. The counter 'acme_n' is -1.0. It starts at zero"));
    }

    [Test]
    public async Task Decreasing_buckets_are_an_error_that_names_the_family()
    {
        var error = await SqlMetricsHost.FailureAsync(
            _database, "SELECT 2 AS a, 1 AS b",
            metrics => metrics.Histogram(
                "acme_h", "", new Dictionary<double, string> { [1] = "a", [double.PositiveInfinity] = "b" }));

        Assert.That(error.Message, Does.StartWith(
            "Metric family 'acme_h' does not accept a row of the query. Bucket count 1 comes after 2."));
    }

    private static SqlMetricFamily Problems(string column, params string[] labels) => new()
    {
        Type = MetricType.Counter,
        Name = "acme_problems",
        Help = "Problems.",
        Labels = labels,
        ConstantLabels = new Dictionary<string, string> { ["kind"] = column },
        Values = [column],
        Timestamp = column == "lost" ? "at" : null,
    };

    private static SqlMetricFamily Timestamped(MetricType type, string name) =>
        new() { Type = type, Name = name, Help = "", Values = ["n"], Timestamp = "at" };

    /// <summary>Compares the exposition, with the samples of each family sorted, since SQL returns them in any order.</summary>
    private async Task AssertTextAsync(
        string query, Action<SqlMetricsBuilder> define, string expected, string where = "")
    {
        var snapshot = await SqlMetricsHost.CollectAsync(_database, $"{query} {where}", define);

        Assert.That(Sorted(snapshot.ToText()), Is.EqualTo(Sorted(expected)));
    }

    private static string[] Sorted(string text) =>
        [.. text.Split("# HELP ").Select(family => string.Join('\n', family.Split('\n').Order(StringComparer.Ordinal)))
            .Order(StringComparer.Ordinal)];
}
