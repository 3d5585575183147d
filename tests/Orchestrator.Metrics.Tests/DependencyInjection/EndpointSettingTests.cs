using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Moq;

namespace Orchestrator.Metrics.Tests.DependencyInjection;

/// <summary>Where <c>EnableEndpoint</c> comes from.</summary>
public class EndpointSettingTests
{
    private const string Key = "ENABLE_PROMETHEUS_METRICS_ENDPOINT";

    private static IEnumerable<TestCaseData> Spellings()
    {
        (string True, string False)[] spellings =
            [("true", "false"), ("1", "0"), ("yes", "no"), ("on", "off"), ("t", "f"), ("y", "n")];
        return spellings.SelectMany(pair => Cases(pair.True, true).Concat(Cases(pair.False, false)));

        static IEnumerable<TestCaseData> Cases(string text, bool expected) =>
            new[] { text, text.ToUpperInvariant(), char.ToUpperInvariant(text[0]) + text[1..], $" {text}\n" }
                .Distinct()
                .Select(spelling => new TestCaseData(spelling, expected));
    }

    [TestCaseSource(nameof(Spellings))]
    public void Every_spelling_of_orchestrator_core_works(string value, bool expected) =>
        Assert.That(Resolve(value).EnableEndpoint, Is.EqualTo(expected));

    [TestCase("")]
    [TestCase(" ")]
    [TestCase("ja")]
    [TestCase("2")]
    [TestCase("tru")]
    [TestCase("truee")]
    [TestCase("enabled")]
    [TestCase("yes,no")]
    public void Anything_else_names_the_setting_the_value_and_what_to_write(string value)
    {
        var error = Assert.Throws<OptionsValidationException>(() => Resolve(value));

        Assert.That(error.Message, Does.Contain(Key).And.Contain($"'{value}'").And.Contain("true or false"));
    }

    [Test]
    public void A_wrong_value_stops_the_start()
    {
        using var provider = Provider("ja");

        Assert.That(
            () => provider.GetRequiredService<IStartupValidator>().Validate(),
            Throws.InstanceOf<OptionsValidationException>().With.Message.Contains(Key));
        Assert.That(
            provider.GetRequiredService<OrchestratorMetricsRegistry>, Throws.InstanceOf<OptionsValidationException>());
    }

    [TestCase(true, "false")]
    [TestCase(false, "true")]
    public void Options_win_over_configuration(bool option, string configured) =>
        Assert.That(Resolve(configured, options => options.EnableEndpoint = option).EnableEndpoint, Is.EqualTo(option));

    [Test]
    public void A_wrong_value_does_not_matter_if_the_options_say_it() =>
        Assert.That(Resolve("ja", options => options.EnableEndpoint = true).EnableEndpoint, Is.True);

    [Test]
    public void Neither_configured_nor_set_stays_unsaid() => Assert.That(Resolve(null).EnableEndpoint, Is.Null);

    [Test]
    public void A_host_without_configuration_works()
    {
        var services = new ServiceCollection();
        services.AddOrchestratorMetrics(options => options.DefaultCollectors = DefaultCollectors.None);
        using var provider = services.BuildServiceProvider();

        Assert.That(
            provider.GetRequiredService<IOptions<OrchestratorMetricsOptions>>().Value.EnableEndpoint, Is.Null);
    }

    private static OrchestratorMetricsOptions Resolve(
        string? configured, Action<OrchestratorMetricsOptions>? configure = null)
    {
        using var provider = Provider(configured, configure);
        return provider.GetRequiredService<IOptions<OrchestratorMetricsOptions>>().Value;
    }

    private static ServiceProvider Provider(string? configured, Action<OrchestratorMetricsOptions>? configure = null)
    {
        var configuration = new Mock<IConfiguration>(MockBehavior.Strict);
        configuration.SetupGet(settings => settings[Key]).Returns(configured);
        var services = new ServiceCollection();
        services.AddSingleton(configuration.Object);
        services.AddOrchestratorMetrics(options =>
        {
            options.DefaultCollectors = DefaultCollectors.None;
            configure?.Invoke(options);
        });
        return services.BuildServiceProvider();
    }
}
