using Moq;

namespace Orchestrator.Metrics.Tests.Collectors;

public class GoldenTests
{
    [Test]
    public async Task Golden_rows_give_the_golden_exposition_byte_for_byte()
    {
        using var host = new DefaultCollectorHost();
        using var stream = new MemoryStream();

        await host.Registry.WriteAsync(stream, ExpositionFormat.PrometheusText).Soon();

        // Guards against an empty golden file.
        Assert.That(GoldenRows.Exposition, Has.Length.GreaterThan(2000));
        Assert.That(stream.ToArray(), Is.EqualTo(File.ReadAllBytes(TestFiles.GetGolden("default-metrics.txt"))));
    }

    [Test]
    public async Task Counts_have_the_unit_of_orchestrator_core()
    {
        using var host = new DefaultCollectorHost();

        var metrics = await host.Registry.CollectAsync().Soon();

        Assert.That(metrics.Families.Select(family => (family.Name, family.Unit)), Is.EqualTo(new[]
        {
            ("wfo_subscriptions_count", "count"), ("wfo_process_count", "count"),
            ("wfo_process_seconds_total_count", "count"), ("wfo_engine_status", ""),
            ("wfo_active_process_count", "count"),
        }));
    }

    [Test]
    public async Task Families_follow_the_conventions_except_for_the_inherited_names()
    {
        using var host = new DefaultCollectorHost();

        var metrics = await host.Registry.CollectAsync().Soon();

        Assert.That(metrics.Lint(), Is.Empty);
        Assert.That(metrics.Lint(exemptInheritedNames: false), Has.Count.EqualTo(4));
    }

    [Test]
    public async Task Repository_without_rows_gives_families_without_samples()
    {
        using var host = new DefaultCollectorHost(DefaultCollectors.Subscriptions | DefaultCollectors.Processes);
        host.Subscriptions.Setup(repository => repository.GetSubscriptionCountsAsync(It.IsAny<CancellationToken>()))
            .ReturnsAsync([]);
        host.Processes.Setup(repository => repository.GetProcessCountsAsync(It.IsAny<CancellationToken>()))
            .ReturnsAsync([]);

        Assert.That(await host.GetTextAsync(), Is.EqualTo("""
            # HELP wfo_subscriptions_count Number of subscriptions per product, lifecycle state, customer, and in sync state.
            # TYPE wfo_subscriptions_count gauge
            # HELP wfo_process_count Number of processes per status, creator, task, product, workflow, customer, and target.
            # TYPE wfo_process_count gauge
            # HELP wfo_process_seconds_total_count Total time spent on processes in seconds.
            # TYPE wfo_process_seconds_total_count gauge

            """));
        Assert.That(host.Log.Entries, Is.Empty);
    }
}
