using Orchestrator.Metrics.Tests.Collection;

namespace Orchestrator.Metrics.Tests;

/// <summary>Scrapes that ask for some names only, as <c>?name[]=</c> does.</summary>
public class RegistryNamesTests
{
    [Test]
    public async Task Only_collectors_that_may_have_a_name_run()
    {
        await using var host = new MetricsHost();
        var wanted = Add(host, "wanted", "wanted");
        var other = Add(host, "other", "other");
        var undeclared = Add(host, "undeclared");

        var snapshot = await host.Registry.CollectAsync(new() { Names = ["wanted"] }).Soon();

        Assert.That(snapshot.Names(), Is.EqualTo(new[] { "wanted" }));
        Assert.That((wanted.Runs, other.Runs, undeclared.Runs), Is.EqualTo((1, 0, 1)));
    }

    [Test]
    public async Task A_name_that_nothing_has_gives_an_empty_snapshot_and_runs_nothing_that_declared()
    {
        await using var host = new MetricsHost();
        var collector = Add(host, "x", "x");

        Assert.That((await host.Registry.CollectAsync(new() { Names = ["nothing"] }).Soon()).Families, Is.Empty);
        Assert.That((await host.Registry.CollectAsync(new() { Names = [] }).Soon()).Families, Is.Empty);
        Assert.That(collector.Runs, Is.Zero);
    }

    [Test]
    public async Task A_name_that_merely_begins_like_a_family_does_not_run_it()
    {
        await using var host = new MetricsHost();
        var collector = Add(host, "job", "job");

        await host.Registry.CollectAsync(new() { Names = ["jobs", "job_", "job_buckets", "jo"] }).Soon();

        Assert.That(collector.Runs, Is.Zero);
    }

    [TestCase("h_bucket", 2)]
    [TestCase("h_sum", 1)]
    [TestCase("h_count", 1)]
    [TestCase("h", 4)]
    public async Task A_name_of_a_sample_selects_those_samples(string name, int samples)
    {
        await using var host = new MetricsHost();
        var family = MetricFamily.Histogram("h", "");
        family.Add(MetricPoint.Histogram(
            [new HistogramBucket(1, 1), new HistogramBucket(double.PositiveInfinity, 2)], sum: 3));
        host.Registry.Register(FakeCollector.Returning(family), options => options.FamilyNames = ["h"]);

        var snapshot = await host.Registry.CollectAsync(new() { Names = [name] }).Soon();

        Assert.That(snapshot.Lines("h"), Has.Length.EqualTo(samples));
        Assert.That(snapshot.Lines("h"), Has.All.StartsWith(name));
    }

    [Test]
    public async Task A_counter_is_found_by_the_name_of_its_sample()
    {
        await using var host = new MetricsHost();
        var family = MetricFamily.Counter("jobs", "");
        family.Add(3);
        host.Registry.Register(FakeCollector.Returning(family), options => options.FamilyNames = ["jobs"]);

        Assert.That((await host.Registry.CollectAsync(new() { Names = ["jobs_total"] }).Soon()).Lines("jobs"),
            Is.EqualTo(new[] { "jobs_total 3.0" }));
    }

    [Test]
    public async Task A_collector_that_was_not_asked_cannot_fail_the_scrape()
    {
        await using var host = new MetricsHost();
        Add(host, "fine", "fine");
        host.Registry.Register(FakeCollector.Failing(new InvalidOperationException()), options =>
        {
            options.Name = "broken";
            options.FamilyNames = ["broken"];
        });

        Assert.That((await host.Registry.CollectAsync(new() { Names = ["fine"] }).Soon()).Names(), Is.EqualTo(new[] { "fine" }));
    }

    [Test]
    public async Task If_all_that_were_asked_failed_the_scrape_fails_whatever_the_others_do()
    {
        await using var host = new MetricsHost(
            configure: options => options.FailurePolicy = FailurePolicy.ReportAndContinue);
        Add(host, "fine", "fine");
        host.Registry.Register(FakeCollector.Failing(new InvalidOperationException()), options =>
        {
            options.Name = "broken";
            options.FamilyNames = ["broken"];
        });

        var failure = await MetricsHost.FailureAsync(host.Registry.CollectAsync(new() { Names = ["broken"] }).Soon());

        Assert.That(failure.FailedCollectors, Is.EqualTo(new[] { "broken" }));
    }

    private static FakeCollector Add(MetricsHost host, string family, params string[] declared)
    {
        var collector = FakeCollector.Counting(family);
        host.Registry.Register(collector, options =>
        {
            options.Name = family;
            options.FamilyNames = declared.Length > 0 ? declared : null;
        });
        return collector;
    }
}
