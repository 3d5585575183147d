using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orchestrator.Metrics.Logging;

namespace Orchestrator.Metrics.Meters;

/// <summary>
/// Collects at an interval and publishes what came to the meter. A collection may take as long as the interval; one
/// that fails leaves nothing to report.
/// </summary>
internal sealed class MeterPublisher(
    OrchestratorMetricsRegistry registry, TimeSpan interval, TimeProvider time, IMeterFactory? meters,
    MetricsLog log) : BackgroundService
{
    // What is older was left behind by a service that has stopped, or a process that stood still.
    private readonly PublishedMeter _meter = new(meters, time, longestAge: 2 * interval);

    public static MeterPublisher Create(IServiceProvider provider, MetricsLog log) => new(
        provider.GetRequiredService<OrchestratorMetricsRegistry>(),
        provider.GetRequiredService<IOptions<OrchestratorMetricsOptions>>().Value.MeterInterval,
        provider.GetService<TimeProvider>() ?? TimeProvider.System,
        provider.GetService<IMeterFactory>(),
        log);

    public override void Dispose()
    {
        base.Dispose();
        _meter.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(interval, time);
        do
            await PublishAsync(stoppingToken).ConfigureAwait(false);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
    }

    private async Task PublishAsync(CancellationToken stoppingToken)
    {
        var askedAt = time.GetTimestamp();
        try
        {
            var snapshot = await registry.CollectAsync(new() { Timeout = interval }, stoppingToken)
                .ConfigureAwait(false);
            foreach (var instrument in _meter.Publish(snapshot, askedAt))
            {
                if (!IsOpenTelemetryName(instrument.Name))
                    log.NotAnOpenTelemetryName(instrument.Name);
            }
        }
        catch (MetricsCollectionException)
        {
            // The registry has logged why.
            _meter.Publish(null, askedAt);
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            _meter.Publish(null, askedAt);
            log.NotPublished(exception);
        }
    }

    /// <summary>
    /// Whether OpenTelemetry takes an instrument of this name.
    /// Source: https://opentelemetry.io/docs/specs/otel/metrics/api/#instrument-name-syntax.
    /// </summary>
    private static bool IsOpenTelemetryName(string name) =>
        name.Length <= 255 && char.IsAsciiLetter(name[0])
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-' or '/');
}
