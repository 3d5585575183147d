using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Orchestrator.Metrics.Tests.DependencyInjection;

/// <summary>Options are set in code and overridden by the configuration.</summary>
public class ConfigurationTests
{
    [Test]
    public void Configuration_overrides_every_option_of_the_registry()
    {
        using var provider = Provider(
            Settings(
                ("DefaultCollectors", "none"),
                ("CollectorTimeout", "00:00:05"),
                ("FailurePolicy", "ReportAndContinue"),
                ("ScrapeMetrics", "yes"),
                ("ScrapeMetricsPrefix", "acme_scrape_"),
                ("MaxConcurrentCollectors", "3"),
                ("MaxSamplesPerCollector", "1000"),
                ("CheckDuplicateSamples", "false"),
                ("WaitForFirstRefresh", "true"),
                ("LabelHashKey", "0123456789abcdef")),
            options => (options.CollectorTimeout, options.MaxConcurrentCollectors) = (TimeSpan.FromSeconds(1), 1));

        var options = provider.GetRequiredService<IOptions<OrchestratorMetricsOptions>>().Value;

        Assert.Multiple(() =>
        {
            Assert.That(options.DefaultCollectors, Is.EqualTo(DefaultCollectors.None));
            Assert.That(options.CollectorTimeout, Is.EqualTo(TimeSpan.FromSeconds(5)));
            Assert.That(options.FailurePolicy, Is.EqualTo(FailurePolicy.ReportAndContinue));
            Assert.That(options.ScrapeMetrics, Is.True);
            Assert.That(options.ScrapeMetricsPrefix, Is.EqualTo("acme_scrape_"));
            Assert.That(options.MaxConcurrentCollectors, Is.EqualTo(3));
            Assert.That(options.MaxSamplesPerCollector, Is.EqualTo(1000));
            Assert.That(options.CheckDuplicateSamples, Is.False);
            Assert.That(options.WaitForFirstRefresh, Is.True);
            Assert.That(options.LabelHashKey, Is.EqualTo("0123456789abcdef"));
        });
    }

    [Test]
    public void Every_option_of_the_registry_can_be_configured()
    {
        foreach (var option in typeof(OrchestratorMetricsOptions).GetProperties()
            .Where(option => option.Name != nameof(OrchestratorMetricsOptions.LabelHashKey)))
        {
            using var provider = Provider(Settings((option.Name, "?")));

            Assert.That(
                Problem(provider), Does.StartWith($"OrchestratorMetrics:{option.Name} is '?', which is"), option.Name);
        }
    }

    [Test]
    public void Options_set_in_code_apply_if_the_configuration_has_no_value()
    {
        using var provider = Provider(
            Settings(("FailurePolicy", null)),
            options => options.FailurePolicy = FailurePolicy.ReportAndContinue);

        Assert.That(
            provider.GetRequiredService<IOptions<OrchestratorMetricsOptions>>().Value.FailurePolicy,
            Is.EqualTo(FailurePolicy.ReportAndContinue));
    }

    [TestCase("CollectorTimeout", "60", "which .NET would read as 60 days", "00:01:00")]
    [TestCase("CollectorTimeout", "soon", "which is not a duration", "00:01:00")]
    [TestCase("CollectorTimeout", "24:00:00", "which is not a duration", "a day as 1.00:00:00.")]
    [TestCase("CollectorTimeout", "", "which is not a duration", "00:01:00")]
    [TestCase("MaxConcurrentCollectors", "many", "which is not an integer", "2147483647")]
    [TestCase("ScrapeMetrics", "ja", "which is neither true nor", "true or false")]
    [TestCase("ScrapeMetricsPrefix", "1st_", "which is not a metric name prefix", "not starting with a digit")]
    [TestCase("ScrapeMetricsPrefix", "acme-", "which is not a metric name prefix", "letters, digits")]
    [TestCase("FailurePolicy", "1", "which is unknown", "FailScrape, ReportAndContinue")]
    [TestCase("FailurePolicy", "Ignore", "which is unknown", "FailScrape, ReportAndContinue")]
    public void Invalid_value_is_an_error_that_lists_valid_ones(string key, string value, string why, string remedy)
    {
        using var provider = Provider(Settings((key, value)));

        Assert.That(
            Problem(provider),
            Does.StartWith($"OrchestratorMetrics:{key} is '{value}', {why}").And.Contain(remedy));
    }

    [Test]
    public void Duration_may_include_days()
    {
        using var provider = Provider(Settings(("CollectorTimeout", "1.00:00:00")));

        Assert.That(
            provider.GetRequiredService<IOptions<OrchestratorMetricsOptions>>().Value.CollectorTimeout,
            Is.EqualTo(TimeSpan.FromDays(1)));
    }

    [Test]
    public void Value_out_of_range_is_an_error()
    {
        using var provider = Provider(Settings(("CollectorTimeout", "1.00:00:01")));

        Assert.That(Problem(provider), Does.Contain("OrchestratorMetricsOptions.CollectorTimeout is 1.00:00:01"));
    }

    [Test]
    public void Section_instead_of_a_value_is_an_error()
    {
        using var provider = Provider(Settings(("CollectorTimeout:Seconds", "5")));

        Assert.That(Problem(provider), Does.StartWith("OrchestratorMetrics:CollectorTimeout is a section"));
    }

    [TestCase("OrchestratorMetrics")]
    [TestCase("OrchestratorMetrics:Collectors")]
    [TestCase("OrchestratorMetrics:Collectors:X")]
    public void Value_instead_of_a_section_is_an_error(string key)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new(key, "00:01:00")]).Build();
        using var provider = Provider(configuration, build: builder =>
            builder.AddCollector(FakeCollector.Counting("x"), options => options.Name = "X"));

        Assert.That(
            Problem(provider), Is.EqualTo($"{key} is '00:01:00', but must be a section. Set {key}:<name>."));
    }

    [TestCase("CollectorTimeOuts")]
    [TestCase("EnableEndpoint")]
    [TestCase("Endpont:Compression")]
    public void Unknown_key_is_an_error_that_lists_the_known_keys(string key)
    {
        using var provider = Provider(Settings((key, "1")));

        Assert.That(
            Problem(provider),
            Does.StartWith($"OrchestratorMetrics:{key.Split(':')[0]} is not a known setting. Known: ")
                .And.Contain("CollectorTimeout"));
    }

    [Test]
    public void Keys_are_not_case_sensitive()
    {
        using var provider = Provider(Settings(("collectortimeout", "00:00:07")));

        Assert.That(
            provider.GetRequiredService<IOptions<OrchestratorMetricsOptions>>().Value.CollectorTimeout,
            Is.EqualTo(TimeSpan.FromSeconds(7)));
    }

    [Test]
    public async Task Configuration_overrides_the_options_of_a_collector()
    {
        var time = new FakeTimeProvider();
        var collector = FakeCollector.Counting("x");
        var services = new ServiceCollection().AddSingleton<TimeProvider>(time)
            .AddSingleton(Settings(
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
    public async Task Collectors_are_post_configured_before_the_configuration_applies()
    {
        var postConfigure = new PostConfigureOptions<CollectorOptions>(
            "X", options => (options.Tags, options.AddLabels) = ([.. options.Tags, "post"], Labels("post")));
        var services = new ServiceCollection().AddSingleton(Settings(("Collectors:X:AddLabels:from", "configuration")))
            .AddSingleton<IPostConfigureOptions<CollectorOptions>>(postConfigure);
        services.AddOrchestratorMetrics()
            .AddCollector(FakeCollector.Returning("x", 1), Named("X")).AddCollector(FakeCollector.Returning("y", 1), Named("Y"));
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

        static Dictionary<string, string> Labels(string from) => new() { ["from"] = from };
        static Action<CollectorOptions> Named(string name) =>
            options => (options.Name, options.Tags, options.AddLabels) = (name, ["code"], Labels("code"));
    }

    [Test]
    public async Task Configuration_sets_the_label_policy_of_a_collector()
    {
        var family = MetricFamily.Gauge("jobs", "Jobs.", "user", "site");
        family.Add(1, "ada", "a");
        family.Add(2, "bob", "a");
        var services = new ServiceCollection().AddSingleton(Settings(
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
        using var provider = Provider(
            Settings(($"Collectors:X:{key}", value)), build: builder =>
                builder.AddCollector(FakeCollector.Counting("x"), options => options.Name = "X"));

        Assert.That(Problem(provider), Does.StartWith(problem));
    }

    [Test]
    public void Unknown_collector_name_is_an_error_that_lists_the_names()
    {
        using var provider = Provider(
            Settings(("Collectors:QueueColector:CacheFor", "00:01:00")), build: builder => builder
                .AddCollector(FakeCollector.Counting("x"), options => options.Name = "QueueCollector")
                .AddCollector(FakeCollector.Counting("y"), options => options.Name = "Other"));

        Assert.That(Problem(provider), Is.EqualTo(
            "OrchestratorMetrics:Collectors:QueueColector names no collector. Collectors: QueueCollector, Other."));
    }

    private static IConfiguration Settings(params (string Key, string? Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(
            setting => KeyValuePair.Create($"OrchestratorMetrics:{setting.Key}", setting.Value))).Build();

    private static ServiceProvider Provider(
        IConfiguration configuration, Action<OrchestratorMetricsOptions>? configure = null,
        Action<OrchestratorMetricsBuilder>? build = null)
    {
        var services = new ServiceCollection().AddSingleton(configuration);
        var builder = services.AddOrchestratorMetrics(configure);
        build?.Invoke(builder);
        return services.BuildServiceProvider();
    }

    private static string Problem(ServiceProvider provider) =>
        Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IStartupValidator>().Validate())!
            .Message;
}
