using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using Orchestrator.Metrics.Exporter.Web;

namespace Orchestrator.Metrics.Exporter.Hosting;

/// <summary>
/// The page at the root path: links, the version, and the status of the collectors. Contains neither error messages nor
/// settings, because these may be confidential. All other paths get 404.
/// </summary>
internal sealed class LandingPage(OrchestratorMetricsRegistry registry, IReadOnlyList<string> telemetryPaths)
{
    private const string Style =
        "body{font-family:sans-serif;margin:2em;max-width:50em}td,th{text-align:left;padding:.2em 1.5em .2em 0}";

    public Task HandleAsync(HttpContext context)
    {
        if (context.Request.Path != "/")
            return PlainText.WriteAsync(
                context, StatusCodes.Status404NotFound, $"Not found. The metrics are at {telemetryPaths[0]}.");
        var response = context.Response;
        response.ContentType = "text/html; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'";
        return response.WriteAsync(Render(), context.RequestAborted);
    }

    private string Render()
    {
        var html = new StringBuilder();
        html.Append(CultureInfo.InvariantCulture,
            $"""
            <!DOCTYPE html>
            <html lang="en">
            <head><meta charset="utf-8"><title>Orchestrator metrics exporter</title><style>{Style}</style></head>
            <body>
            <h1>Orchestrator metrics exporter</h1>
            <p>Version {Encode(Product.Version)}</p>
            <ul>

            """);
        foreach (var path in telemetryPaths)
            AppendLink(html, path, "metrics");
        AppendLink(html, HealthEndpoints.HealthyPath, "whether the process runs");
        AppendLink(html, HealthEndpoints.ReadyPath, "whether the exporter has collected for the first time");
        html.Append("</ul>\n<h2>Collectors</h2>\n<table>\n" +
            "<tr><th>name</th><th>status</th><th>age of the data</th></tr>\n");
        foreach (var status in registry.GetCollectorStatuses())
            html.Append(CultureInfo.InvariantCulture,
                $"<tr><td>{Encode(status.Collector.Name)}</td><td>{Describe(status)}</td>" +
                $"<td>{FormatAge(status)}</td></tr>\n");
        return html.Append("</table>\n</body>\n</html>\n").ToString();
    }

    private static void AppendLink(StringBuilder html, string path, string description) => html.Append(
        CultureInfo.InvariantCulture, $"<li><a href=\"{Encode(path)}\">{Encode(path)}</a>: {description}</li>\n");

    private static string Describe(CollectorStatus status) =>
        !status.WasScraped ? "not scraped yet" : status.Error is null ? "succeeded" : "failed, see the log";

    private static string FormatAge(CollectorStatus status) => status.DataAge is { } age
        ? string.Create(CultureInfo.InvariantCulture, $"{age.TotalSeconds:0} s")
        : "–";

    private static string Encode(string text) => HtmlEncoder.Default.Encode(text);
}
