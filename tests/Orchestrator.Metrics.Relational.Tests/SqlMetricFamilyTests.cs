using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Orchestrator.Metrics.Tests;

public class SqlMetricFamilyTests
{
    private static readonly Dictionary<double, string> Buckets = new() { [double.PositiveInfinity] = "all" };

    private static IEnumerable<TestCaseData> BuildInvalidFamilies()
    {
        yield return BuildCase(
            "a summary", "Metric family 'acme' is of type Summary. Use Gauge, Counter, Unknown, Histogram or " +
            "GaugeHistogram.", type: MetricType.Summary);
        yield return BuildCase("no values", "Metric family 'acme' needs either Values or a ConstantValue.");
        yield return BuildCase(
            "values and a constant", "Metric family 'acme' needs either Values or a ConstantValue.", ["n"], constant: 1);
        yield return BuildCase(
            "several values without a label", "Metric family 'acme' has several Values. Set ValueLabel, the label for " +
            "the name of the column.", ["n", "m"]);
        yield return BuildCase(
            "a value label without values", "Metric family 'acme' has a ValueLabel but no Values. Remove it, or use a " +
            "constant label.", constant: 1, valueLabel: "kind");
        yield return BuildCase(
            "a value twice", "Metric family 'acme' contains a column twice in Values. Remove one of them.", ["n", "n"],
            valueLabel: "kind");
        yield return BuildCase(
            "a gauge with buckets", "Metric family 'acme' is of type Gauge, which takes no buckets. Use Values.", ["n"],
            buckets: Buckets);
        yield return BuildCase(
            "a histogram with values", "Metric family 'acme' is of type Histogram, which takes no values. Use Buckets " +
            "and Sum.", ["n"], type: MetricType.Histogram, buckets: Buckets);
        yield return BuildCase(
            "a histogram without +Inf", "Metric family 'acme' has no bucket with the bound double.PositiveInfinity, " +
            "which counts all observations. Add it.", type: MetricType.Histogram, buckets: new() { [1] = "one" });
        yield return BuildCase(
            "a bound NaN", "Metric family 'acme' has a bucket with the bound NaN. Remove it.",
            type: MetricType.Histogram, buckets: new(Buckets) { [double.NaN] = "one" });
        yield return BuildCase("an empty column", "Metric family 'acme' has a column without a name. Name it.", [""]);
        yield return BuildCase("an invalid name", "'a-b' is not a valid metric name", ["n"], name: "a-b");
        yield return BuildCase(
            "an invalid label", "'a-b' is not a valid label name for metric family 'acme'", ["n"], labels: ["a-b"]);
        yield return BuildCase(
            "a label twice", "Label 'kind' of metric family 'acme' occurs twice.", ["n"], labels: ["kind"],
            valueLabel: "kind");
        yield return BuildCase(
            "a reserved label", "Label 'le' of metric family 'acme' is reserved", type: MetricType.Histogram,
            buckets: Buckets, labels: ["le"]);

        static TestCaseData BuildCase(
            string what, string message, string[]? values = null, MetricType type = MetricType.Gauge,
            double? constant = null, string? valueLabel = null, Dictionary<double, string>? buckets = null,
            string[]? labels = null, string name = "acme") =>
            new TestCaseData(
                new SqlMetricFamily
                {
                    Type = type,
                    Name = name,
                    Help = "",
                    Values = values ?? [],
                    ConstantValue = constant,
                    ValueLabel = valueLabel,
                    Buckets = buckets ?? [],
                    Labels = labels ?? [],
                },
                message).SetArgDisplayNames(what);
    }

    [TestCaseSource(nameof(BuildInvalidFamilies))]
    public void Invalid_family_is_an_error_at_registration(SqlMetricFamily family, string message)
    {
        var builder = new ServiceCollection().AddOrchestratorMetrics();

        Assert.That(
            () => builder.AddSqlMetrics("query", "SELECT 1 AS n", metrics => metrics.Add(family)),
            Throws.InstanceOf<ArgumentException>().With.Message.StartsWith(message));
    }

    [TestCase(MetricType.Counter, "Other.", "", false, "help texts 'N.' and 'Other.'")]
    [TestCase(MetricType.Gauge, "N.", "", false, "types Counter and Gauge")]
    [TestCase(MetricType.Counter, "N.", "n", false, "units '' and 'n'")]
    [TestCase(MetricType.Counter, "N.", "", true, "sample names with and without the suffix '_total'")]
    public void Families_of_one_name_that_differ_are_an_error_at_registration(
        MetricType type, string help, string unit, bool keepsName, string difference)
    {
        var builder = new ServiceCollection().AddOrchestratorMetrics();
        var other = new SqlMetricFamily
        {
            Type = type,
            Name = "acme_n",
            Help = help,
            Unit = unit,
            KeepsName = keepsName,
            Values = ["n"],
        };

        Assert.That(
            () => builder.AddSqlMetrics(
                "query", "SELECT 1 AS n",
                metrics => metrics.Counter("acme_n_total", "N.", "n").AddQuery("SELECT 2 AS n", more => more.Add(other))),
            Throws.ArgumentException.With.Message.StartsWith(
                $"Metric family 'acme_n' is added twice, with the {difference}."));
    }

    [Test]
    public void Additional_query_without_families_is_an_error_at_registration()
    {
        var builder = new ServiceCollection().AddOrchestratorMetrics();

        Assert.That(
            () => builder.AddSqlMetrics(
                "query", "SELECT 1 AS n", metrics => metrics.Gauge("acme", "", "n").AddQuery("SELECT 2", _ => { })),
            Throws.ArgumentException.With.Message.StartsWith("The query defines no metric family."));
    }

    [Test]
    public void Family_that_another_collector_declares_is_a_startup_error()
    {
        using var provider = new ServiceCollection().AddOrchestratorMetrics()
            .AddSqlMetrics("first", "SELECT 1 AS n", metrics => metrics.Counter("acme_n", "", "n"))
            .AddSqlMetrics("second", "SELECT 1 AS n", metrics => metrics.Gauge("acme_n", "", "n"))
            .Services.BuildServiceProvider();

        Assert.That(
            provider.GetRequiredService<OrchestratorMetricsRegistry>,
            Throws.InstanceOf<OptionsValidationException>().With.Message.StartsWith(
                "Collectors 'first' and 'second' both declare metric family 'acme_n'."));
    }

    [TestCase("", "SELECT 1", "name")]
    [TestCase("query", " ", "query")]
    [TestCase("query", "SELECT 1", "define")]
    public void Missing_argument_is_an_error(string name, string query, string parameter)
    {
        var builder = new ServiceCollection().AddOrchestratorMetrics();

        Assert.That(
            () => builder.AddSqlMetrics(name, query, _ => { }),
            Throws.InstanceOf<ArgumentException>().With.Property("ParamName").EqualTo(parameter));
    }

    [Test]
    public void Later_changes_to_the_collections_do_not_change_the_family()
    {
        var labels = new List<string> { "site" };
        var constants = new Dictionary<string, string> { ["a"] = "b" };
        var family = new SqlMetricFamily
        {
            Type = MetricType.Gauge,
            Name = "acme",
            Help = "",
            Labels = labels,
            Values = labels,
            ConstantLabels = constants,
        };

        labels.Clear();
        constants.Clear();

        Assert.That(family.Labels, Is.EqualTo(new[] { "site" }));
        Assert.That(family.Values, Is.EqualTo(new[] { "site" }));
        Assert.That(family.ConstantLabels, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Options_of_the_collector_apply_and_its_families_are_declared()
    {
        await using var sqlite = new TemporarySqlite();
        await using var services = SqlMetricsHost.BuildServices(sqlite.DataSource, metrics => metrics.AddSqlMetrics(
            "query", "SELECT 1 AS n",
            define => define.Gauge("acme_n", "", "n").Counter("acme_count", "", "n").Add(new SqlMetricFamily
            {
                Type = MetricType.Counter,
                Name = "acme_kept",
                Help = "",
                KeepsName = true,
                Unit = "kept",
                Values = ["n"],
            }).Add(new SqlMetricFamily
            {
                Type = MetricType.Gauge,
                Name = "acme_wait",
                Help = "",
                Unit = "seconds",
                Values = ["n"],
            }),
            options => options.Tags = ["slow"]));
        var registry = services.GetRequiredService<OrchestratorMetricsRegistry>();
        CollectorRegistration? found = null;

        await registry.CollectAsync(new ScrapeRequest { Predicate = collector => (found = collector) is not null }).Soon();

        Assert.That(found!.Name, Is.EqualTo("query"));
        Assert.That(found.Tags, Is.EquivalentTo(new[] { "slow" }));
        Assert.That(
            found.FamilyNames, Is.EqualTo(new[] { "acme_n", "acme_count", "acme_kept", "acme_wait_seconds" }));
    }
}
