using Orchestrator.Metrics.Tests.Collection;

namespace Orchestrator.Metrics.Tests;

public class RegistryRegistrationTests
{
    [Test]
    public async Task Families_are_in_registration_order_regardless_of_completion_order()
    {
        await using var host = new MetricsHost();
        var slow = new GatedCollector("slow");
        host.Registry.Register(slow, SetName("slow"));
        host.Registry.Register(
            FakeCollector.Returning(MetricFamily.Gauge("z", ""), MetricFamily.Gauge("a", "")), SetName("quick"));

        var scrape = host.ScrapeAsync();
        (await slow.WaitForRunAsync()).Return();

        Assert.That((await scrape).GetNames(), Is.EqualTo(new[] { "slow", "z", "a" }));
    }

    [Test]
    public async Task Registration_never_runs_a_collector()
    {
        var added = FakeCollector.Counting("added");
        var registered = FakeCollector.Counting("registered");
        await using var host = new MetricsHost(builder => builder.AddCollector(added, SetName("added")));
        host.Registry.Register(registered, SetName("registered"));
        host.Registry.Unregister(registered);
        host.Registry.Register(registered, SetName("registered"));

        // The scrape proves that runs of both collectors are counted.
        var runsBefore = (added.Runs, registered.Runs);
        await host.ScrapeAsync();

        Assert.That(runsBefore, Is.EqualTo((0, 0)));
        Assert.That((added.Runs, registered.Runs), Is.EqualTo((1, 1)));
    }

    [Test]
    public async Task Collector_is_unregistered_by_instance()
    {
        await using var host = new MetricsHost();
        var kept = FakeCollector.Counting("kept");
        var gone = FakeCollector.Counting("gone");
        host.Registry.Register(kept, SetName("kept"));
        host.Registry.Register(gone, SetName("gone"));

        Assert.That(host.Registry.Unregister(gone), Is.True);
        Assert.That(host.Registry.Unregister(gone), Is.False);
        Assert.That((await host.ScrapeAsync()).GetNames(), Is.EqualTo(new[] { "kept" }));
    }

    [Test]
    public async Task Collector_is_unregistered_by_name()
    {
        await using var host = new MetricsHost();
        host.Registry.Register(FakeCollector.Counting("kept"), SetName("kept"));
        host.Registry.Register(FakeCollector.Counting("gone"), SetName("gone"));

        Assert.That(host.Registry.Unregister("gone"), Is.True);
        Assert.That(host.Registry.Unregister("gone"), Is.False);
        Assert.That(host.Registry.Unregister("GONE"), Is.False);
        Assert.That((await host.ScrapeAsync()).GetNames(), Is.EqualTo(new[] { "kept" }));
    }

    [Test]
    public void Duplicate_instance_is_rejected_even_under_another_name()
    {
        var registry = new OrchestratorMetricsRegistry();
        var collector = FakeCollector.Counting("x");
        registry.Register(collector, SetName("first"));

        var error = Assert.Throws<InvalidOperationException>(() => registry.Register(collector, SetName("second")));

        Assert.That(error.Message, Does.Contain("'first'").And.Contain("Register it once"));
    }

    [Test]
    public void Two_collectors_of_the_same_type_need_distinct_names()
    {
        var registry = new OrchestratorMetricsRegistry();
        registry.Register(FakeCollector.Counting("x"));

        var error = Assert.Throws<InvalidOperationException>(() => registry.Register(FakeCollector.Counting("y")));

        Assert.That(error.Message, Does.Contain("'FakeCollector'").And.Contain("options.Name"));
        Assert.That(() => registry.Register(FakeCollector.Counting("y"), SetName("another")), Throws.Nothing);
    }

    [Test]
    public void Family_declared_by_two_collectors_is_rejected_and_both_are_named()
    {
        var registry = new OrchestratorMetricsRegistry();
        registry.Register(FakeCollector.Counting("x"), Declare("first", "a", "shared"));

        var error = Assert.Throws<InvalidOperationException>(
            () => registry.Register(FakeCollector.Counting("y"), Declare("second", "shared", "b")));

        Assert.That(error.Message, Does.Contain("'first'").And.Contain("'second'").And.Contain("'shared'"));
    }

    [Test]
    public void Counter_declared_with_and_without_its_suffix_is_one_family()
    {
        var registry = new OrchestratorMetricsRegistry();
        registry.Register(FakeCollector.Counting("x"), Declare("first", "jobs_total"));

        Assert.That(
            () => registry.Register(FakeCollector.Counting("y"), Declare("second", "jobs")),
            Throws.InvalidOperationException);
    }

    [Test]
    public async Task Rejected_collector_leaves_no_registration()
    {
        await using var host = new MetricsHost();
        host.Registry.Register(FakeCollector.Counting("x"), Declare("first", "x"));
        var rejected = FakeCollector.Counting("x");
        Assert.Throws<InvalidOperationException>(() => host.Registry.Register(rejected, Declare("second", "x")));

        Assert.That((await host.ScrapeAsync()).GetNames(), Is.EqualTo(new[] { "x" }));
        Assert.That(rejected.Runs, Is.Zero);
        Assert.That(host.Registry.Unregister("second"), Is.False);
    }

    [Test]
    public void Unregistered_collector_can_be_registered_again()
    {
        var registry = new OrchestratorMetricsRegistry();
        var collector = FakeCollector.Counting("x");
        registry.Register(collector, Declare("first", "x"));
        registry.Unregister(collector);

        Assert.That(() => registry.Register(collector, Declare("first", "x")), Throws.Nothing);
    }

    [TestCase("")]
    [TestCase(" ")]
    public void Blank_name_is_rejected(string name) =>
        Assert.That(
            () => new OrchestratorMetricsRegistry().Register(FakeCollector.Counting("x"), SetName(name)),
            Throws.ArgumentException);

    [Test]
    public void Invalid_collector_options_are_rejected_with_the_names_of_collector_and_option()
    {
        AssertRejected(options => options.Timeout = TimeSpan.Zero, nameof(CollectorOptions.Timeout));
        AssertRejected(options => options.Timeout = Timeout.InfiniteTimeSpan, nameof(CollectorOptions.Timeout));
        AssertRejected(options => options.Timeout = TimeSpan.FromDays(2), nameof(CollectorOptions.Timeout));
        AssertRejected(options => options.CacheFor = TimeSpan.FromTicks(-1), nameof(CollectorOptions.CacheFor));
        AssertRejected(
            options => options.ServeStaleFor = TimeSpan.FromTicks(-1), nameof(CollectorOptions.ServeStaleFor));
        AssertRejected(
            options => (options.RefreshEvery, options.ServeStaleFor) = (TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(59)),
            nameof(CollectorOptions.ServeStaleFor));
        AssertRejected(options => options.FailurePolicy = (FailurePolicy)7, nameof(CollectorOptions.FailurePolicy));
        AssertRejected(options => options.FamilyNames = ["a", ""], nameof(CollectorOptions.FamilyNames));
        AssertRejected(options => options.FamilyNames = [null!], nameof(CollectorOptions.FamilyNames));

        static void AssertRejected(Action<CollectorOptions> configure, string option)
        {
            var error = Assert.Throws<ArgumentException>(() => new OrchestratorMetricsRegistry().Register(
                FakeCollector.Counting("x"), configure));
            Assert.That(error.Message, Does.Contain(option).And.Contain("'FakeCollector'"));
        }
    }

    [Test]
    public void Collector_options_at_their_limits_are_accepted()
    {
        AssertAccepted(options => options.RefreshEvery = TimeSpan.FromDays(1));
        AssertAccepted(options => options.Timeout = TimeSpan.FromDays(1));
        AssertAccepted(options => options.MaxRefreshShare = 1);
        AssertAccepted(options =>
            (options.RefreshEvery, options.ServeStaleFor) = (TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1)));

        static void AssertAccepted(Action<CollectorOptions> configure)
        {
            using var registry = new OrchestratorMetricsRegistry();
            Assert.That(() => registry.Register(FakeCollector.Counting("x"), configure), Throws.Nothing);
        }
    }

    [Test]
    public void Null_arguments_are_rejected()
    {
        var registry = new OrchestratorMetricsRegistry();

        Assert.That(() => registry.Register(null!), Throws.ArgumentNullException);
        Assert.That(() => registry.Unregister((IMetricsCollector)null!), Throws.ArgumentNullException);
        Assert.That(() => registry.Unregister((string)null!), Throws.ArgumentNullException);
    }

    private static Action<CollectorOptions> SetName(string name) => options => options.Name = name;

    private static Action<CollectorOptions> Declare(string name, params string[] families) => options =>
    {
        options.Name = name;
        options.FamilyNames = families;
    };
}
