using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;

namespace Orchestrator.Metrics.Tests;

/// <summary>Instruments that the SDK does not measure.</summary>
public class IgnoredInstrumentTests
{
    private readonly ListLogger _logger = new();

    [OneTimeTearDown]
    public void Dispose() => _logger.Dispose();

    [Test]
    public async Task Disabled_SDK_returns_no_families_and_is_logged_once()
    {
        var logger = new ListLogger();
        await using var host = await logger.HostAsync(
            services => services.AddOrchestratorMetrics().AddCollector(FakeCollector.Returning("level", 5)),
            args: ["--OTEL_SDK_DISABLED=true"]);
        host.Meter().CreateCounter<int>("hits").Add(1);

        await host.TextAsync();
        Assert.That(await host.TextAsync(), Does.Contain("\nlevel 5.0\n").And.Not.Contain("hits"));
        Assert.That(logger.Warnings, Is.EqualTo(new[]
        {
            "OTEL_SDK_DISABLED is true, so the OpenTelemetry SDK measures nothing and no meters are exported. Remove " +
            "the variable to export them.",
        }));
    }

    [Test]
    public async Task Each_instrument_that_the_SDK_ignores_is_logged_as_a_warning()
    {
        await using var host = await _logger.HostAsync(services => services.AddOpenTelemetry().WithMetrics(metrics => metrics
            .SetMaxMetricStreams(2)
            .AddView("dropped", MetricStreamConfiguration.Drop)));
        foreach (var name in (string[])["größe", "1st", "dropped", "a", "b", "c", "a"])
            host.Meter().CreateCounter<int>(name).Add(1);
        host.Meter("Foreign").CreateCounter<int>("foreign").Add(1);

        Assert.That(await host.TextAsync(), Does.Contain("b_total").And.Not.Contain("c_total"));
        string[] warnings =
        [
            .. _logger.Warnings.Where(warning => warning.Contains("ignores", StringComparison.Ordinal)),
        ];
        Assert.That(
            warnings.Select(warning => warning.Split(' ')[5]), Is.EqualTo(new[] { "größe", "1st", "c" }));
        Assert.That(warnings[0], Is.EqualTo(
            "The OpenTelemetry SDK ignores instrument größe of meter Acme: Instrument name is invalid. The name must " +
            "comply with the OpenTelemetry specification."));
        Assert.That(warnings[2], Does.Contain("SetMaxMetricStreams"));
    }
}
