using Orchestrator.Metrics.Tests.Collection;

namespace Orchestrator.Metrics.Tests;

public class RegistryResultTests
{
    [Test]
    public async Task Null_list_is_a_failure_with_the_remedy()
    {
        var error = await GetErrorAsync(new FakeCollector(
            _ => Task.FromResult<IReadOnlyList<MetricFamily>>(null!)));

        Assert.That(error.Message, Does.Contain("'FakeCollector'").And.Contain("empty list"));
    }

    [Test]
    public async Task Options_that_change_after_the_registry_was_created_have_no_effect()
    {
        var options = new OrchestratorMetricsOptions();
        using var registry = new OrchestratorMetricsRegistry(options);
        registry.Register(FakeCollector.Counting("x"));

        options.ScrapeMetrics = true;

        Assert.That((await registry.CollectAsync()).GetNames(), Is.EqualTo(new[] { "x" }));
    }

    [Test]
    public async Task Null_task_is_a_failure() =>
        await GetErrorAsync<Exception>(new FakeCollector(_ => null!));

    [Test]
    public async Task Null_family_is_a_failure() =>
        await GetErrorAsync(FakeCollector.Returning(MetricFamily.Gauge("x", ""), null!));

    [Test]
    public async Task Empty_list_is_valid()
    {
        await using var host = new MetricsHost();
        host.Registry.Register(FakeCollector.Returning());

        Assert.That((await host.ScrapeAsync()).Families, Is.Empty);
    }

    [Test]
    public async Task Undeclared_family_is_a_failure_that_names_it()
    {
        var error = await GetErrorAsync(
            FakeCollector.Counting("surprise"), options => options.FamilyNames = ["a", "b"]);

        Assert.That(error.Message, Does.Contain("'surprise'").And.Contain("(a, b)").And.Contain("'FakeCollector'"));
    }

    [Test]
    public async Task Declared_family_may_be_omitted()
    {
        await using var host = new MetricsHost();
        host.Registry.Register(FakeCollector.Counting("a"), options => options.FamilyNames = ["a", "b"]);

        Assert.That((await host.ScrapeAsync()).GetNames(), Is.EqualTo(new[] { "a" }));
    }

    [TestCase("jobs")]
    [TestCase("jobs_total")]
    public async Task Counter_may_be_declared_with_or_without_its_suffix(string declared)
    {
        await using var host = new MetricsHost();
        host.Registry.Register(
            FakeCollector.Returning(MetricFamily.Counter("jobs_total", "")),
            options => options.FamilyNames = [declared]);

        Assert.That((await host.ScrapeAsync()).GetNames(), Is.EqualTo(new[] { "jobs" }));
    }

    [TestCase("build")]
    [TestCase("build_info")]
    public async Task Info_may_be_declared_with_or_without_its_suffix(string declared)
    {
        await using var host = new MetricsHost();
        var family = MetricFamily.Info("build_info", "");
        family.Add(MetricPoint.Info([]));
        host.Registry.Register(FakeCollector.Returning(family), options => options.FamilyNames = [declared]);

        Assert.Multiple(() =>
        {
            foreach (var name in (string[])["build", "build_info"])
            {
                var snapshot = host.Registry.CollectAsync(new() { Names = [name] }).Result;
                Assert.That(snapshot.GetLines("build"), Has.Length.EqualTo(1));
            }
        });
    }

    [Test]
    public async Task Gauge_whose_name_ends_in_total_can_be_declared()
    {
        await using var host = new MetricsHost();
        host.Registry.Register(
            FakeCollector.Counting("acme_disk_total"), options => options.FamilyNames = ["acme_disk_total"]);

        Assert.That((await host.ScrapeAsync()).GetNames(), Is.EqualTo(new[] { "acme_disk_total" }));
    }

    [Test]
    public async Task Two_families_of_one_collector_that_share_a_sample_name_are_a_failure()
    {
        var error = await GetErrorAsync(FakeCollector.Returning(
            MetricFamily.Histogram("x", ""), MetricFamily.Gauge("x_count", "")));

        Assert.That(error.Message, Does.Contain("'x'").And.Contain("'x_count'"));
    }

    [Test]
    public async Task Family_built_once_may_be_returned_in_each_run()
    {
        await using var host = new MetricsHost();
        var family = MetricFamily.Gauge("constant", "");
        family.Add(42);
        host.Registry.Register(FakeCollector.Returning(family));

        Assert.That((await host.ScrapeAsync()).GetValue("constant"), Is.EqualTo(42));
        Assert.That((await host.ScrapeAsync()).GetValue("constant"), Is.EqualTo(42));
    }

    [Test]
    public async Task Adding_a_sample_to_a_collected_family_throws()
    {
        await using var host = new MetricsHost();
        var family = MetricFamily.Gauge("constant", "");
        family.Add(42);
        host.Registry.Register(FakeCollector.Returning(family));
        await host.ScrapeAsync();

        var error = Assert.Throws<InvalidOperationException>(() => family.Add(43));

        Assert.That(error.Message, Does.Contain("'constant'").And.Contain("new family"));
    }

    [Test]
    public async Task Changing_the_returned_list_does_not_change_the_cached_result()
    {
        await using var host = new MetricsHost();
        var families = new List<MetricFamily> { MetricFamily.Gauge("x", "") };
        host.Registry.Register(
            new FakeCollector(_ => Task.FromResult<IReadOnlyList<MetricFamily>>(families)),
            options => options.CacheFor = TimeSpan.FromHours(1));

        await host.ScrapeAsync();
        families.Clear();

        Assert.That((await host.ScrapeAsync()).GetNames(), Is.EqualTo(new[] { "x" }));
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Duplicate_samples_are_a_failure_unless_the_check_is_off(bool check)
    {
        await using var host = new MetricsHost(configure: options =>
        {
            if (!check)
                options.CheckDuplicateSamples = false;
        });
        var family = MetricFamily.Gauge("seats", "", "product");
        family.Add(1, "ide");
        family.Add(2, "ide");
        host.Registry.Register(FakeCollector.Returning(family));

        if (!check)
        {
            Assert.That((await host.ScrapeAsync()).GetValues("seats"), Is.EqualTo(new[] { 1d, 2d }));
            return;
        }

        var failure = await host.ScrapeAndCatchAsync();
        Assert.That(failure.InnerException!.Message, Does.Contain("'seats'").And.Contain("ide"));
        Assert.That(failure.Message, Does.Not.Contain("ide"));
    }

    [Test]
    public async Task Samples_with_different_labels_are_not_duplicates()
    {
        await using var host = new MetricsHost();
        var family = MetricFamily.Gauge("seats", "", "product", "site");
        family.Add(1, "a", "b");
        family.Add(2, "b", "a");
        family.Add(3, "ab", "");
        family.Add(4, "", "ab");
        host.Registry.Register(FakeCollector.Returning(family));

        Assert.That((await host.ScrapeAsync()).GetValues("seats"), Has.Length.EqualTo(4));
    }

    [TestCase(3, true)]
    [TestCase(4, false)]
    public async Task Collector_with_more_samples_than_allowed_fails(int samples, bool allowed)
    {
        await using var host = new MetricsHost(configure: options => options.MaxSamplesPerCollector = 3);
        var first = MetricFamily.Gauge("first", "", "row");
        var second = MetricFamily.Gauge("second", "", "row");
        for (var i = 0; i < samples; i++)
            (i % 2 == 0 ? first : second).Add(i, $"{i}");
        host.Registry.Register(FakeCollector.Returning(first, second));

        if (allowed)
        {
            Assert.That((await host.ScrapeAsync()).Families.Sum(family => family.SampleCount), Is.EqualTo(3));
            return;
        }

        var failure = await host.ScrapeAndCatchAsync();
        Assert.That(
            failure.InnerException!.Message,
            Does.Contain("4 samples").And.Contain("3").And.Contain("MaxSamplesPerCollector"));
    }

    private static Task<InvalidOperationException> GetErrorAsync(
        IMetricsCollector collector, Action<CollectorOptions>? configure = null) =>
        GetErrorAsync<InvalidOperationException>(collector, configure);

    private static async Task<T> GetErrorAsync<T>(
        IMetricsCollector collector, Action<CollectorOptions>? configure = null)
        where T : Exception
    {
        await using var host = new MetricsHost();
        host.Registry.Register(collector, configure);
        var failure = await host.ScrapeAndCatchAsync();
        Assert.That(failure.InnerException, Is.InstanceOf<T>());
        return (T)failure.InnerException!;
    }
}
