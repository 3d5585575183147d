using Orchestrator.Metrics.Tests.Collection;

namespace Orchestrator.Metrics.Tests;

public class RegistryNamesTests
{
    [Test]
    public async Task Only_collectors_that_may_provide_a_requested_name_run()
    {
        await using var host = new MetricsHost();
        var wanted = Add(host, "wanted", "wanted");
        var other = Add(host, "other", "other");
        var undeclared = Add(host, "undeclared");

        var snapshot = await host.Registry.CollectAsync(new() { Names = ["wanted"] }).Soon();

        Assert.That(snapshot.GetNames(), Is.EqualTo(new[] { "wanted" }));
        Assert.That((wanted.Runs, other.Runs, undeclared.Runs), Is.EqualTo((1, 0, 1)));
    }

    [Test]
    public async Task Unknown_name_gives_an_empty_snapshot_without_running_collectors_that_declare_names()
    {
        await using var host = new MetricsHost();
        var collector = Add(host, "x", "x");

        Assert.That((await host.Registry.CollectAsync(new() { Names = ["nothing"] }).Soon()).Families, Is.Empty);
        Assert.That((await host.Registry.CollectAsync(new() { Names = [] }).Soon()).Families, Is.Empty);
        Assert.That(collector.Runs, Is.Zero);
    }

    [Test]
    public async Task Name_that_only_resembles_a_family_name_does_not_run_the_collector()
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
    public async Task Name_of_a_family_or_sample_selects_its_samples(string name, int samples)
    {
        await using var host = new MetricsHost();
        var family = MetricFamily.Histogram("h", "");
        family.Add(MetricPoint.Histogram(
            [new HistogramBucket(1, 1), new HistogramBucket(double.PositiveInfinity, 2)], sum: 3));
        host.Registry.Register(FakeCollector.Returning(family), options => options.FamilyNames = ["h"]);

        var snapshot = await host.Registry.CollectAsync(new() { Names = [name] }).Soon();

        Assert.That(snapshot.GetLines("h"), Has.Length.EqualTo(samples));
        Assert.That(snapshot.GetLines("h"), Has.All.StartsWith(name));
    }

    [Test]
    public async Task Counter_is_selected_by_its_sample_name()
    {
        await using var host = new MetricsHost();
        var family = MetricFamily.Counter("jobs", "");
        family.Add(3);
        host.Registry.Register(FakeCollector.Returning(family), options => options.FamilyNames = ["jobs"]);

        Assert.That((await host.Registry.CollectAsync(new() { Names = ["jobs_total"] }).Soon()).GetLines("jobs"),
            Is.EqualTo(new[] { "jobs_total 3.0" }));
    }

    [Test]
    public async Task Collector_without_a_requested_name_cannot_fail_the_scrape()
    {
        await using var host = new MetricsHost();
        Add(host, "fine", "fine");
        host.Registry.Register(FakeCollector.Failing(new InvalidOperationException()), options =>
        {
            options.Name = "broken";
            options.FamilyNames = ["broken"];
        });

        var snapshot = await host.Registry.CollectAsync(new() { Names = ["fine"] }).Soon();

        Assert.That(snapshot.GetNames(), Is.EqualTo(new[] { "fine" }));
    }

    [Test]
    public async Task Scrape_fails_if_all_collectors_with_requested_names_fail()
    {
        await using var host = new MetricsHost(
            configure: options => options.FailurePolicy = FailurePolicy.ReportAndContinue);
        Add(host, "fine", "fine");
        host.Registry.Register(FakeCollector.Failing(new InvalidOperationException()), options =>
        {
            options.Name = "broken";
            options.FamilyNames = ["broken"];
        });

        var failure = await MetricsHost.CatchFailureAsync(
            host.Registry.CollectAsync(new() { Names = ["broken"] }).Soon());

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
