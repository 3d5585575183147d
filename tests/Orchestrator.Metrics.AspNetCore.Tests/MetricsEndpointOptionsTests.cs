using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orchestrator.Metrics.AspNetCore;

namespace Orchestrator.Metrics.Tests;

public class MetricsEndpointOptionsTests
{
    private const string Key = "ENABLE_PROMETHEUS_METRICS_ENDPOINT";
    private const string EndpointSection = "OrchestratorMetrics:Endpoint:";

    private static IEnumerable<TestCaseData> CreateSpellings()
    {
        (string True, string False)[] spellings =
            [("true", "false"), ("1", "0"), ("yes", "no"), ("on", "off"), ("t", "f"), ("y", "n")];
        return spellings.SelectMany(pair => CreateCases(pair.True, true).Concat(CreateCases(pair.False, false)));

        static IEnumerable<TestCaseData> CreateCases(string text, bool expected) =>
            new[] { text, text.ToUpperInvariant(), char.ToUpperInvariant(text[0]) + text[1..], $" {text}\n" }
                .Distinct()
                .Select(spelling => new TestCaseData(spelling, expected));
    }

    [TestCaseSource(nameof(CreateSpellings))]
    public void EnableEndpoint_accepts_every_spelling_of_orchestrator_core(string value, bool expected)
    {
        Assert.That(Create([(Key, value)]).EnableEndpoint, Is.EqualTo(expected));
        Assert.That(Create([(EndpointSection + "EnableEndpoint", value)]).EnableEndpoint, Is.EqualTo(expected));
    }

    [TestCase("")]
    [TestCase(" ")]
    [TestCase("ja")]
    [TestCase("2")]
    [TestCase("tru")]
    [TestCase("truee")]
    [TestCase("enabled")]
    [TestCase("yes,no")]
    [TestCase("true false")]
    public void Invalid_setting_is_an_error_with_key_value_and_remedy(string value) =>
        Assert.That(
            GetProblem([(Key, value)]), Does.Contain(Key).And.Contain($"'{value}'").And.Contain("true or false"));

    [TestCase(true, "false")]
    [TestCase(false, "true")]
    [TestCase(true, "ja")]
    public void EnableEndpoint_in_code_overrides_the_setting(bool code, string setting) =>
        Assert.That(
            Create([(Key, setting)], options => options.EnableEndpoint = code).EnableEndpoint, Is.EqualTo(code));

    [TestCase("true", "false")]
    [TestCase("false", "true")]
    public void EnableEndpoint_in_the_section_overrides_code_and_setting(string section, string setting) =>
        Assert.That(
            Create(
                [(Key, setting), (EndpointSection + "EnableEndpoint", section)],
                options => options.EnableEndpoint = setting == "true").EnableEndpoint,
            Is.EqualTo(section == "true"));

    [Test]
    public void EnableEndpoint_is_null_by_default() => Assert.That(Create([]).EnableEndpoint, Is.Null);

    [Test]
    public void Host_without_configuration_uses_the_defaults()
    {
        var services = new ServiceCollection();
        services.AddOrchestratorMetrics();
        using var provider = services.BuildServiceProvider();

        var options = MetricsEndpointOptionsFactory.Create(provider, null);

        Assert.That(
            (options.EnableEndpoint, options.Compression, options.MaxConcurrentScrapes, options.Predicate),
            Is.EqualTo(((bool?)null, true, int.MaxValue, (Func<CollectorRegistration, bool>?)null)));
        Assert.That(
            (options.ScrapeTimeoutOffset, options.WriteTimeout),
            Is.EqualTo((TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(30))));
    }

    [Test]
    public void Configuration_from_json_overrides_code()
    {
        var json = """
            {
              "OrchestratorMetrics": {
                "Endpoint": {
                  "EnableEndpoint": true,
                  "Compression": false,
                  "MaxConcurrentScrapes": 5,
                  "ScrapeTimeoutOffset": "00:00:01",
                  "WriteTimeout": "00:00:10"
                }
              }
            }
            """;

        AssertConfigured(configuration => configuration.AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))));
    }

    [Test]
    public void Configuration_from_environment_variables_overrides_code()
    {
        (string Key, string Value)[] variables =
        [
            ("EnableEndpoint", "1"), ("Compression", "no"), ("MaxConcurrentScrapes", "5"),
            ("ScrapeTimeoutOffset", "00:00:01"), ("WriteTimeout", "00:00:10"),
        ];
        foreach (var (key, value) in variables)
            Environment.SetEnvironmentVariable($"TESTED_OrchestratorMetrics__Endpoint__{key}", value);

        AssertConfigured(configuration => configuration.AddEnvironmentVariables("TESTED_"));
    }

    [TestCase("WriteTimeout", "30", "which .NET would read as 30 days")]
    [TestCase("ScrapeTimeoutOffset", "0.5", "which is not a duration")]
    [TestCase("MaxConcurrentScrapes", "few", "which is not an integer")]
    [TestCase("Compression", "gzip", "which is neither true nor false")]
    public void Invalid_value_is_an_error_that_names_its_key(string key, string value, string problem) =>
        Assert.That(
            GetProblem([(EndpointSection + key, value)]),
            Does.StartWith($"{EndpointSection}{key} is '{value}', {problem}"));

    [TestCase("Compresion")]
    [TestCase("Predicate")]
    public void Unknown_key_is_an_error(string key) =>
        Assert.That(
            GetProblem([(EndpointSection + key, "true")]),
            Does.StartWith($"{EndpointSection}{key} is not a known setting. Known: EnableEndpoint, Compression,"));

    [Test]
    public void Value_instead_of_the_section_is_an_error() => Assert.That(
        GetProblem([(EndpointSection.TrimEnd(':'), "off")]),
        Does.StartWith("OrchestratorMetrics:Endpoint is 'off', but must be a section. Set"));

    private static IEnumerable<TestCaseData> CreateOptionsOutOfRange()
    {
        yield return CreateCase("MaxConcurrentScrapes", options => options.MaxConcurrentScrapes = 0);
        yield return CreateCase("ScrapeTimeoutOffset", options => options.ScrapeTimeoutOffset = TimeSpan.FromTicks(-1));
        yield return CreateCase("ScrapeTimeoutOffset", options => options.ScrapeTimeoutOffset = TimeSpan.FromDays(1));
        yield return CreateCase("WriteTimeout", options => options.WriteTimeout = TimeSpan.Zero);
        yield return CreateCase("WriteTimeout", options => options.WriteTimeout = Timeout.InfiniteTimeSpan);
        yield return CreateCase("WriteTimeout", options => options.WriteTimeout = TimeSpan.FromDays(1.1));

        static TestCaseData CreateCase(string option, Action<MetricsEndpointOptions> configure) =>
            new(option, configure);
    }

    [TestCaseSource(nameof(CreateOptionsOutOfRange))]
    public void Option_out_of_range_is_an_error(string option, Action<MetricsEndpointOptions> configure)
    {
        using var provider = BuildProvider(new ConfigurationBuilder().Build());

        var error = Assert.Throws<OptionsValidationException>(
            () => MetricsEndpointOptionsFactory.Create(provider, configure));

        Assert.That(error.Message, Does.Contain($"MetricsEndpointOptions.{option} is").And.Contain("must be"));
    }

    [Test]
    public void Endpoint_options_start_from_the_configuration_and_change_no_other_endpoint()
    {
        using var provider = BuildProvider(
            new ConfigurationBuilder().AddInMemoryCollection([new(EndpointSection + "MaxConcurrentScrapes", "5")]).Build(),
            options => options.Compression = false);

        var first = MetricsEndpointOptionsFactory.Create(provider, options => options.MaxConcurrentScrapes += 1);
        var second = MetricsEndpointOptionsFactory.Create(provider, null);

        Assert.That((first.MaxConcurrentScrapes, first.Compression), Is.EqualTo((6, false)));
        Assert.That((second.MaxConcurrentScrapes, second.Compression), Is.EqualTo((5, false)));
    }

    [Test]
    public async Task Configuration_reaches_the_endpoint_and_the_registry()
    {
        await using var host = await TestHost.StartAsync(
            services => services.AddOrchestratorMetrics().AddGauge("acme_a", "", _ => 1),
            args:
            [
                "--OrchestratorMetrics:Endpoint:EnableEndpoint=no", "--OrchestratorMetrics:ScrapeMetrics=yes",
            ]);

        var snapshot = await host.Services.GetRequiredService<OrchestratorMetricsRegistry>().CollectAsync();

        Assert.That((int)(await host.Client.GetAsync("/api/metrics")).StatusCode, Is.EqualTo(404));
        Assert.That(snapshot.Families.Select(family => family.Name), Has.Member("wfo_scrape_collector_success"));
    }

    private static void AssertConfigured(Action<IConfigurationBuilder> add)
    {
        var configuration = new ConfigurationBuilder();
        add(configuration);
        using var provider = BuildProvider(configuration.Build(), code =>
        {
            code.MaxConcurrentScrapes = 1;
            code.WriteTimeout = TimeSpan.FromHours(1);
        });

        var options = MetricsEndpointOptionsFactory.Create(provider, null);

        Assert.That(
            (options.EnableEndpoint, options.Compression, options.MaxConcurrentScrapes),
            Is.EqualTo(((bool?)true, false, 5)));
        Assert.That(
            (options.ScrapeTimeoutOffset, options.WriteTimeout),
            Is.EqualTo((TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10))));
    }

    private static MetricsEndpointOptions Create(
        (string Key, string? Value)[] settings, Action<MetricsEndpointOptions>? code = null)
    {
        using var provider = BuildProvider(
            new ConfigurationBuilder().AddInMemoryCollection(
                settings.Select(setting => KeyValuePair.Create(setting.Key, setting.Value))).Build(),
            code);
        return MetricsEndpointOptionsFactory.Create(provider, null);
    }

    private static string GetProblem((string Key, string? Value)[] settings) =>
        Assert.Throws<OptionsValidationException>(() => Create(settings))!.Message;

    private static ServiceProvider BuildProvider(
        IConfiguration configuration, Action<MetricsEndpointOptions>? code = null)
    {
        var services = new ServiceCollection().AddSingleton(configuration);
        services.AddOrchestratorMetrics();
        if (code is not null)
            services.Configure(code);
        return services.BuildServiceProvider();
    }
}
