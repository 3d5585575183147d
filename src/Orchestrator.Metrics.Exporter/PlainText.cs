namespace Orchestrator.Metrics.Exporter;

internal static class PlainText
{
    public static Task WriteAsync(HttpContext context, int status, string line)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(line + "\n", context.RequestAborted);
    }
}
