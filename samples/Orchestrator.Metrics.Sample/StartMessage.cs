using Orchestrator.Metrics;

namespace Sample;

internal static class StartMessage
{
    /// <summary>
    /// Prints the addresses once the server has started, because port 0 has then been replaced with a real port.
    /// </summary>
    public static void PrintAddressesOnceStarted(this WebApplication app, bool isDemo) =>
        app.Lifetime.ApplicationStarted.Register(() =>
        {
            foreach (var address in app.Urls)
            {
                Console.WriteLine(FormatMetrics(ToReachable(address), MetricsAreOn(app.Configuration)));
                if (isDemo)
                    Console.WriteLine(FormatEngine(ToReachable(address)));
            }

            Console.WriteLine(isDemo
                ? "\nCtrl+C ends the sample and deletes its database."
                : "\nCtrl+C ends the sample. It only reads the database of ConnectionStrings:Orchestrator.");
        });

    private static bool MetricsAreOn(IConfiguration configuration) =>
        configuration.GetValue<bool>(MetricsEndpointOptions.EnableEndpointKey);

    /// <summary>Replaces the wildcard address of a server on all interfaces, which browsers cannot open.</summary>
    private static string ToReachable(string address) =>
        address.Replace("[::]", "localhost", StringComparison.Ordinal)
            .Replace("0.0.0.0", "localhost", StringComparison.Ordinal)
            .TrimEnd('/');

    private static string FormatMetrics(string address, bool metricsAreOn) => metricsAreOn
        ? $"\n  page     {address}/\n  metrics  {address}/api/metrics"
        : $"\n  page     {address}/\n  metrics  off, because {MetricsEndpointOptions.EnableEndpointKey} is not true";

    private static string FormatEngine(string address) =>
        $"""
          status   curl {address}/api/engine/status
          pause    curl -X POST {address}/api/engine/pause
          resume   curl -X POST {address}/api/engine/resume
        """;
}
