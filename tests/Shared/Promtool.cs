namespace Orchestrator.Metrics.Tests;

internal static class Promtool
{
    public static async Task<string[]> CheckMetricsAsync(string exposition) =>
        (await RunAsync(["check", "metrics"], exposition)).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Returns the output followed by the errors.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(IEnumerable<string> arguments, string input = "")
    {
        var command = await Command.RunAsync(Requirements.FindProgram("promtool", "prometheus"), arguments, input);
        return (command.ExitCode, command.Output + command.Errors);
    }
}
