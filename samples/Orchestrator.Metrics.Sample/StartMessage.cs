using Orchestrator.Metrics;

namespace Sample;

internal static class StartMessage
{
    /// <summary>Tells what to open, once the server knows its addresses: port 0 becomes a real one only then.</summary>
    public static void PrintAddressesOnceStarted(this WebApplication app, bool isDemo) =>
        app.Lifetime.ApplicationStarted.Register(() =>
        {
            foreach (var address in app.Urls)
            {
                Console.WriteLine(MetricsText(Reachable(address), MetricsAreOn(app.Configuration)));
                if (isDemo)
                    Console.WriteLine(EngineText(Reachable(address)));
            }

            Console.WriteLine(isDemo
                ? "\nCtrl+C ends the sample and deletes its database."
                : "\nCtrl+C ends the sample. It only reads the database of ConnectionStrings:Orchestrator.");
        });

    private static bool MetricsAreOn(IConfiguration configuration) =>
        configuration.GetValue<bool>(MetricsEndpointOptions.EnableEndpointKey);

    /// <summary>A server on all interfaces has an address that no browser can open.</summary>
    private static string Reachable(string address) =>
        address.Replace("[::]", "localhost", StringComparison.Ordinal)
            .Replace("0.0.0.0", "localhost", StringComparison.Ordinal)
            .TrimEnd('/');

    private static string MetricsText(string address, bool metricsAreOn) => metricsAreOn
        ? $"\n  page     {address}/\n  metrics  {address}/api/metrics"
        : $"\n  page     {address}/\n  metrics  off, as {MetricsEndpointOptions.EnableEndpointKey} is not true";

    private static string EngineText(string address) =>
        $"""
          status   curl {address}/api/engine/status
          pause    curl -X POST {address}/api/engine/pause
          resume   curl -X POST {address}/api/engine/resume
        """;
}
