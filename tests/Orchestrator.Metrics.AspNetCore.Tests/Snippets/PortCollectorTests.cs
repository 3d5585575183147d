// The snippets of the README of the test kit, compiled and run. ReadmeTests compares them.
#pragma warning disable IDE0005

using Orchestrator.Metrics.Testing;

namespace Orchestrator.Metrics.Tests.Snippets;

public class PortCollectorTests
{
    [Test]
    public async Task Ports_are_counted_per_site_and_state()
    {
        var metrics = await new PortCollector(new Inventory()).ScrapeAsync();

        metrics.AssertEqual("""
            # HELP acme_ports Ports, per site and state.
            # TYPE acme_ports gauge
            acme_ports{site="Oslo",state="free"} 14
            acme_ports{site="Oslo",state="used"} 34
            acme_ports{site="Rome",state="used"} 48
            """);
        metrics.AssertValidOpenMetrics();
        Assert.That(metrics.Lint(), Is.Empty);
    }
}

public class SnapshotSnippetTests
{
    [Test]
    public async Task Value_is_read_by_name_and_labels()
    {
        var metrics = await new PortCollector(new Inventory()).ScrapeAsync();

        Assert.That(metrics.TryGetValue("acme_ports", out var free, ("site", "Oslo"), ("state", "free")), Is.True);
        Assert.That(free, Is.EqualTo(14));
    }

    [Test]
    public async Task Collector_with_a_context_is_created_in_a_test()
    {
        using var context = new CollectorContext(timeRemaining: TimeSpan.FromSeconds(5), maxSamples: 100);

        var metrics = await new DeviceCollector(new Inventory(), context).ScrapeAsync();

        Assert.That(metrics.TryGetValue("acme_devices", out var devices, ("site", "Rome")), Is.True);
        Assert.That(devices, Is.EqualTo(5));
    }
}
