namespace Orchestrator.Metrics.Exporter.Web;

// The paths are those of Prometheus.
internal static class HealthEndpoints
{
    public const string HealthyPath = "/-/healthy";
    public const string ReadyPath = "/-/ready";

    public static bool IsHealthPath(HttpRequest request) => request.Path.Value is HealthyPath or ReadyPath;

    /// <returns>Null if the path is not that of a health endpoint.</returns>
    public static Task? TryHandle(HttpContext context, bool isReady) => context.Request.Path.Value switch
    {
        HealthyPath => PlainText.WriteAsync(context, StatusCodes.Status200OK, "The exporter is healthy."),
        ReadyPath when isReady => PlainText.WriteAsync(context, StatusCodes.Status200OK, "The exporter is ready."),
        ReadyPath => PlainText.WriteAsync(
            context, StatusCodes.Status503ServiceUnavailable, "The exporter is collecting for the first time."),
        _ => null,
    };

    public static Task RejectWhileStoppingAsync(HttpContext context) =>
        PlainText.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "The exporter is stopping.");
}
