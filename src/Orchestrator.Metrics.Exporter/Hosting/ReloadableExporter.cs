using System.Threading.Channels;
using Orchestrator.Metrics.Exporter.Configuration;
using Orchestrator.Metrics.Exporter.Web;

namespace Orchestrator.Metrics.Exporter.Hosting;

/// <summary>
/// Handles requests with the current configuration, and reloads it on demand. The previous collectors serve requests
/// until the new ones have collected once, whether or not that succeeded. Thread-safe.
/// </summary>
internal sealed partial class ReloadableExporter(
    ConfigurationLoader loader, ExporterOptions options, MetricsHost host, LogSettings log, ILoggerFactory loggers)
    : BackgroundService, IAsyncDisposable
{
    private readonly ILogger _logger = loggers.CreateLogger<ReloadableExporter>();

    // A pending reload reads the newest file, so a second one would change nothing.
    private readonly Channel<bool> _requests = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private volatile MetricsHost _host = host;
    private volatile bool _isReady;

    public void RequestReload() => _requests.Writer.TryWrite(true);

    public Task HandleAsync(HttpContext context) =>
        HealthEndpoints.TryHandle(context, _isReady)
        ?? _host.TryHandle(context)
        ?? _host.TryHandle(context) // A reload has replaced the first host between two reads of the field.
        ?? HealthEndpoints.RejectWhileStoppingAsync(context);

    /// <summary>Ends scrapes in flight and a running reload when the program begins to stop.</summary>
    public void BeginStop()
    {
        // Dispose does no more than cancel ExecuteAsync, which would otherwise run until the web server has stopped.
        Dispose();
        _host.BeginStop();
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await _host.StopAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        // If the web server failed to start, the first collection may still be running.
        Dispose();
        if (ExecuteTask is { } running)
            await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _host.DisposeAsync();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await CollectFirstAsync(stoppingToken);
            _isReady = true;
            await foreach (var _ in _requests.Reader.ReadAllAsync(stoppingToken))
            {
                if (await ReloadAsync(stoppingToken) is { } previous)
                    await RetireAsync(previous, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program stops, or the web server did not start.
        }
        finally
        {
            // BeginStop may have found the host that a reload has just replaced.
            _host.BeginStop();
        }
    }

    private async Task CollectFirstAsync(CancellationToken stoppingToken)
    {
        try
        {
            await _host.StartServicesAsync();
            await _host.CollectOnceAsync(stoppingToken);
        }
        catch (Exception exception) when (!IsStop(exception, stoppingToken))
        {
            // A failed first collection must not end the program: the next scrape tries again.
            LogNotCollected(exception);
        }
    }

    /// <summary>Returns the host that was replaced, or null if the configuration was not reloaded.</summary>
    private async Task<MetricsHost?> ReloadAsync(CancellationToken stoppingToken)
    {
        MetricsHost? next = null;
        try
        {
            var loaded = loader.Load();
            next = MetricsHost.Create(loaded, loggers);

            // Updated before the collection, because the log explains failures of collectors with these options.
            log.Update(loaded, next);
            await next.CollectOnceAsync(stoppingToken);
            var changes = loaded.UntilRestart.Except(options.UntilRestart)
                .Concat(options.UntilRestart.Except(loaded.UntilRestart));
            foreach (var path in changes.Select(setting => setting.Key).Distinct())
                LogNeedsRestart(path);
            (var previous, _host, next) = (_host, next, null);
            LogReloaded();
            return previous;
        }
        catch (ConfigurationException exception)
        {
            MarkReloadFailed();
            foreach (var error in exception.Errors)
                LogInvalid(error);
        }
        catch (Exception exception) when (!IsStop(exception, stoppingToken))
        {
            MarkReloadFailed();
            LogFailed(exception);
        }
        finally
        {
            if (next is not null)
                await DisposeAsync(next);
        }

        return null;
    }

    private void MarkReloadFailed() => _host.Services.GetService<ReloadStatus>()?.MarkFailed();

    /// <summary>
    /// Stops the text file writer of the previous host, starts the services of the new host, and disposes the previous
    /// host after its scrapes.
    /// </summary>
    private async Task RetireAsync(MetricsHost previous, CancellationToken stoppingToken)
    {
        try
        {
            await using (previous)
            {
                try
                {
                    await previous.StopTextFileAsync(stoppingToken);
                }
                finally
                {
                    await StartServicesAsync();
                }

                await previous.DrainAsync(stoppingToken);
            }
        }
        catch (Exception exception)
        {
            LogNotStopped(exception);
        }
    }

    private async Task StartServicesAsync()
    {
        try
        {
            await _host.StartServicesAsync();
        }
        catch (Exception exception)
        {
            // The folder of the text file may have been deleted after the configuration was checked.
            LogNotStarted(exception);
        }
    }

    private async Task DisposeAsync(MetricsHost unused)
    {
        try
        {
            await unused.DisposeAsync();
        }
        catch (Exception exception)
        {
            LogNotStopped(exception);
        }
    }

    // Another cancellation, such as a timeout of a driver, must not end the program.
    private static bool IsStop(Exception exception, CancellationToken stoppingToken) =>
        exception is OperationCanceledException && stoppingToken.IsCancellationRequested;

    [LoggerMessage(Level = LogLevel.Error, Message = "The first collection failed. The next scrape tries again.")]
    private partial void LogNotCollected(Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "The configuration was reloaded.")]
    private partial void LogReloaded();

    [LoggerMessage(Level = LogLevel.Error,
        Message = "The configuration was not reloaded, and the previous one stays in use. {Error}")]
    private partial void LogInvalid(string error);

    [LoggerMessage(Level = LogLevel.Error,
        Message = "The configuration was not reloaded, and the previous one stays in use.")]
    private partial void LogFailed(Exception exception);

    [LoggerMessage(Level = LogLevel.Error,
        Message = "The services of a configuration that is not in use could not be stopped cleanly.")]
    private partial void LogNotStopped(Exception exception);

    [LoggerMessage(Level = LogLevel.Error,
        Message = "The configuration was reloaded, but its services could not be started. The text file is not " +
            "written.")]
    private partial void LogNotStarted(Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Setting} has changed. Restart the exporter to apply it.")]
    private partial void LogNeedsRestart(string setting);
}
