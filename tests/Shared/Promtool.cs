namespace Orchestrator.Metrics.Tests;

/// <summary>Runs promtool, which checks files and expositions for Prometheus.</summary>
internal static class Promtool
{
    /// <summary>Returns the lines that <c>promtool check metrics</c> prints for an exposition.</summary>
    public static async Task<string[]> CheckMetricsAsync(string exposition) =>
        (await RunAsync(["check", "metrics"], exposition)).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Runs promtool to completion. Returns its exit code, and its output followed by its errors.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(IEnumerable<string> arguments, string input = "")
    {
        var command = await Command.RunAsync(Requirements.FindProgram("promtool", "prometheus"), arguments, input);
        return (command.ExitCode, command.Output + command.Errors);
    }
}
