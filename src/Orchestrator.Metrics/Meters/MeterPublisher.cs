using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orchestrator.Metrics.Logging;

namespace Orchestrator.Metrics.Meters;

internal sealed class MeterPublisher(
    OrchestratorMetricsRegistry registry, TimeSpan interval, TimeProvider time, IMeterFactory? meters,
    MetricsLog log) : BackgroundService
{
    private readonly ScrapeRequest _request = new()
    {
        Timeout = interval,
        Predicate = collector => collector.PublishToMeter,
    };

    // A snapshot is older only if the service has stopped or the process was suspended.
    private readonly PublishedMeter _meter = new(meters, time, maxAge: 2 * interval);

    public static MeterPublisher Create(IServiceProvider provider, MetricsLog log) => new(
        provider.GetRequiredService<OrchestratorMetricsRegistry>(),
        provider.GetRequiredService<MeterPublisherOptions>().Interval,
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
        await registry.WaitForFirstRunsAsync(interval, stoppingToken).ConfigureAwait(false);
        using var timer = new PeriodicTimer(interval, time);
        do
            await PublishAsync(stoppingToken).ConfigureAwait(false);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
    }

    private async Task PublishAsync(CancellationToken stoppingToken)
    {
        var requestedAt = time.GetTimestamp();
        try
        {
            var snapshot = await registry.CollectAsync(_request, stoppingToken).ConfigureAwait(false);
            foreach (var instrument in _meter.Publish(snapshot, requestedAt))
            {
                if (!IsOpenTelemetryName(instrument.Name))
                    log.NotAnOpenTelemetryName(instrument.Name);
            }
        }
        catch (MetricsCollectionException)
        {
            // The registry has logged the cause.
            _meter.Publish(null, requestedAt);
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            _meter.Publish(null, requestedAt);
            log.NotPublished(exception);
        }
    }

    // Source: https://opentelemetry.io/docs/specs/otel/metrics/api/#instrument-name-syntax.
    private static bool IsOpenTelemetryName(string name) =>
        name.Length <= 255 && char.IsAsciiLetter(name[0])
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-' or '/');
}

internal sealed record MeterPublisherOptions(TimeSpan Interval);
