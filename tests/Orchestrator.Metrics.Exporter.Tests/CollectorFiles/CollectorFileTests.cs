namespace Orchestrator.Metrics.Exporter.Tests.CollectorFiles;

// Collector files are read like those of sql_exporter. All errors of a file are reported at once.
internal sealed class CollectorFileTests
{
    [Test]
    public void All_keys_of_a_metric_are_read()
    {
        var collector = TestCollectors.Load("""
            collector_name: ports
            min_interval: 1m30s
            metrics:
              - metric_name: acme_port_bytes
                type: Counter
                help: 'Bytes.'
                key_labels:
                  - site
                static_labels:
                  env: dev
                  number: 5
                  flag: true
                  empty:
                value_label: direction
                values: [sent, received]
                timestamp_value: at
                no_prepared_statement: true
                query_ref: traffic
              - metric_name: acme_hostname
                type: gauge
                help: Host.
                key_labels: [hostname]
                value_label: unused
                static_value: 1.5
                timestamp_value: ignored
                query: SELECT 'a' AS hostname
              - metric_name: acme_packets
                type: gauge
                help: Packets.
                key_labels:
                static_labels:
                values: [packets]
                query_ref: traffic
            queries:
              - query_name: traffic
                no_prepared_statement: false
                query: |
                  SELECT 1
              - query_name: not_used
                query: SELECT 2
            """);

        Assert.Multiple(() =>
        {
            Assert.That(collector.Name, Is.EqualTo("ports"));
            Assert.That(collector.MinInterval, Is.EqualTo(TimeSpan.FromSeconds(90)));
            Assert.That(
                collector.Queries.Select(query => (query.Sql, string.Join(' ', query.Families.Select(f => f.Name)))),
                Is.EqualTo(((string, string)[])[
                    ("SELECT 1\n", "acme_port_bytes acme_packets"), ("SELECT 'a' AS hostname", "acme_hostname")]));
            var bytes = collector.Queries[0].Families[0];
            Assert.That(bytes.Type, Is.EqualTo(MetricType.Counter));
            Assert.That(bytes.KeepsName, Is.True);
            Assert.That(bytes.Help, Is.EqualTo("Bytes."));
            Assert.That(bytes.Labels, Is.EqualTo((string[])["site"]));
            Assert.That(bytes.ConstantLabels, Is.EqualTo(new Dictionary<string, string>
            {
                ["env"] = "dev",
                ["number"] = "5",
                ["flag"] = "true",
                ["empty"] = "",
            }));
            Assert.That(bytes.Values, Is.EqualTo((string[])["sent", "received"]));
            Assert.That(bytes.ValueLabel, Is.EqualTo("direction"));
            Assert.That(bytes.Timestamp, Is.EqualTo("at"));
            var host = collector.Queries[1].Families[0];
            Assert.That(host.ConstantValue, Is.EqualTo(1.5));
            Assert.That(host.ConstantLabels, Is.EqualTo(new Dictionary<string, string> { ["unused"] = "" }));
            Assert.That(host.ValueLabel, Is.Null);
            Assert.That(host.Timestamp, Is.Null);
        });
    }

    [Test]
    public void Anchors_of_a_file_are_resolved()
    {
        var collector = TestCollectors.Load("""
            collector_name: ports
            metrics:
              - &base
                metric_name: acme_a
                type: gauge
                help: Help.
                values: [a]
                query_ref: all
              - <<: *base
                metric_name: acme_b
                values: [b]
            queries:
              - query_name: all
                query: SELECT 1 AS a, 2 AS b
            """);

        Assert.That(collector.Families.Select(family => family.Name), Is.EqualTo((string[])["acme_a", "acme_b"]));
    }

    [Test]
    public void All_errors_of_a_file_are_reported_with_their_positions()
    {
        var errors = TestCollectors.LoadErrors("""
            collector_name: ""
            min-interval: 1s
            metrics:
              - metric_name: acme_a
                typ: gauge
                help: Help.
                values: a
                query: SELECT 1 AS a
              - metric_name: acme_b
                type: histogram
                help:
                values: [a]
                query_ref: al
              - metric_name: acme_c
                type: gauge
                help: Help.
                values: [a, b]
                query_ref: all
              - metric_name: acme d
                type: gauge
                help: Help.
                key_labels: [site]
                static_labels: {site: x}
                static_value: one
                values: [a]
                query: SELECT 1
                query_ref: all
            queries:
              - query_name: all
                query: SELECT 1
              - query_name: all
                query: SELECT 2
                prepared: true
            """);

        Assert.That(errors, Is.EqualTo((string[])[
            "a.yml:1:17: The value is empty. Set it.",
            "a.yml:2:1: The key 'min-interval' is unknown. Did you mean 'min_interval'?",
            "a.yml:4:5: The key 'type' is missing. Add it.",
            "a.yml:5:5: The key 'typ' is unknown. Did you mean 'type'?",
            "a.yml:7:13: Expected a list: lines of '- value', but this is another value.",
            "a.yml:10:11: The type is neither 'gauge' nor 'counter'. Set one of them.",
            "a.yml:11:5: The key 'help' is missing. Add it.",
            "a.yml:13:16: There is no query 'al'. Define it under 'queries'. Did you mean 'all'?",
            "a.yml:14:18: Metric family 'acme_c' has several values. Set value_label, the label for the name of the column.",
            "a.yml:24:19: Expected a number such as 0.1, but this is another value.",
            "a.yml:27:5: A metric needs either 'query' or 'query_ref'. Set one of them.",
            "a.yml:31:5: A query 'all' is already defined. Rename one of them.",
            "a.yml:33:5: The key 'prepared' is unknown. Known keys: no_prepared_statement, query, query_name."]));
    }

    [TestCase("values: []", "needs either values or a static_value")]
    [TestCase("values: [a]\n    static_value: 1", "needs either values or a static_value")]
    [TestCase("values: [a, b]", "has several values")]
    [TestCase("values: [a, a]\n    value_label: kind", "contains a column twice in values")]
    [TestCase("values: [a]\n    key_labels: [x, x]", "Label 'x' of metric family 'acme_a' occurs twice")]
    [TestCase("values: [a]\n    key_labels: [x]\n    static_labels: {x: y}", "Label 'x' of metric family 'acme_a' occurs twice")]
    [TestCase("values: [a]\n    key_labels: [x]\n    value_label: x", "Label 'x' of metric family 'acme_a' occurs twice")]
    public void Invalid_metric_is_an_error_at_its_name(string keys, string message)
    {
        var error = TestCollectors.LoadErrors(BuildFile("gauge", keys)).Single();

        Assert.That(error, Does.StartWith("a.yml:3:18: ").And.Contains(message).And.Not.Contains("(Parameter"));
    }

    [TestCase("acme_a", "acme-a", "'acme-a' is not a valid metric name")]
    [TestCase("values: [a]", "values: [a]\n    key_labels: [x-y]", "'x-y' is not a valid label name")]
    public void Error_for_an_invalid_name_contains_no_advice_for_code(string valid, string invalid, string message)
    {
        var error = TestCollectors.LoadErrors(BuildFile("gauge", "values: [a]").Replace(valid, invalid)).Single();

        Assert.That(error, Does.StartWith("a.yml:3:18: " + message).And.EndsWith("not start with a digit. Rename it."));
    }

    [TestCase("a: [", "a.yml:")]
    [TestCase("", "a.yml:1:1: The key 'collector_name' is missing")]
    [TestCase("collector_name: x\nmetrics: []\n", "a.yml:2:1: The list of metrics is empty")]
    [TestCase("collector_name: x\nmetrics:\n", "a.yml:2:1: The key 'metrics' is missing")]
    [TestCase("collector_name: x\nmetrics: [1]\n", "a.yml:2:11: Expected a map")]
    [TestCase("collectors:\n  - collector_name: x\n", "a.yml:1:1: ")]
    public void Invalid_file_is_an_error(string text, string start) =>
        Assert.That(TestCollectors.LoadErrors(text)[0], Does.StartWith(start));

    [Test]
    public void Blank_name_of_a_collector_is_an_error_at_its_value() => Assert.That(
        TestCollectors.LoadErrors(BuildFile("gauge", "values: [a]").Replace("one", "' '")).Single(),
        Does.StartWith("a.yml:1:17: "));

    [TestCase("one")]
    [TestCase("One")]
    public void Collector_that_two_files_define_is_an_error_with_both_positions(string second) => Assert.That(
        TestCollectors.LoadErrors(
            BuildFile("gauge", "values: [a]"), BuildFile("gauge", "values: [a]").Replace("one", second)),
        Has.One.Matches(
            Does.StartWith($"b.yml:1:17: A collector '{second}' is already defined in ")
                .And.EndsWith("a.yml:1:17. Rename one of them.")));

    [TestCase("acme_a", "counter", "b.yml:3:18: The metric 'acme_a' has the type Gauge in a.yml:3:18. Make the types equal, or rename one.")]
    [TestCase("acme_a_total", "counter",
        "b.yml:3:18: The metrics 'acme_a' (a.yml:3:18) and 'acme_a_total' are the same family 'acme_a' in OpenMetrics. Rename one of them.")]
    public void Metric_that_two_files_define_differently_is_an_error_with_both_positions(
        string name, string type, string error) => Assert.That(
            TestCollectors.LoadErrors(
                BuildFile("gauge", "values: [a]"),
                BuildFile(type, "values: [a]").Replace("one", "two").Replace("acme_a", name)),
            Does.Contain(error));

    private static string BuildFile(string type, string keys) => $"""
        collector_name: one
        metrics:
          - metric_name: acme_a
            type: {type}
            help: Help.
            {keys}
            query: SELECT 1

        """;
}
