using System.Globalization;
using System.IO.Compression;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Orchestrator.Metrics.Exposition;
using Orchestrator.Metrics.Logging;

namespace Orchestrator.Metrics.AspNetCore;

/// <summary>Answers a scrape.</summary>
internal sealed partial class MetricsRequestHandler(
    OrchestratorMetricsRegistry registry, OrchestratorMetricsOptions options, ILogger logger)
{
    private const string AllowedMethods = "GET, HEAD";
    private const string RetryAfterSeconds = "1";

    private int _scrapes;

    public bool IsEnabled => options.EnableEndpoint == true;

    public static MetricsRequestHandler Create(IServiceProvider services, string path)
    {
        var registry = services.GetService<OrchestratorMetricsRegistry>() ?? throw new InvalidOperationException(
            "The metrics endpoint needs the registry. Call services.AddOrchestratorMetrics() first.");
        var logger = new SafeLogger(services.GetRequiredService<ILogger<OrchestratorMetricsRegistry>>());
        var handler = new MetricsRequestHandler(
            registry, services.GetRequiredService<IOptions<OrchestratorMetricsOptions>>().Value, logger);
        if (!handler.IsEnabled)
            LogOff(logger, path, OrchestratorMetricsOptions.EnableEndpointKey);
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
            context.Response.Headers.Allow = AllowedMethods;
            await FailAsync(context, StatusCodes.Status405MethodNotAllowed, $"Use {AllowedMethods}.");
            return;
        }

        try
        {
            if (Interlocked.Increment(ref _scrapes) > options.MaxConcurrentScrapes)
            {
                context.Response.Headers.RetryAfter = RetryAfterSeconds;
                await FailAsync(context, StatusCodes.Status503ServiceUnavailable, "Too many scrapes at once.");
                return;
            }

            await ScrapeAsync(context);
        }
        finally
        {
            Interlocked.Decrement(ref _scrapes);
        }
    }

    private async Task ScrapeAsync(HttpContext context)
    {
        MetricsSnapshot snapshot;
        try
        {
            snapshot = await registry.CollectAsync(
                new() { Names = RequestedNames(context.Request), Timeout = ScrapeTimeout(context.Request) },
                context.RequestAborted);
        }
        catch (MetricsCollectionException exception)
        {
            var status = exception.TimedOut
                ? StatusCodes.Status503ServiceUnavailable
                : StatusCodes.Status500InternalServerError;
            await FailAsync(context, status, exception.Summary + " The log of the application says why.");
            return;
        }
        catch (OperationCanceledException)
        {
            // For a middleware that takes the exception: what it ends so is no success without metrics.
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            throw;
        }
        catch (Exception exception)
        {
            LogFailed(logger, exception);
            await FailAsync(
                context, StatusCodes.Status500InternalServerError,
                "The scrape failed. The log of the application says why.");
            return;
        }

        await WriteAsync(context, snapshot);
    }

    private async Task WriteAsync(HttpContext context, MetricsSnapshot snapshot)
    {
        var (request, response) = (context.Request, context.Response);
        var format = ExpositionFormat.Negotiate(request.Headers.Accept);
        var gzip = options.Compression && AcceptsGzip(request);
        response.ContentType = format.ContentType;
        response.Headers.CacheControl = "no-store";
        response.Headers.Append(HeaderNames.Vary, HeaderNames.Accept);
        if (options.Compression)
            response.Headers.Append(HeaderNames.Vary, HeaderNames.AcceptEncoding);
        if (gzip)
            response.Headers.ContentEncoding = "gzip";
        if (HttpMethods.IsHead(request.Method))
            return;

        try
        {
            if (gzip)
                await WriteCompressedAsync(context, snapshot, format);
            else
                await ExpositionWriter.WriteAsync(snapshot, format, response.BodyWriter, context.RequestAborted);
        }
        catch (Exception)
        {
            // A middleware may take the exception, and then what was written so far would look complete.
            context.Abort();
            throw;
        }
    }

    private static async Task WriteCompressedAsync(
        HttpContext context, MetricsSnapshot snapshot, ExpositionFormat format)
    {
        await using var compressed = new GZipStream(context.Response.Body, CompressionLevel.Fastest, leaveOpen: true);
        await snapshot.WriteAsync(compressed, format, context.RequestAborted);
    }

    private static IReadOnlyCollection<string>? RequestedNames(HttpRequest request) =>
        request.Query.TryGetValue("name[]", out var names) ? [.. names.OfType<string>()] : null;

    /// <summary>How long Prometheus waits for the answer, less what the answer needs to get there.</summary>
    private TimeSpan? ScrapeTimeout(HttpRequest request)
    {
        if (!double.TryParse(
                request.Headers["X-Prometheus-Scrape-Timeout-Seconds"], NumberStyles.Float,
                CultureInfo.InvariantCulture, out var seconds)
            || !(seconds > 0 && seconds < OptionsRules.LongestTimeout.TotalSeconds))
            return null;
        return LessOffset(seconds, options.ScrapeTimeoutOffset);
    }

    /// <summary>The announced timeout less the offset, and never less than a tenth of it.</summary>
    internal static TimeSpan LessOffset(double seconds, TimeSpan offset) =>
        TimeSpan.FromSeconds(Math.Max(seconds - offset.TotalSeconds, seconds / 10));

    private static bool AcceptsGzip(HttpRequest request)
    {
        if (!StringWithQualityHeaderValue.TryParseList(request.Headers.AcceptEncoding, out var encodings))
            return false;
        var gzip = encodings.FirstOrDefault(
            encoding => encoding.Value.Equals("gzip", StringComparison.OrdinalIgnoreCase))
            ?? encodings.FirstOrDefault(encoding => encoding.Value == "*");
        return gzip is not null && gzip.Quality != 0;
    }

    [LoggerMessage(EventId = 21, Level = LogLevel.Error, Message = "A scrape failed.")]
    private static partial void LogFailed(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 20, Level = LogLevel.Information,
        Message = "The metrics endpoint is off, {Path} answers 404. Set {Setting} to true to turn it on.")]
    private static partial void LogOff(ILogger logger, string path, string setting);

    private static Task FailAsync(HttpContext context, int status, string message)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : context.Response.WriteAsync(message + "\n", context.RequestAborted);
    }
}
