namespace Orchestrator.Metrics.Exporter;

/// <summary>Responses with a line of text.</summary>
internal static class PlainText
{
    /// <summary>Answers a request. No cache may store the response.</summary>
    public static Task AnswerAsync(HttpContext context, int status, string line)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(line + "\n", context.RequestAborted);
    }
}
