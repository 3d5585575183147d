using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using static Orchestrator.Metrics.Tests.DependencyInjection.ConfiguredServices;

namespace Orchestrator.Metrics.Tests.DependencyInjection;

public class CollectorConfigurationTests
{
    [Test]
    public async Task Configuration_overrides_the_options_of_a_collector()
    {
        var time = new FakeTimeProvider();
        var collector = FakeCollector.Counting("x");
        var services = new ServiceCollection().AddSingleton<TimeProvider>(time)
            .AddSingleton(CreateSettings(
                ("Collectors:x:CacheFor", "00:10:00"), ("Collectors:x:Tags:0", "cluster"),
                ("Collectors:x:Timeout", "00:00:01"), ("Collectors:x:ServeStaleFor", "00:20:00"),
                ("Collectors:x:FailurePolicy", "reportAndContinue")));
        services.AddOrchestratorMetrics().AddCollector(collector, options =>
        {
            (options.Name, options.CacheFor, options.Tags) = ("X", TimeSpan.FromSeconds(1), ["replica"]);
        });
        await using var provider = services.BuildServiceProvider();
        var registry = provider.GetRequiredService<OrchestratorMetricsRegistry>();
        CollectorRegistration? seen = null;

        for (var i = 0; i < 3; i++)
        {
            await registry.CollectAsync(new()
            {
                Predicate = registration =>
                {
                    seen = registration;
                    return true;
                },
            }).Soon();
            time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.That(collector.Runs, Is.EqualTo(1));
        Assert.That(seen!.Tags, Is.EqualTo(new[] { "cluster" }));
        Assert.That((seen.Timeout, seen.ServeStaleFor, seen.FailurePolicy), Is.EqualTo(
            (TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(20), FailurePolicy.ReportAndContinue)));
        Assert.That(registry.Unregister(collector), Is.True);
    }

    [Test]
    public void Options_of_a_collector_can_be_configured_except_those_set_in_code()
    {
        string[] setInCode = ["Name", "FamilyNames", "SharedVersion", "LabelNames"];
        foreach (var option in typeof(CollectorOptions).GetProperties().Select(option => option.Name).Except(setInCode))
        {
            using var provider = CreateProvider(
                CreateSettings(($"Collectors:X:{option}", "?")), build: builder =>
                    builder.AddCollector(FakeCollector.Counting("x"), options => options.Name = "X"));

            Assert.That(GetProblem(provider), Does.StartWith($"OrchestratorMetrics:Collectors:X:{option} is '?', "));
        }
    }

    [Test]
    public async Task PostConfigure_applies_before_the_configuration()
    {
        var postConfigure = new PostConfigureOptions<CollectorOptions>(
            "X", options => (options.Tags, options.AddLabels) = ([.. options.Tags, "post"], CreateLabels("post")));
        var services = new ServiceCollection().AddSingleton(CreateSettings(("Collectors:X:AddLabels:from", "configuration")))
            .AddSingleton<IPostConfigureOptions<CollectorOptions>>(postConfigure);
        services.AddOrchestratorMetrics()
            .AddCollector(FakeCollector.Returning("x", 1), SetOptions("X"))
            .AddCollector(FakeCollector.Returning("y", 1), SetOptions("Y"));
        await using var provider = services.BuildServiceProvider();
        var tags = new List<string>();

        var snapshot = await provider.GetRequiredService<OrchestratorMetricsRegistry>().CollectAsync(new()
        {
            Predicate = registration =>
            {
                tags.Add($"{registration.Name}: {string.Join(' ', registration.Tags)}");
                return true;
            },
        }).Soon();

        Assert.That(tags, Is.EqualTo(new[] { "X: code post", "Y: code" }));
        Assert.That(
            snapshot.ToString(),
            Does.Contain("x{from=\"configuration\"} 1.0\n").And.Contain("y{from=\"code\"} 1.0\n"));

        static Dictionary<string, string> CreateLabels(string from) => new() { ["from"] = from };
        static Action<CollectorOptions> SetOptions(string name) =>
            options => (options.Name, options.Tags, options.AddLabels) = (name, ["code"], CreateLabels("code"));
    }

    [Test]
    public async Task Configuration_sets_the_label_policy_of_a_collector()
    {
        var family = MetricFamily.Gauge("jobs", "Jobs.", "user", "site");
        family.Add(1, "ada", "a");
        family.Add(2, "bob", "a");
        var services = new ServiceCollection().AddSingleton(CreateSettings(
            ("LabelHashKey", "a key of sixteen characters"), ("Collectors:X:DropLabels:0", "user"),
            ("Collectors:X:HashLabels:0", "site"), ("Collectors:X:AddLabels:database", "first"),
            ("Collectors:X:NamePrefix", "acme_")));
        services.AddOrchestratorMetrics().AddCollector(FakeCollector.Returning(family), options => options.Name = "X");
        await using var provider = services.BuildServiceProvider();

        var snapshot = await provider.GetRequiredService<OrchestratorMetricsRegistry>().CollectAsync().Soon();

        // printf a | openssl dgst -sha256 -hmac 'a key of sixteen characters'
        Assert.That(
            snapshot.ToString(), Does.EndWith("\nacme_jobs{database=\"first\",site=\"d69cd733bf43e951\"} 3.0\n"));
    }

    // .NET reads [] in JSON as an empty string.
    [Test]
    public async Task Empty_value_clears_a_list_or_the_added_labels_set_in_code()
    {
        var family = MetricFamily.Gauge("jobs", "Jobs.", "user");
        family.Add(1, "ada");
        var services = new ServiceCollection().AddSingleton(CreateSettings(
            ("Collectors:X:DropLabels", ""), ("Collectors:X:AddLabels", ""), ("Collectors:X:Tags", "")));
        services.AddOrchestratorMetrics().AddCollector(FakeCollector.Returning(family), options =>
            (options.Name, options.DropLabels, options.AddLabels, options.Tags) =
                ("X", ["user"], new Dictionary<string, string> { ["site"] = "a" }, ["cluster"]));
        await using var provider = services.BuildServiceProvider();

        var snapshot = await provider.GetRequiredService<OrchestratorMetricsRegistry>().CollectAsync(new()
        {
            Predicate = collector => collector.Tags.Count == 0,
        }).Soon();

        Assert.That(snapshot.ToString(), Does.EndWith("\njobs{user=\"ada\"} 1.0\n"));
    }

    [TestCase("NamePrefix", "1", "OrchestratorMetrics:Collectors:X:NamePrefix is '1', which is not a metric name prefix")]
    [TestCase("AddLabels", "a", "OrchestratorMetrics:Collectors:X:AddLabels is 'a', but must be a section. Set")]
    [TestCase("AddLabels:a:b", "c", "OrchestratorMetrics:Collectors:X:AddLabels:a is a section, but must be a single")]
    [TestCase("HashLabels:0", "a", "HashLabels of collector 'X' needs a key.")]
    [TestCase("CacheFor", "60", "OrchestratorMetrics:Collectors:X:CacheFor is '60', which .NET would read as 60 days")]
    [TestCase("CacheFor", "-00:00:01", "OrchestratorMetrics:Collectors:X is invalid: CacheFor of collector 'X'")]
    [TestCase("Tags", "cluster", "OrchestratorMetrics:Collectors:X:Tags is 'cluster', which is not a list")]
    [TestCase("Cache", "1", "OrchestratorMetrics:Collectors:X:Cache is not a known setting. Known: Tags, Timeout,")]
    public void Invalid_option_of_a_collector_is_an_error(string key, string value, string problem)
    {
        using var provider = CreateProvider(
            CreateSettings(($"Collectors:X:{key}", value)), build: builder =>
                builder.AddCollector(FakeCollector.Counting("x"), options => options.Name = "X"));

        Assert.That(GetProblem(provider), Does.StartWith(problem));
    }

    [Test]
    public void Unknown_collector_name_is_an_error_that_lists_the_names()
    {
        using var provider = CreateProvider(
            CreateSettings(("Collectors:QueueColector:CacheFor", "00:01:00")), build: builder => builder
                .AddCollector(FakeCollector.Counting("x"), options => options.Name = "QueueCollector")
                .AddCollector(FakeCollector.Counting("y"), options => options.Name = "Other"));

        Assert.That(GetProblem(provider), Is.EqualTo(
            "OrchestratorMetrics:Collectors:QueueColector names no collector. Collectors: QueueCollector, Other."));
    }

    [Test]
    public void Collector_name_is_an_error_if_there_are_no_collectors()
    {
        using var provider = CreateProvider(CreateSettings(("Collectors:X:CacheFor", "00:01:00")));

        Assert.That(
            GetProblem(provider), Is.EqualTo("OrchestratorMetrics:Collectors:X names no collector. Collectors: none."));
    }
}
