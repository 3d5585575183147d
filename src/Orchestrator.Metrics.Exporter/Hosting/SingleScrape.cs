using Orchestrator.Metrics.Exporter.Configuration;

namespace Orchestrator.Metrics.Exporter.Hosting;

/// <summary>The mode <c>--once</c>: prints the metrics of a single scrape.</summary>
internal static class SingleScrape
{
    /// <summary>Writes the metrics in the text format of Prometheus. The registry logs failures.</summary>
    /// <returns>Whether all collectors succeeded.</returns>
    /// <exception cref="ConfigurationException">The configuration is invalid.</exception>
    public static async Task<bool> RunAsync(ConfigurationLoader loader, Stream output)
    {
        var options = loader.Load();
        options.Mode = RunMode.Once;
        var log = new LogSettings(options);
        using var loggers = log.CreateLoggerFactory();
        await using var host = MetricsHost.Create(options, loggers);
        log.Update(options, host);
        try
        {
            await host.Registry.WriteAsync(output, ExpositionFormat.PrometheusText);
            return host.Registry.GetCollectorStatuses().All(status => status.Error is null);
        }
        catch (MetricsCollectionException)
        {
            // Prints nothing, because a scrape would return status 500.
            return false;
        }
    }
}
