using Microsoft.Extensions.Logging;
using Orchestrator.Metrics.Tests.Collection;

namespace Orchestrator.Metrics.Tests;

public class RegistryConflictTests
{
    [Test]
    public async Task Families_of_the_same_name_type_unit_and_help_text_become_one_block()
    {
        await using var host = new MetricsHost();
        Add(host, "earlier", CreateSites("Oslo", 1));
        Add(host, "later", CreateSites("Rome", 2));

        Assert.That((await host.ScrapeAsync()).ToText(), Is.EqualTo("""
            # HELP sites Sites per city.
            # TYPE sites gauge
            sites{city="Oslo"} 1.0
            sites{city="Rome"} 2.0

            """));
    }

    [Test]
    public async Task Families_of_three_collectors_are_merged_in_the_order_of_registration()
    {
        await using var host = new MetricsHost();
        Add(host, "first", CreateSites("c", 3));
        Add(host, "second", CreateSites("a", 1));
        Add(host, "third", CreateSites("b", 2));

        Assert.That((await host.ScrapeAsync()).GetValues("sites"), Is.EqualTo(new double[] { 3, 1, 2 }));
    }

    [Test]
    public async Task Same_series_of_two_collectors_is_a_conflict_even_without_duplicate_checks()
    {
        await using var host = new MetricsHost(configure: options => options.CheckDuplicateSamples = false);
        Add(host, "earlier", CreateSites("Oslo", 1));
        Add(host, "later", CreateSites("Oslo", 2));

        await host.ScrapeAndCatchAsync();

        Assert.That(host.Log.Entries.Single().Message, Does.Contain(
            "both contain a sample with the labels {city=\"Oslo\"}"));
    }

    [Test]
    public async Task Duplicates_of_one_collector_are_no_conflict_without_duplicate_checks()
    {
        await using var host = new MetricsHost(configure: options => options.CheckDuplicateSamples = false);
        Add(host, "first", CreateSites("Oslo", 1));
        Add(host, "second", CreateSites("Rome", 2, 3));
        Add(host, "third", CreateSites("Bonn", 4));

        Assert.That((await host.ScrapeAsync()).GetValues("sites"), Is.EqualTo(new double[] { 1, 2, 3, 4 }));
    }

    [TestCase("Gauge", "other help", "help texts 'Sites per city.' and 'other help'")]
    [TestCase("Unknown", "Sites per city.", "types Gauge and Unknown")]
    public async Task Family_that_differs_from_an_earlier_one_is_a_conflict(string type, string help, string reason)
    {
        await using var host = new MetricsHost();
        Add(host, "earlier", CreateSites("Oslo", 1));
        Add(host, "later", MetricFamily.Gauge("own", ""), MetricFamily.Create(Enum.Parse<MetricType>(type), "sites", help));

        var failure = await host.ScrapeAndCatchAsync();

        Assert.That(failure.FailedCollectors, Is.EqualTo(new[] { "later" }));
        var entry = host.Log.Entries.Single();
        Assert.That(entry.Level, Is.EqualTo(LogLevel.Error));
        Assert.That(entry.Message, Is.EqualTo(
            "Metric family sites of collector later conflicts with metric family sites of collector earlier: they have " +
            $"the {reason}. later failed. Rename the family in one of them, or remove one collector."));
    }

    [Test]
    public async Task Collector_with_a_conflict_adds_none_of_its_families()
    {
        await using var host = new MetricsHost(
            configure: options => options.FailurePolicy = FailurePolicy.ReportAndContinue);
        Add(host, "earlier", CreateSites("Oslo", 1), MetricFamily.Gauge("shared", ""));
        Add(
            host, "later",
            MetricFamily.Gauge("own", ""), CreateSites("Rome", 2), MetricFamily.Gauge("shared", "differs"));
        Add(host, "third", MetricFamily.Gauge("own", "of the third"));

        var snapshot = await host.ScrapeAsync();

        Assert.That(snapshot.GetNames().Where(name => !name.StartsWith("wfo_", StringComparison.Ordinal)),
            Is.EqualTo(new[] { "sites", "shared", "own" }));
        Assert.That(snapshot.GetValues("sites"), Is.EqualTo(new double[] { 1 }));
        Assert.That(snapshot.GetLines("success"), Is.EqualTo(new[]
        {
            "wfo_scrape_collector_success{collector=\"earlier\"} 1.0",
            "wfo_scrape_collector_success{collector=\"later\"} 0.0",
            "wfo_scrape_collector_success{collector=\"third\"} 1.0",
        }));
    }

    [Test]
    public async Task Message_of_a_conflict_names_the_sample_and_both_families()
    {
        await using var host = new MetricsHost();
        Add(host, "earlier", MetricFamily.Gauge("own", ""), MetricFamily.Gauge("h_bucket", ""));
        Add(host, "later", MetricFamily.Histogram("h", ""));

        var failure = await host.ScrapeAndCatchAsync();

        Assert.That(host.Log.Entries.Single().Message, Is.EqualTo(
            "Metric family h of collector later conflicts with metric family h_bucket of collector earlier: both write " +
            "the name 'h_bucket'. later failed. Rename the family in one of them, or remove one collector."));
        Assert.That(failure.InnerException!.Message, Is.EqualTo(
            "Metric family 'h' of collector 'later' conflicts with metric family 'h_bucket' of collector 'earlier': " +
            "both write the name 'h_bucket'. Rename the family in one of them, or remove one collector."));
        Assert.That(failure.InnerException.Data["Family"], Is.EqualTo("h"));
    }

    [Test]
    public async Task Conflict_is_resolved_by_unregistering_the_earlier_collector()
    {
        await using var host = new MetricsHost();
        Add(host, "earlier", MetricFamily.Gauge("shared", ""));
        Add(host, "later", MetricFamily.Gauge("shared", "differs"));
        await host.ScrapeAndCatchAsync();

        host.Registry.Unregister("earlier");

        Assert.That((await host.ScrapeAsync()).GetNames(), Is.EqualTo(new[] { "shared" }));
    }

    [Test]
    public async Task Collector_cannot_use_the_names_of_the_scrape_metrics()
    {
        await using var host = new MetricsHost(configure: options => options.ScrapeMetrics = true);
        Add(host, "impostor", MetricFamily.Gauge("wfo_scrape_collector_success", ""));

        Assert.That((await host.ScrapeAndCatchAsync()).FailedCollectors, Is.EqualTo(new[] { "impostor" }));
    }

    private static MetricFamily CreateSites(string city, params double[] values)
    {
        var family = MetricFamily.Gauge("sites", "Sites per city.", "city");
        foreach (var value in values)
            family.Add(value, city);
        return family;
    }

    private static void Add(MetricsHost host, string name, params MetricFamily[] families) =>
        host.Registry.Register(FakeCollector.Returning(families), options => options.Name = name);
}
