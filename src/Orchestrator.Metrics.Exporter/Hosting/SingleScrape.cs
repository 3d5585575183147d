using Orchestrator.Metrics.Exporter.Configuration;

namespace Orchestrator.Metrics.Exporter.Hosting;

internal static class SingleScrape
{
    /// <summary>Prints the metrics once, for the flag <c>--once</c>. The registry logs failures.</summary>
    /// <returns>Whether all collectors succeeded.</returns>
    public static async Task<bool> RunAsync(ConfigurationLoader loader)
    {
        var options = loader.Load();
        options.Mode = RunMode.Once;
        var log = new LogSettings(options);
        using var loggers = log.CreateLoggerFactory();
        await using var host = MetricsHost.Create(options, loggers);
        log.Update(options, host);

        // Writes bytes, because a TextWriter could use another encoding.
        await using var output = Console.OpenStandardOutput();
        try
        {
            await host.Registry.WriteAsync(output, ExpositionFormat.PrometheusText);
            return host.Registry.GetCollectorStatuses().All(status => status.Error is null);
        }
        catch (MetricsCollectionException)
        {
            // Prints nothing, because a scrape would fail too.
            return false;
        }
    }
}
