using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orchestrator.Metrics.Logging;

namespace Orchestrator.Metrics.Hosting;

internal sealed class TextFilePublisher(
    OrchestratorMetricsRegistry registry, TextFileTarget target, TimeProvider time, MetricsLog log) : BackgroundService
{
    private bool _isFailing;

    public static TextFilePublisher Create(IServiceProvider provider, TextFileTarget target, MetricsLog log) => new(
        provider.GetRequiredService<OrchestratorMetricsRegistry>(),
        target,
        provider.GetService<TimeProvider>() ?? TimeProvider.System,
        log);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken).ConfigureAwait(false);

        // Writes the final state, which readers see until the next start.
        if (ExecuteTask is { IsCompleted: true })
            await WriteAsync(cancellationToken).ConfigureAwait(false);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await registry.WaitForFirstRunsAsync(target.Interval, stoppingToken).ConfigureAwait(false);
        using var timer = new PeriodicTimer(target.Interval, time);
        try
        {
            do
                await WriteAsync(stoppingToken).ConfigureAwait(false);
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host is stopping, or the service was disposed.
        }
    }

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        try
        {
            await registry.WriteTextFileAsync(target.Path, new() { Timeout = target.Interval }, cancellationToken)
                .ConfigureAwait(false);
            if (_isFailing)
                log.TextFileWrittenAgain(target.Path);
            _isFailing = false;
        }
        catch (MetricsCollectionException)
        {
            // The registry has logged the cause.
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The host is stopping, or its shutdown timed out.
        }
        catch (Exception exception)
        {
            // Logged once, because a full disk would otherwise be logged at every interval.
            if (!_isFailing)
                log.TextFileNotWritten(exception, target.Path);
            _isFailing = true;
        }
    }
}

internal sealed record TextFileTarget(string Path, TimeSpan Interval);
