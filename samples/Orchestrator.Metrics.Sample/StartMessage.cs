using Microsoft.Extensions.Options;
using Orchestrator.Metrics;

namespace Sample;

internal static class StartMessage
{
    /// <summary>Tells what to open, once the server knows its addresses: port 0 becomes a real one only then.</summary>
    public static void PrintAddressesOnceStarted(this WebApplication app) =>
        app.Lifetime.ApplicationStarted.Register(() =>
        {
            foreach (var address in app.Urls)
                Console.WriteLine(Text(Reachable(address), MetricsAreOn(app.Services)));
            Console.WriteLine("Ctrl+C ends the sample and deletes its database.");
        });

    private static bool MetricsAreOn(IServiceProvider services) =>
        services.GetRequiredService<IOptions<OrchestratorMetricsOptions>>().Value.EnableEndpoint == true;

    /// <summary>A server on all interfaces has an address that no browser can open.</summary>
    private static string Reachable(string address) =>
        address.Replace("[::]", "localhost", StringComparison.Ordinal)
            .Replace("0.0.0.0", "localhost", StringComparison.Ordinal)
            .TrimEnd('/');

    private static string Text(string address, bool metricsAreOn)
    {
        var metrics = metricsAreOn
            ? $"{address}/api/metrics"
            : $"off, as {OrchestratorMetricsOptions.EnableEndpointKey} is not true";
        return $"""

              metrics  {metrics}
              status   curl {address}/api/engine/status
              pause    curl -X POST {address}/api/engine/pause
              resume   curl -X POST {address}/api/engine/resume

            """;
    }
}
