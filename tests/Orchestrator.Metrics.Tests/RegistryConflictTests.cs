using Microsoft.Extensions.Logging;
using Orchestrator.Metrics.Tests.Collection;

namespace Orchestrator.Metrics.Tests;

/// <summary>Two collectors that declared nothing and return one family: only a scrape can find that out.</summary>
public class RegistryConflictTests
{
    [Test]
    public async Task The_later_collector_fails_and_the_log_names_both()
    {
        await using var host = new MetricsHost();
        Add(host, "earlier", MetricFamily.Gauge("shared", ""));
        Add(host, "later", MetricFamily.Gauge("own", ""), MetricFamily.Gauge("shared", ""));

        var failure = await host.FailedScrapeAsync();

        Assert.That(failure.FailedCollectors, Is.EqualTo(new[] { "later" }));
        var entry = host.Log.Entries.Single();
        Assert.That(entry.Level, Is.EqualTo(LogLevel.Error));
        Assert.That(entry.Message, Does.StartWith(
            "Collectors earlier and later both returned metric family shared, so later failed."));
    }

    [Test]
    public async Task None_of_the_later_ones_families_are_served()
    {
        await using var host = new MetricsHost(
            configure: options => options.FailurePolicy = FailurePolicy.ReportAndContinue);
        Add(host, "earlier", MetricFamily.Gauge("shared", ""));
        Add(host, "later", MetricFamily.Gauge("own", ""), MetricFamily.Gauge("shared", ""));
        Add(host, "third", MetricFamily.Gauge("own", ""));

        var snapshot = await host.ScrapeAsync();

        // A collector that failed claims nothing, so the third may have the name.
        Assert.That(snapshot.Names().Where(name => !name.StartsWith("wfo_", StringComparison.Ordinal)),
            Is.EqualTo(new[] { "shared", "own" }));
        Assert.That(snapshot.Lines("success"), Is.EqualTo(new[]
        {
            "wfo_scrape_collector_success{collector=\"earlier\"} 1.0",
            "wfo_scrape_collector_success{collector=\"later\"} 0.0",
            "wfo_scrape_collector_success{collector=\"third\"} 1.0",
        }));
    }

    [Test]
    public async Task Samples_of_one_name_are_a_conflict_too()
    {
        await using var host = new MetricsHost();
        Add(host, "earlier", MetricFamily.Summary("x", ""));
        Add(host, "later", MetricFamily.Gauge("x_sum", ""));

        Assert.That((await host.FailedScrapeAsync()).FailedCollectors, Is.EqualTo(new[] { "later" }));
    }

    [Test]
    public async Task A_name_of_samples_and_the_families_of_both_are_told()
    {
        await using var host = new MetricsHost();
        Add(host, "earlier", MetricFamily.Gauge("own", ""), MetricFamily.Gauge("h_bucket", ""));
        Add(host, "later", MetricFamily.Histogram("h", ""));

        var failure = await host.FailedScrapeAsync();

        Assert.That(host.Log.Entries.Single().Message, Is.EqualTo(
            "Collectors earlier and later both write the name h_bucket, in metric family h_bucket and in metric " +
            "family h, so later failed. Rename the family in one of them, or unregister one of them."));
        Assert.That(failure.InnerException!.Message, Is.EqualTo(
            "Collectors 'earlier' and 'later' both write the name 'h_bucket', in metric family 'h_bucket' and in " +
            "metric family 'h'."));
    }

    [Test]
    public async Task It_is_over_when_the_earlier_one_is_unregistered()
    {
        await using var host = new MetricsHost();
        Add(host, "earlier", MetricFamily.Gauge("shared", ""));
        Add(host, "later", MetricFamily.Gauge("shared", ""));
        await host.FailedScrapeAsync();

        host.Registry.Unregister("earlier");

        Assert.That((await host.ScrapeAsync()).Names(), Is.EqualTo(new[] { "shared" }));
    }

    [Test]
    public async Task A_collector_cannot_take_the_names_of_the_scrape_metrics()
    {
        await using var host = new MetricsHost(configure: options => options.ScrapeMetrics = true);
        Add(host, "impostor", MetricFamily.Gauge("wfo_scrape_collector_success", ""));

        Assert.That((await host.FailedScrapeAsync()).FailedCollectors, Is.EqualTo(new[] { "impostor" }));
    }

    private static void Add(MetricsHost host, string name, params MetricFamily[] families) =>
        host.Registry.Register(FakeCollector.Returning(families), options => options.Name = name);
}
