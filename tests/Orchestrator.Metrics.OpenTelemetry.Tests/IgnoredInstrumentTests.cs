using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;

namespace Orchestrator.Metrics.Tests;

public class IgnoredInstrumentTests
{
    private readonly ListLogger _logger = new();

    [OneTimeTearDown]
    public void Dispose() => _logger.Dispose();

    [Test]
    public async Task Disabled_SDK_exports_no_meters_and_is_logged_once()
    {
        var logger = new ListLogger();
        await using var host = await logger.StartHostAsync(
            services => services.AddOrchestratorMetrics().AddCollector(FakeCollector.Returning("level", 5)),
            args: ["--OTEL_SDK_DISABLED=true"]);
        host.CreateMeter().CreateCounter<int>("hits").Add(1);

        await host.GetTextAsync();
        Assert.That(await host.GetTextAsync(), Does.Contain("\nlevel 5.0\n").And.Not.Contain("hits"));
        Assert.That(logger.Warnings, Is.EqualTo(new[]
        {
            "OTEL_SDK_DISABLED is true, so the OpenTelemetry SDK measures nothing and no meters are exported. Remove " +
            "the setting to export them.",
        }));
    }

    [Test]
    public async Task Instruments_that_the_SDK_ignores_are_logged_as_warnings_unless_intended()
    {
        await using var host = await _logger.StartHostAsync(services => services.AddOpenTelemetry().WithMetrics(
            metrics => metrics.SetMaxMetricStreams(2).AddView("dropped", MetricStreamConfiguration.Drop)));
        foreach (var name in (string[])["größe", "1st", "dropped", "a", "b", "c", "a"])
            host.CreateMeter().CreateCounter<int>(name).Add(1);
        host.CreateMeter("Foreign").CreateCounter<int>("foreign").Add(1);

        Assert.That(await host.GetTextAsync(), Does.Contain("b_total").And.Not.Contain("c_total"));
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
