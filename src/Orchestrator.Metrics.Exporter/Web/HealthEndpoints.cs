namespace Orchestrator.Metrics.Exporter.Web;

/// <summary>
/// The endpoints for health checks of containers and service managers, at the same paths as in Prometheus.
/// </summary>
internal static class HealthEndpoints
{
    public const string HealthyPath = "/-/healthy";
    public const string ReadyPath = "/-/ready";

    /// <summary>Returns whether a request is for one of these endpoints.</summary>
    public static bool IsHealthPath(HttpRequest request) => request.Path.Value is HealthyPath or ReadyPath;

    /// <summary>Handles a request for one of these endpoints.</summary>
    /// <returns>Null for all other paths.</returns>
    public static Task? TryHandle(HttpContext context, bool isReady) => context.Request.Path.Value switch
    {
        HealthyPath => PlainText.WriteAsync(context, StatusCodes.Status200OK, "The exporter is healthy."),
        ReadyPath when isReady => PlainText.WriteAsync(context, StatusCodes.Status200OK, "The exporter is ready."),
        ReadyPath => PlainText.WriteAsync(
            context, StatusCodes.Status503ServiceUnavailable, "The exporter is collecting for the first time."),
        _ => null,
    };

    /// <summary>Rejects any request while the program stops.</summary>
    public static Task RejectStoppingAsync(HttpContext context) =>
        PlainText.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "The exporter is stopping.");
}
