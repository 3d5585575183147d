namespace Orchestrator.Metrics.Exporter;

/// <summary>Writes responses that consist of one line of text.</summary>
internal static class PlainText
{
    /// <summary>Writes a response that no cache may store.</summary>
    public static Task WriteAsync(HttpContext context, int status, string line)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(line + "\n", context.RequestAborted);
    }
}
