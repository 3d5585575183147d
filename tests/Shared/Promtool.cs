namespace Orchestrator.Metrics.Tests;

/// <summary>Prometheus's own checks.</summary>
internal static class Promtool
{
    /// <summary>The lines in which <c>promtool check metrics</c> remarks on an exposition.</summary>
    public static async Task<string[]> CheckMetricsAsync(string exposition) =>
        (await RunAsync(["check", "metrics"], exposition)).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Runs it to its end and returns the exit code and all that it printed.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(IEnumerable<string> arguments, string input = "")
    {
        var command = await Command.RunAsync(Requirements.Program("promtool", "prometheus"), arguments, input);
        return (command.ExitCode, command.Output + command.Errors);
    }
}
