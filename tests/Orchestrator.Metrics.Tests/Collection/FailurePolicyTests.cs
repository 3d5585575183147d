using Microsoft.Extensions.Logging;

namespace Orchestrator.Metrics.Tests.Collection;

public class FailurePolicyTests
{
    private const string Marker = "Host=db-prod-7;Password=hunter2";

    [Test]
    public async Task By_default_one_failure_fails_the_scrape()
    {
        await using var host = CreateHost(FailurePolicy.FailScrape, "broken", "fine");

        var failure = await host.ScrapeAndCatchAsync();

        Assert.That(new OrchestratorMetricsOptions().FailurePolicy, Is.EqualTo(FailurePolicy.FailScrape));
        Assert.That(failure.FailedCollectors, Is.EqualTo(new[] { "broken" }));
        Assert.That(failure.Message, Is.EqualTo(
            "This collector failed: broken. See the inner exception for the cause."));
    }

    [Test]
    public async Task Failed_collectors_are_named_in_the_order_of_registration()
    {
        await using var host = CreateHost(FailurePolicy.FailScrape, "broken b", "fine", "broken a");

        var failure = await host.ScrapeAndCatchAsync();

        Assert.That(failure.FailedCollectors, Is.EqualTo(new[] { "broken b", "broken a" }));
        Assert.That(failure.Message, Is.EqualTo(
            "These collectors failed: broken b, broken a. See the inner exception for the cause."));
        Assert.That(((AggregateException)failure.InnerException!).InnerExceptions, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Message_of_a_failed_scrape_omits_the_cause_and_the_log_contains_it()
    {
        await using var host = CreateHost(FailurePolicy.FailScrape, "broken b", "broken a");

        var failure = await host.ScrapeAndCatchAsync();

        Assert.That(
            failure.Message, Does.Not.Contain("db-prod").And.Not.Contain("hunter2").And.Not.Contain("Exception"));
        Assert.That(
            host.Log.GetEntries(LogLevel.Error).Select(entry => (entry.Exception!.Message, entry.Message)),
            Is.EquivalentTo(new[] { (Marker, "Collector broken b failed."), (Marker, "Collector broken a failed.") }));
    }

    [Test]
    public async Task ReportAndContinue_serves_the_other_collectors_and_reports_the_failures()
    {
        await using var host = CreateHost(FailurePolicy.ReportAndContinue, "fine", "broken", "good");

        var snapshot = await host.ScrapeAsync();

        Assert.That(snapshot.GetNames()[..2], Is.EqualTo(new[] { "fine", "good" }));
        Assert.That(snapshot.GetLines("success{collector=\"broken\"}").Single(), Does.EndWith(" 0.0"));
        Assert.That(snapshot.ToText(ExpositionFormat.PrometheusText), Does.Not.Contain("db-prod"));
        Assert.That(host.Log.GetEntries(LogLevel.Error).Count(), Is.EqualTo(1));
    }

    [Test]
    public async Task Scrape_fails_under_ReportAndContinue_if_all_collectors_failed()
    {
        await using var host = CreateHost(FailurePolicy.ReportAndContinue, "broken b", "broken a");

        var failure = await host.ScrapeAndCatchAsync();

        Assert.That(failure.FailedCollectors, Is.EqualTo(new[] { "broken b", "broken a" }));
        Assert.That(failure.TimedOut, Is.False);
    }

    [Test]
    public async Task FailScrape_of_a_collector_overrides_ReportAndContinue_of_the_registry()
    {
        await using var host = CreateHost(FailurePolicy.ReportAndContinue, FailurePolicy.FailScrape, "fine", "broken");

        var failure = await host.ScrapeAndCatchAsync();

        Assert.That(failure.FailedCollectors, Is.EqualTo(new[] { "broken" }));
    }

    [Test]
    public async Task ReportAndContinue_of_a_collector_overrides_FailScrape_of_the_registry()
    {
        await using var host = CreateHost(FailurePolicy.FailScrape, FailurePolicy.ReportAndContinue, "fine", "broken");

        var snapshot = await host.ScrapeAsync();

        Assert.That(snapshot.GetNames()[0], Is.EqualTo("fine"));
        Assert.That(snapshot.GetLines("success{collector=\"broken\"}").Single(), Does.EndWith(" 0.0"));
        Assert.That(snapshot.GetLines("success{collector=\"fine\"}").Single(), Does.EndWith(" 1.0"));
    }

    [Test]
    public async Task Scrape_fails_under_ReportAndContinue_of_the_only_collector_if_the_collector_failed()
    {
        await using var host = CreateHost(FailurePolicy.FailScrape, FailurePolicy.ReportAndContinue, "broken");

        Assert.That((await host.ScrapeAndCatchAsync()).FailedCollectors, Is.EqualTo(new[] { "broken" }));
    }

    [Test]
    public async Task Scrape_without_collectors_succeeds()
    {
        await using var host = CreateHost(FailurePolicy.ReportAndContinue);

        Assert.That((await host.ScrapeAsync()).Families.Sum(family => family.SampleCount), Is.Zero);
    }

    [Test]
    public async Task Failed_scrape_writes_nothing_to_the_stream()
    {
        await using var host = CreateHost(FailurePolicy.FailScrape, "fine", "broken");
        using var stream = new MemoryStream();

        await MetricsHost.CatchAsync<MetricsCollectionException>(
            host.Registry.WriteAsync(stream, ExpositionFormat.PrometheusText).Soon());

        Assert.That(stream.Length, Is.Zero);
    }

    [Test]
    public async Task Successful_scrape_logs_nothing()
    {
        await using var host = CreateHost(FailurePolicy.ReportAndContinue, "fine", "good");

        await host.ScrapeAsync();
        await host.ScrapeAsync();

        Assert.That(host.Log.Entries, Is.Empty);
    }

    [Test]
    public async Task Disconnected_caller_is_not_logged_as_a_failure()
    {
        var collector = new GatedCollector("x");
        await using var host = new MetricsHost(builder => builder.AddCollector(collector));
        await host.DisconnectAsync(collector);
        var entry = await host.Log.WaitForAsync(_ => true);

        Assert.That(entry.Level, Is.EqualTo(LogLevel.Debug));
        Assert.That(host.Log.Entries, Has.Count.EqualTo(1));
    }

    private static MetricsHost CreateHost(FailurePolicy policy, params string[] collectors) =>
        CreateHost(policy, policyOfBroken: null, collectors);

    private static MetricsHost CreateHost(
        FailurePolicy policy, FailurePolicy? policyOfBroken, params string[] collectors) => new(
        builder =>
        {
            foreach (var name in collectors)
            {
                var isBroken = name.StartsWith("broken", StringComparison.Ordinal);
                builder.AddCollector(
                    isBroken
                        ? FakeCollector.Failing(new InvalidOperationException(Marker))
                        : FakeCollector.Counting(name),
                    options =>
                    {
                        options.Name = name;
                        options.FailurePolicy = isBroken ? policyOfBroken : null;
                    });
            }
        },
        options => options.FailurePolicy = policy);
}
