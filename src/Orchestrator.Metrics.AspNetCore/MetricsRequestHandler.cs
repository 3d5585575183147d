using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Orchestrator.Metrics.AspNetCore;

internal sealed partial class MetricsRequestHandler(
    OrchestratorMetricsRegistry registry, MetricsEndpointOptions options, MetricsResponseWriter writer,
    ILogger logger, CancellationToken stopping)
{
    private const double MaxTimeoutSeconds = 24 * 60 * 60;

    private int _scrapes;

    public bool IsEnabled => options.EnableEndpoint == true;

    public static MetricsRequestHandler Create(
        IServiceProvider services, string path, Action<MetricsEndpointOptions>? configure)
    {
        var registry = services.GetService<OrchestratorMetricsRegistry>() ?? throw new InvalidOperationException(
            "The metrics endpoint needs the registry. Call services.AddOrchestratorMetrics() first.");
        var options = MetricsEndpointOptionsFactory.Create(services, configure);
        var logger = services.GetRequiredService<ILogger<OrchestratorMetricsRegistry>>();
        var handler = new MetricsRequestHandler(
            registry,
            options,
            new MetricsResponseWriter(options, services.GetService<TimeProvider>() ?? TimeProvider.System, logger),
            logger,
            services.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? CancellationToken.None);
        if (!handler.IsEnabled)
            LogOff(logger, path, MetricsEndpointOptions.EnableEndpointKey);
        return handler;
    }

    public async Task HandleAsync(HttpContext context)
    {
        if (!IsEnabled)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            context.Response.Headers.Allow = "GET, HEAD";
            await FailAsync(context, StatusCodes.Status405MethodNotAllowed, "Use GET or HEAD.");
            return;
        }

        try
        {
            if (Interlocked.Increment(ref _scrapes) > options.MaxConcurrentScrapes)
            {
                context.Response.Headers.RetryAfter = "1";
                await FailAsync(context, StatusCodes.Status503ServiceUnavailable, "Too many concurrent scrapes.");
                return;
            }

            using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
            if (await CollectAsync(context, ending.Token) is { } snapshot)
                await writer.WriteAsync(context, snapshot, ending.Token);
        }
        finally
        {
            Interlocked.Decrement(ref _scrapes);
        }
    }

    /// <summary>Returns the snapshot, or null if the collection failed and the response reports the failure.</summary>
    private async Task<MetricsSnapshot?> CollectAsync(HttpContext context, CancellationToken cancellationToken)
    {
        try
        {
            var request = new ScrapeRequest
            {
                Names = ReadRequestedNames(context.Request),
                Timeout = ReadScrapeTimeout(context.Request),
                Predicate = options.Predicate,
            };
            return await registry.CollectAsync(request, cancellationToken);
        }
        catch (MetricsCollectionException exception)
        {
            var status = exception.TimedOut
                ? StatusCodes.Status503ServiceUnavailable
                : StatusCodes.Status500InternalServerError;
            await FailAsync(context, status, Describe(exception) + " See the application log for the cause.");
        }
        catch (OperationCanceledException)
            when (stopping.IsCancellationRequested && !context.RequestAborted.IsCancellationRequested)
        {
            await FailAsync(context, StatusCodes.Status503ServiceUnavailable, "The application is shutting down.");
        }
        catch (OperationCanceledException)
        {
            // Middleware may catch the exception. A response without metrics must not report success.
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            throw;
        }
        catch (Exception exception)
        {
            LogFailed(logger, exception);
            await FailAsync(
                context, StatusCodes.Status500InternalServerError,
                "The scrape failed. See the application log for the cause.");
        }

        return null;
    }

    private static IReadOnlyCollection<string>? ReadRequestedNames(HttpRequest request) =>
        request.Query.TryGetValue("name[]", out var names) ? [.. names.OfType<string>()] : null;

    private TimeSpan? ReadScrapeTimeout(HttpRequest request) =>
        double.TryParse(
            request.Headers["X-Prometheus-Scrape-Timeout-Seconds"], NumberStyles.Float, CultureInfo.InvariantCulture,
            out var seconds)
        && seconds is > 0 and < MaxTimeoutSeconds
            ? SubtractOffset(seconds, options.ScrapeTimeoutOffset)
            : null;

    internal static TimeSpan SubtractOffset(double seconds, TimeSpan offset) =>
        TimeSpan.FromSeconds(Math.Max(seconds - offset.TotalSeconds, seconds / 10));

    private static string Describe(MetricsCollectionException exception) =>
        $"{(exception.FailedCollectors.Count == 1 ? "This collector" : "These collectors")} " +
        $"{(exception.TimedOut ? "did not finish in time" : "failed")}: " +
        $"{string.Join(", ", exception.FailedCollectors)}.";

    private static Task FailAsync(HttpContext context, int status, string message)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : context.Response.WriteAsync(message + "\n", context.RequestAborted);
    }

    // All log messages of this assembly are in one class, because builds must be reproducible and the generator writes
    // several classes in varying order (https://github.com/dotnet/runtime/issues/119587).
    [LoggerMessage(EventId = 22, Level = LogLevel.Information,
        Message = "A client did not receive the response within {Seconds} s (WriteTimeout), so the connection was " +
            "aborted.")]
    internal static partial void LogWriteTimeout(ILogger logger, double seconds);

    [LoggerMessage(EventId = 21, Level = LogLevel.Error, Message = "A scrape failed.")]
    private static partial void LogFailed(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 20, Level = LogLevel.Information,
        Message = "The metrics endpoint is off, so {Path} returns 404. Set {Setting} to true to turn it on.")]
    private static partial void LogOff(ILogger logger, string path, string setting);
}
