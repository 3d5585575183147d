using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using static Orchestrator.Metrics.Tests.DependencyInjection.ConfiguredServices;

namespace Orchestrator.Metrics.Tests.DependencyInjection;

public class ConfigurationTests
{
    [Test]
    public void Configuration_overrides_every_option_of_the_registry()
    {
        using var provider = CreateProvider(
            CreateSettings(
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
        // The error of an invalid hash key must not contain the value.
        foreach (var option in typeof(OrchestratorMetricsOptions).GetProperties()
            .Where(option => option.Name != nameof(OrchestratorMetricsOptions.LabelHashKey)))
        {
            using var provider = CreateProvider(CreateSettings((option.Name, "?")));

            Assert.That(
                GetProblem(provider), Does.StartWith($"OrchestratorMetrics:{option.Name} is '?', which is"), option.Name);
        }
    }

    [Test]
    public void Empty_hash_key_is_an_error()
    {
        using var provider = CreateProvider(CreateSettings(("LabelHashKey", "")));

        Assert.That(GetProblem(provider), Is.EqualTo(
            "OrchestratorMetrics:LabelHashKey is '', which is empty. Set a random string, or remove the key."));
    }

    [Test]
    public void Sections_that_hold_no_options_of_the_registry_are_accepted(
        [Values("Endpoint", "Meters", "Operational", "OrchestratorApi", "Relational", "Server")] string section)
    {
        using var provider = CreateProvider(CreateSettings(($"{section}:Key", "1")));

        Assert.That(provider.GetRequiredService<IStartupValidator>().Validate, Throws.Nothing);
    }

    // The spellings that pydantic accepts.
    [TestCase(true, "true 1 yes on t y TRUE Yes")]
    [TestCase(false, "false 0 no off f n FALSE Off")]
    public void Boolean_accepts_the_spellings_of_orchestrator_core(bool expected, string spellings)
    {
        foreach (var spelling in spellings.Split(' '))
        {
            using var provider = CreateProvider(
                CreateSettings(("ScrapeMetrics", $" {spelling} ")), options => options.ScrapeMetrics = !expected);

            Assert.That(
                provider.GetRequiredService<IOptions<OrchestratorMetricsOptions>>().Value.ScrapeMetrics,
                Is.EqualTo(expected), spelling);
        }
    }

    [Test]
    public void Options_set_in_code_apply_if_the_configuration_has_no_value()
    {
        using var provider = CreateProvider(
            CreateSettings(("FailurePolicy", null)),
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
    [TestCase("FailurePolicy", "FailScrape,1", "which is unknown", "FailScrape, ReportAndContinue")]
    [TestCase("FailurePolicy", "Ignore", "which is unknown", "FailScrape, ReportAndContinue")]
    public void Invalid_value_is_an_error_that_lists_valid_ones(string key, string value, string why, string remedy)
    {
        using var provider = CreateProvider(CreateSettings((key, value)));

        Assert.That(
            GetProblem(provider),
            Does.StartWith($"OrchestratorMetrics:{key} is '{value}', {why}").And.Contain(remedy));
    }

    [Test]
    public void Duration_may_include_days()
    {
        using var provider = CreateProvider(CreateSettings(("CollectorTimeout", "1.00:00:00")));

        Assert.That(
            provider.GetRequiredService<IOptions<OrchestratorMetricsOptions>>().Value.CollectorTimeout,
            Is.EqualTo(TimeSpan.FromDays(1)));
    }

    [Test]
    public void Value_out_of_range_is_an_error()
    {
        using var provider = CreateProvider(CreateSettings(("CollectorTimeout", "1.00:00:01")));

        Assert.That(GetProblem(provider), Does.Contain("OrchestratorMetricsOptions.CollectorTimeout is 1.00:00:01"));
    }

    [Test]
    public void Section_instead_of_a_value_is_an_error()
    {
        using var provider = CreateProvider(CreateSettings(("CollectorTimeout:Seconds", "5")));

        Assert.That(GetProblem(provider), Does.StartWith("OrchestratorMetrics:CollectorTimeout is a section"));
    }

    [TestCase("OrchestratorMetrics")]
    [TestCase("OrchestratorMetrics:Collectors")]
    [TestCase("OrchestratorMetrics:Collectors:X")]
    public void Value_instead_of_a_section_is_an_error(string key)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new(key, "00:01:00")]).Build();
        using var provider = CreateProvider(configuration, build: builder =>
            builder.AddCollector(FakeCollector.Counting("x"), options => options.Name = "X"));

        Assert.That(
            GetProblem(provider), Is.EqualTo($"{key} is '00:01:00', but must be a section. Set {key}:<name>."));
    }

    [TestCase("CollectorTimeOuts")]
    [TestCase("EnableEndpoint")]
    [TestCase("Endpont:Compression")]
    public void Unknown_key_is_an_error_that_lists_the_known_keys(string key)
    {
        using var provider = CreateProvider(CreateSettings((key, "1")));

        Assert.That(
            GetProblem(provider),
            Does.StartWith($"OrchestratorMetrics:{key.Split(':')[0]} is not a known setting. Known: ")
                .And.Contain("CollectorTimeout"));
    }

    [Test]
    public void Keys_are_not_case_sensitive()
    {
        using var provider = CreateProvider(CreateSettings(("collectortimeout", "00:00:07")));

        Assert.That(
            provider.GetRequiredService<IOptions<OrchestratorMetricsOptions>>().Value.CollectorTimeout,
            Is.EqualTo(TimeSpan.FromSeconds(7)));
    }
}
