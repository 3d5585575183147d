namespace Orchestrator.Metrics.Tests;

public class SqlMetricsErrorTests(bool postgreSql) : SqlMetricsFixture(postgreSql)
{
    [TestCase("acme", "port", "sites")]
    [TestCase("acme", "ports", "site")]
    public async Task Unknown_column_is_an_error_that_names_it_and_the_existing_columns(
        string name, string value, string label)
    {
        // The error does not depend on rows, so the query returns none.
        var error = await SqlMetricsHost.CollectFailureAsync(
            Database, "SELECT state AS site, speed AS port FROM ports WHERE 1 = 0",
            metrics => metrics.Gauge(name, "", value, [label]));

        var missing = value == "ports" ? value : label;
        Assert.That(error, Is.InstanceOf<InvalidOperationException>().With.Message.EqualTo(
            $"The query has no column '{missing}'. Name a column of its result '{missing}', for example with AS. " +
            "Columns: site, port."));
    }

    [Test]
    public async Task Rows_of_the_same_series_are_a_duplicate_error()
    {
        var error = await SqlMetricsHost.CollectFailureAsync(
            Database, "SELECT state, errors FROM ports", metrics => metrics.Gauge("acme_errors", "", "errors", ["state"]));

        Assert.That(error.Message, Does.StartWith(
            "Collector 'query' returned a duplicate series: metric family 'acme_errors' has two samples with the " +
            "labels {state="));
    }

    [Test]
    public async Task Negative_counter_is_an_error_that_names_the_family()
    {
        var error = await SqlMetricsHost.CollectFailureAsync(
            Database, "SELECT -1 AS n", metrics => metrics.Counter("acme_n", "", "n"));

        Assert.That(error.Message, Does.StartWith(
            "Metric family 'acme_n' does not accept a row of the query. The counter 'acme_n' is -1.0. It starts at zero"));
    }

    [Test]
    public async Task Negative_counter_in_a_family_of_two_queries_is_an_error()
    {
        var error = await SqlMetricsHost.CollectFailureAsync(
            Database, "SELECT -1 AS n",
            metrics => metrics.Counter("acme_n", "", "n").AddQuery("SELECT 1 AS n", more => more.Counter("acme_n", "", "n")));

        Assert.That(error.Message, Does.StartWith("Metric family 'acme_n' does not accept a row of the query."));
    }
}
