namespace Orchestrator.Metrics.Tests;

/// <summary>The checks of Prometheus.</summary>
internal static class Promtool
{
    /// <summary>Returns the findings of <c>promtool check metrics</c> in an exposition, one per line.</summary>
    public static async Task<string[]> CheckMetricsAsync(string exposition) =>
        (await RunAsync(["check", "metrics"], exposition)).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Runs promtool to completion, and returns the exit code and the output.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(IEnumerable<string> arguments, string input = "")
    {
        var command = await Command.RunAsync(Requirements.Program("promtool", "prometheus"), arguments, input);
        return (command.ExitCode, command.Output + command.Errors);
    }
}
