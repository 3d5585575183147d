namespace Sample;

internal static class StartMessage
{
    // Before the start, the actual port is unknown if the configured port is 0.
    public static void PrintAddressesOnceStarted(this WebApplication app, bool isDemo) =>
        app.Lifetime.ApplicationStarted.Register(() =>
        {
            foreach (var address in app.Urls)
            {
                Console.WriteLine(FormatAddresses(GetReachableAddress(address)));
                if (isDemo)
                    Console.WriteLine(FormatCommands(GetReachableAddress(address)));
            }

            Console.WriteLine(isDemo
                ? "\nPress Ctrl+C to stop the sample and delete its database."
                : "\nPress Ctrl+C to stop the sample. The database of ConnectionStrings:Orchestrator stays unchanged.");
        });

    // A server that listens on all interfaces reports a wildcard address, which not every browser can open.
    private static string GetReachableAddress(string address) =>
        address.Replace("[::]", "localhost", StringComparison.Ordinal)
            .Replace("0.0.0.0", "localhost", StringComparison.Ordinal)
            .TrimEnd('/');

    private static string FormatAddresses(string address) =>
        $"\n  page     {address}/\n  metrics  {address}/api/metrics";

    private static string FormatCommands(string address) =>
        $"""
          status   curl {address}/api/engine/status
          pause    curl -X POST {address}/api/engine/pause
          resume   curl -X POST {address}/api/engine/resume
        """;
}
