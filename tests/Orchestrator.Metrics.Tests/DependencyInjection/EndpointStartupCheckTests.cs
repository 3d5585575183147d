using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Orchestrator.Metrics.Tests.DependencyInjection;

public class EndpointStartupCheckTests
{
    [TestCase("ENABLE_PROMETHEUS_METRICS_ENDPOINT", "true")]
    [TestCase("ENABLE_PROMETHEUS_METRICS_ENDPOINT", "1")]
    [TestCase("OrchestratorMetrics:Endpoint:EnableEndpoint", "yes")]
    public async Task Enabled_setting_without_an_endpoint_logs_one_warning(string setting, string value)
    {
        using var log = await StartAsync(setting, value);

        Assert.That(log.Warnings, Is.EqualTo(new[]
        {
            $"{setting} is true, but the host maps no metrics endpoint. Call app.MapOrchestratorMetrics() of the " +
            "package Orchestrator.Metrics.AspNetCore, or remove the setting.",
        }));
    }

    [TestCase(null)]
    [TestCase("false")]
    [TestCase("ja")]
    public async Task Setting_that_is_not_true_logs_no_warning(string? value)
    {
        using var log = await StartAsync("ENABLE_PROMETHEUS_METRICS_ENDPOINT", value);

        Assert.That(log.Warnings, Is.Empty);
    }

    [Test]
    public async Task Endpoint_is_validated_and_prevents_the_warning()
    {
        var validations = 0;
        using var log = await StartAsync("ENABLE_PROMETHEUS_METRICS_ENDPOINT", "true", () => validations++);

        Assert.That(log.Warnings, Is.Empty);
        Assert.That(validations, Is.EqualTo(1));
    }

    [Test]
    public void Invalid_endpoint_fails_the_startup() =>
        Assert.That(
            async () => await StartAsync(
                "ENABLE_PROMETHEUS_METRICS_ENDPOINT", "true", () => throw new InvalidOperationException("twice")),
            Throws.InvalidOperationException.With.Message.EqualTo("twice"));

    private static async Task<ListLogger> StartAsync(string setting, string? value, Action? validate = null)
    {
        var log = new ListLogger();
        var services = new ServiceCollection()
            .AddSingleton<IConfiguration>(
                new ConfigurationBuilder().AddInMemoryCollection([new(setting, value)]).Build())
            .AddSingleton<ILogger<OrchestratorMetricsRegistry>>(log);
        services.AddOrchestratorMetrics();
        services.AddOrchestratorMetrics();
        await using var provider = services.BuildServiceProvider();
        if (validate is not null)
            provider.GetRequiredService<MappedMetricsEndpoints>().Add(validate);
        foreach (var service in provider.GetServices<IHostedService>().OfType<IHostedLifecycleService>())
            await service.StartedAsync(CancellationToken.None).Soon();
        return log;
    }
}
