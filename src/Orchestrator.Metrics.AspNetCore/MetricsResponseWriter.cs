using System.IO.Compression;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;

namespace Orchestrator.Metrics.AspNetCore;

internal sealed class MetricsResponseWriter(MetricsEndpointOptions options, TimeProvider time, ILogger logger)
{
    // If writing fails, is cancelled or times out, aborts the connection, because an incomplete response must not look
    // complete.
    public async Task WriteAsync(HttpContext context, MetricsSnapshot snapshot, CancellationToken cancellationToken)
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

        using var timeout = new CancellationTokenSource(options.WriteTimeout, time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);

        // The catch block does not suffice: the end of a gzip stream is written without a token.
        using var abort = ending.Token.Register(context.Abort);
        try
        {
            if (gzip)
                await WriteCompressedAsync(response, snapshot, format, ending.Token);
            else
                await snapshot.WriteAsync(response.BodyWriter, format, ending.Token);

            // Kestrel completes a cancelled flush without an exception, and discards all further data.
            ending.Token.ThrowIfCancellationRequested();
        }
        catch (Exception)
        {
            context.Abort();
            if (timeout.IsCancellationRequested)
                MetricsRequestHandler.LogWriteTimeout(logger, options.WriteTimeout.TotalSeconds);
            throw;
        }
    }

    private static async Task WriteCompressedAsync(
        HttpResponse response, MetricsSnapshot snapshot, ExpositionFormat format, CancellationToken cancellationToken)
    {
        await using var compressed = new GZipStream(response.Body, CompressionLevel.Fastest, leaveOpen: true);
        await snapshot.WriteAsync(compressed, format, cancellationToken);
    }

    private static bool AcceptsGzip(HttpRequest request)
    {
        if (!StringWithQualityHeaderValue.TryParseList(request.Headers.AcceptEncoding, out var encodings))
            return false;
        var gzip = encodings.FirstOrDefault(
            encoding => encoding.Value.Equals("gzip", StringComparison.OrdinalIgnoreCase))
            ?? encodings.FirstOrDefault(encoding => encoding.Value == "*");
        return gzip is not null && gzip.Quality != 0;
    }
}
